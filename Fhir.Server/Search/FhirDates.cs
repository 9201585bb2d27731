using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Dates of every precision as [From, Until) in microseconds since 1970 UTC. See https://hl7.org/fhir/R4/datatypes.html#dateTime</summary>
public static partial class FhirDates
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long Day = 24 * 60 * Minute;

    /// <summary>
    /// Reads a date, dateTime, instant or a part of one, from the year to the fraction of a second. What is finer than a microsecond is cut off.
    /// Seconds may be left out, as searches may (https://hl7.org/fhir/R4/search.html#date); :60 is the first second of the next minute.
    /// </summary>
    /// <param name="text">As FHIR writes it.</param>
    /// <param name="zone">The offset of a value written without one; null = UTC.</param>
    /// <param name="from">The first microsecond.</param>
    /// <param name="until">The first microsecond behind.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, TimeSpan? zone, out long from, out long until)
    {
        from = until = 0;
        var match = text is null || text.Length > 64 ? Match.Empty : Pattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        int year = Number(match, "year"), month = Number(match, "month"), day = Number(match, "day");
        if (year < 1 || (match.Groups["month"].Success && month is < 1 or > 12)
            || (match.Groups["day"].Success && (day < 1 || day > DateTime.DaysInMonth(year, month))))
        {
            return false;
        }

        if (!TryOffset(match, zone, out var offset))
        {
            return false;
        }

        if (!match.Groups["hour"].Success)
        {
            (from, until) = (match.Groups["month"].Success, match.Groups["day"].Success) switch
            {
                (false, _) => (Days(year, 1, 1), Days(year + 1, 1, 1)),
                (true, false) => (Days(year, month, 1), month == 12 ? Days(year + 1, 1, 1) : Days(year, month + 1, 1)),
                _ => (Days(year, month, day), Days(year, month, day) + 1),
            };
            (from, until) = ((from * Day) - offset, (until * Day) - offset);
            return true;
        }

        int hour = Number(match, "hour"), minute = Number(match, "minute"), second = Number(match, "second");
        if (hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        var (fraction, width) = Fraction(match);
        from = (Days(year, month, day) * Day) + (((hour * 60) + minute) * Minute) + (second * Second) + fraction - offset;
        until = from + (match.Groups["second"].Success ? width : Minute);
        return true;
    }

    /// <summary>
    /// Reads an element: date, dateTime, instant, Period (a missing end is open) or Timing (from the first to the last it names).
    /// False when it says no time, or a Period ends before it starts.
    /// </summary>
    public static bool TryRead(Base? element, TimeSpan? zone, out long from, out long until)
    {
        switch (element)
        {
            case Period period:
                return TryRead(period, zone, out from, out until);
            case Timing timing:
                return TryRead(timing, zone, out from, out until);
            case Date or FhirDateTime or Instant:
                return TryParse(IndexRows.Text((PrimitiveType)element), zone, out from, out until);
            default:
                from = until = 0;
                return false;
        }
    }

    private static bool TryRead(Period period, TimeSpan? zone, out long from, out long until)
    {
        var starts = TryParse(period.Start, zone, out from, out _);
        var ends = TryParse(period.End, zone, out _, out until);
        from = starts ? from : long.MinValue;
        until = ends ? until : long.MaxValue;
        return (starts || ends) && from < until;
    }

    private static bool TryRead(Timing timing, TimeSpan? zone, out long from, out long until)
    {
        (from, until) = (long.MaxValue, long.MinValue);
        foreach (var moment in timing.Event)
        {
            if (TryParse(moment, zone, out var first, out var behind))
            {
                (from, until) = (Math.Min(from, first), Math.Max(until, behind));
            }
        }

        if (timing.Repeat?.Bounds is Period bounds && TryRead(bounds, zone, out var start, out var end))
        {
            (from, until) = (Math.Min(from, start), Math.Max(until, end));
        }

        return from < until;
    }

    private static bool TryOffset(Match match, TimeSpan? zone, out long offset)
    {
        offset = (zone ?? TimeSpan.Zero).Ticks / TimeSpan.TicksPerMicrosecond;
        var written = match.Groups["zone"];
        if (!written.Success)
        {
            return true;
        }

        if (written.Value == "Z")
        {
            offset = 0;
            return true;
        }

        int hours = Number(match, "zh"), minutes = Number(match, "zm");
        offset = ((hours * 60) + minutes) * Minute * (written.Value[0] == '-' ? -1 : 1);
        return minutes < 60 && (hours * 60) + minutes <= 14 * 60;
    }

    private static (long Value, long Width) Fraction(Match match)
    {
        var digits = match.Groups["fraction"].Value;
        digits = digits.Length > 6 ? digits[..6] : digits;
        var width = Second;
        long value = 0;
        foreach (var digit in digits)
        {
            width /= 10;
            value += (digit - '0') * width;
        }

        return (value, width);
    }

    private static int Number(Match match, string group)
    {
        var number = 0;
        foreach (var digit in match.Groups[group].ValueSpan)
        {
            number = (number * 10) + (digit - '0');
        }

        return number;
    }

    /// <summary>Days since 1970 in the Gregorian calendar; year 10000 is allowed, which <see cref="DateTime"/> does not have.</summary>
    private static long Days(int year, int month, int day)
    {
        var shifted = month <= 2 ? year - 1 : year;
        var era = shifted / 400;
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }

    [GeneratedRegex(
        @"\A(?<year>[0-9]{4})(-(?<month>[0-9]{2})(-(?<day>[0-9]{2})(T(?<hour>[0-9]{2}):(?<minute>[0-9]{2})(:(?<second>[0-9]{2})(\.(?<fraction>[0-9]+))?)?(?<zone>Z|[+-](?<zh>[0-9]{2}):(?<zm>[0-9]{2}))?)?)?)?\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
