using System.Globalization;
using System.Security.Cryptography;

namespace Fhir.Server.Access;

/// <summary>A key pair that signs, RSA of 2048 bits.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Key">The pair.</param>
public sealed record SigningKey(string Id, RSA Key);

/// <summary>
/// The keys id tokens are signed with, as files among the store's keys: made at the first start, and again when the newest has served
/// its time. Older ones stay for as long again, so that what they signed can still be verified.
/// </summary>
public static class SigningKeyFiles
{
    private const int Bits = 2048;
    private const string Format = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>The keys that are published; the first of them signs.</summary>
    public static IReadOnlyList<SigningKey> ReadOrCreate(string keyFolder, TimeSpan lifetime, DateTimeOffset now)
    {
        var folder = Path.Combine(keyFolder, "signing");
        var dated = KeyFile.In(folder).Select(path => (Path: path, Made: DateOf(path))).Where(one => one.Made is not null).ToList();
        if (dated.Count == 0 || dated[0].Made < now - lifetime)
        {
            var path = Path.Combine(folder, now.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture) + ".pem");
            KeyFile.ReadOrCreateText(path, Make);
            dated.Insert(0, (path, now));
        }
        return [.. dated.Where((one, at) => at == 0 || one.Made > now - (2 * lifetime)).Select(one => Read(one.Path))];
    }

    private static string Make()
    {
        using var key = RSA.Create(Bits);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static SigningKey Read(string path)
    {
        var key = RSA.Create();
        key.ImportFromPem(KeyFile.ReadOrCreateText(path, Make));
        return new SigningKey(Path.GetFileNameWithoutExtension(path), key);
    }

    private static DateTimeOffset? DateOf(string path) => DateTimeOffset.TryParseExact(
        Path.GetFileNameWithoutExtension(path), Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) ? made : null;
}
