using System.Globalization;

namespace Fhir.Server.Storage;

/// <summary>Moments as whole microseconds since 1970 UTC: how the store counts time, and how it writes a FHIR instant.</summary>
public static class Microseconds
{
    private const long TicksEach = TimeSpan.TicksPerMicrosecond;

    /// <summary>The microsecond a moment lies in.</summary>
    public static long Of(DateTimeOffset moment) => (moment.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TicksEach;

    /// <summary>The moment at the beginning of a microsecond.</summary>
    public static DateTimeOffset ToTime(long microseconds) => DateTimeOffset.UnixEpoch.AddTicks(microseconds * TicksEach);

    /// <summary>As <c>2026-02-03T09:30:00.000000Z</c>: always as many digits (https://hl7.org/fhir/R4/datatypes.html#instant).</summary>
    public static string ToInstant(long microseconds) =>
        ToTime(microseconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
