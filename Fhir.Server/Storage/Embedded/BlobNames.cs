using System.Globalization;
using System.Security.Cryptography;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Makes names of blobs and reads the minute in them.</summary>
internal static class BlobNames
{
    private const string Minute = "yyyyMMdd/HHmm";

    /// <summary>A name nobody can guess.</summary>
    public static BlobName New(DateTimeOffset now) =>
        new($"{now.UtcDateTime.ToString(Minute, CultureInfo.InvariantCulture)}/{RandomNumberGenerator.GetHexString(32, lowercase: true)}");

    /// <summary>Whether a folder is named for a day.</summary>
    public static bool IsDay(string day) => TryReadMinute(day, "0000", out _);

    /// <summary>The minute of two folders; false when they are not named as this store names them.</summary>
    public static bool TryReadMinute(string day, string minute, out DateTimeOffset began) =>
        DateTimeOffset.TryParseExact(
            $"{day}/{minute}", Minute, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out began);
}
