using System.Globalization;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>How the values of one attribute are matched, by value representation: one of several is enough. PS3.4 §C.2.2.2.1 to .5</summary>
internal static class ValueTests
{
    /// <summary>Characters of a value that are looked at: as many as LT may have (PS3.5 Table 6.2-1). A longer one is matched by its beginning.</summary>
    public const int Longest = 10_240;

    private const int BetweenTakes = 4096;

    private static readonly string[] Writings = ["Alphabetic", "Ideographic", "Phonetic"];

    public static Func<IReadOnlyList<JsonElement>, bool> For(QueryAttribute attribute, AttributeMatch match, MatchSteps steps)
    {
        if (match.Kind == MatchKind.Empty)
        {
            return values => !values.Any(HasValue);
        }
        if (attribute.Vr == "PN")
        {
            return Names(match, steps);
        }
        Func<string, bool> test = attribute.Vr switch
        {
            "DA" => Ends(match, Date, Date),
            "TM" => Ends(match, text => Time(text, last: false), text => Time(text, last: true)),
            "DT" => Ends(match, text => Moment(text, last: false), text => Moment(text, last: true)),
            "IS" or "DS" or "US" or "UL" or "SS" or "SL" => Numbers(match.Values),
            _ => Texts(match, attribute.IsDescription, steps),
        };
        return values => values.Any(value => TextOf(value) is { Length: > 0 } text && test(text));
    }

    /// <summary>A date and the time that goes with it, between two moments, either of which may be missing. PS3.4 §C.2.2.2.5.3</summary>
    /// <param name="ends">Date from, date to, time from, time to; empty ones are open.</param>
    public static Func<IReadOnlyList<JsonElement>, IReadOnlyList<JsonElement>, bool> Moment(IReadOnlyList<string> ends)
    {
        // A time without its date bounds the time of day alone, as it does when it is asked by itself.
        var from = ends[0].Length == 0 ? null : ends[0] + (ends[2].Length == 0 ? Time("00", last: false) : Time(ends[2], last: false));
        var until = ends[1].Length == 0 ? null : ends[1] + (ends[3].Length == 0 ? Time("23", last: true) : Time(ends[3], last: true));
        var earliest = from is null && ends[2].Length > 0 ? Time(ends[2], last: false) : null;
        var latest = until is null && ends[3].Length > 0 ? Time(ends[3], last: true) : null;
        return (dates, times) =>
        {
            var date = dates.Select(value => TextOf(value) is { } text ? Date(text) : null).FirstOrDefault(one => one is not null);
            var time = times.Select(value => TextOf(value) is { } text ? Time(text, last: false) : null).FirstOrDefault(one => one is not null);
            return date is not null && time is not null
                && (from is null || string.CompareOrdinal(date + time, from) >= 0) && (until is null || string.CompareOrdinal(date + time, until) <= 0)
                && (earliest is null || string.CompareOrdinal(time, earliest) >= 0) && (latest is null || string.CompareOrdinal(time, latest) <= 0);
        };
    }

    /// <summary>With * for any characters and ? for one. Never more steps than pattern times text, each of them counted.</summary>
    public static bool Like(string text, string pattern, MatchSteps? steps = null)
    {
        var (at, to, star, again) = (0, 0, -1, 0);
        steps?.Take(text.Length);
        for (var count = 1; at < text.Length; count++)
        {
            if (count % BetweenTakes == 0)
            {
                steps?.Take(BetweenTakes);
            }
            if (to < pattern.Length && pattern[to] == '*')
            {
                (star, again) = (to++, at);
            }
            else if (to < pattern.Length && (pattern[to] == '?' || pattern[to] == text[at]))
            {
                // One character may be two code units.
                at += pattern[to] == '?' && char.IsHighSurrogate(text[at]) && at + 1 < text.Length ? 2 : 1;
                to++;
            }
            else if (star >= 0)
            {
                (to, at) = (star + 1, ++again);
            }
            else
            {
                return false;
            }
        }
        return pattern.AsSpan(to).TrimStart('*').IsEmpty;
    }

    /// <summary>A component group of a name as it is compared: folded, without blanks around components and empty components at its end.</summary>
    public static string Group(string text) =>
        string.Join('^', SearchFolding.Fold(text).Split('^').Select(part => part.Trim())).TrimEnd('^');

    /// <summary>The words of a name, folded. A hyphen parts words, an apostrophe does not.</summary>
    public static string[] Words(string text) =>
        SearchFolding.Fold(text).Split(['^', '=', ' ', '-', ',', '.'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>The words a fuzzy search asks for; wild cards only part them.</summary>
    public static string[] AskedWords(string text) => Words(text.Replace('*', ' ').Replace('?', ' '));

    private static Func<IReadOnlyList<JsonElement>, bool> Names(AttributeMatch match, MatchSteps steps)
    {
        if (match.Kind == MatchKind.Words)
        {
            var asked = AskedWords(match.Values[0]);
            return values => values.Any(value =>
            {
                var words = Groups(value).SelectMany(Words).ToList();
                steps.Take(words.Count * asked.Length);
                return words.Count > 0 && asked.All(word => words.Exists(one => one.StartsWith(word, StringComparison.Ordinal)));
            });
        }
        var patterns = match.Values.Select(value => value.Split('=').Select(Group).ToArray()).ToList();
        return values => values.Select(value => Groups(value).Select(Group).ToArray()).Any(groups => patterns.Exists(pattern => pattern.Length == 1
            ? groups.Any(group => group.Length > 0 && Is(group, pattern[0]))
            : pattern.Select((part, i) => part.Length == 0 || part == "*" || (i < groups.Length && groups[i].Length > 0 && Is(groups[i], part))).All(one => one)));

        bool Is(string group, string pattern) => match.Kind == MatchKind.Wildcard ? Like(group, pattern, steps) : group == pattern;
    }

    private static string[] Groups(JsonElement name) => name.ValueKind != JsonValueKind.Object
        ? (TextOf(name) ?? "").Split('=')
        : [.. Writings.Select(group => name.TryGetProperty(group, out var text) ? Clipped(text.GetString() ?? "") : "")];

    private static Func<string, bool> Texts(AttributeMatch match, bool folded, MatchSteps steps)
    {
        string As(string text) => folded ? SearchFolding.Fold(text) : text;
        var wanted = match.Values.Select(As).ToHashSet(StringComparer.Ordinal);
        return match.Kind == MatchKind.Wildcard ? text => wanted.Any(pattern => Like(As(text), pattern, steps)) : text => wanted.Contains(As(text));
    }

    private static Func<string, bool> Numbers(IReadOnlyList<string> values)
    {
        var wanted = values.Select(Number).ToHashSet();
        return text => Number(text) is { } number && wanted.Contains(number);
    }

    private static Func<string, bool> Ends(AttributeMatch match, Func<string, string?> first, Func<string, string?> last)
    {
        var ranges = match.Kind == MatchKind.Range
            ? [(From: first(match.Values[0]), Until: last(match.Values[1]))]
            : match.Values.Select(value => (From: first(value), Until: last(value))).ToList();
        return text => first(text) is { } value && ranges.Exists(range =>
            (range.From is null || string.CompareOrdinal(value, range.From) >= 0) && (range.Until is null || string.CompareOrdinal(value, range.Until) <= 0));
    }

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? Date(string text) => text.Length == 8 && text.All(char.IsAsciiDigit) ? text : null;

    /// <summary>HHMMSSFFFFFF of the first or last moment a time names; null when it is none.</summary>
    private static string? Time(string text, bool last)
    {
        var digits = text.Replace(":", "", StringComparison.Ordinal).Replace(".", "", StringComparison.Ordinal);
        return digits.Length is >= 2 and <= 12 && digits.All(char.IsAsciiDigit) ? digits + (last ? "235959999999" : "000000000000")[digits.Length..] : null;
    }

    /// <summary>The first or last moment a date time names, in UTC; one without offset is taken for UTC. Null when it is none.</summary>
    private static string? Moment(string text, bool last)
    {
        const string Earliest = "00000101000000000000", Latest = "99991231235959999999";
        var sign = text.IndexOfAny(['+', '-']);
        var digits = (sign < 0 ? text : text[..sign]).Replace(".", "", StringComparison.Ordinal);
        if (digits.Length is < 4 or > 20 || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }
        if (last && digits.Length == 6 && int.Parse(digits[4..], CultureInfo.InvariantCulture) is >= 1 and <= 12 and var month)
        {
            digits += DateTime.DaysInMonth(Math.Max(1, int.Parse(digits[..4], CultureInfo.InvariantCulture)), month).ToString("00", CultureInfo.InvariantCulture);
        }
        var full = digits + (last ? Latest : Earliest)[digits.Length..];
        if (sign < 0)
        {
            return full;
        }
        var offset = text[(sign + 1)..];
        if (offset.Length != 4 || !offset.All(char.IsAsciiDigit)
            || !DateTime.TryParseExact(full, "yyyyMMddHHmmssffffff", CultureInfo.InvariantCulture, DateTimeStyles.None, out var moment))
        {
            return null;
        }
        var minutes = (int.Parse(offset[..2], CultureInfo.InvariantCulture) * 60) + int.Parse(offset[2..], CultureInfo.InvariantCulture);
        var shift = TimeSpan.FromMinutes(text[sign] == '+' ? -minutes : minutes);
        return (shift < TimeSpan.Zero ? moment - DateTime.MinValue < -shift : DateTime.MaxValue - moment < shift)
            ? full
            : (moment + shift).ToString("yyyyMMddHHmmssffffff", CultureInfo.InvariantCulture);
    }

    private static bool HasValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => false,
        // A name of nothing but separators says nothing.
        JsonValueKind.Object => value.EnumerateObject().Any(part => part.Value.ValueKind != JsonValueKind.String || !part.Value.GetString().AsSpan().Trim(" ^").IsEmpty),
        _ => TextOf(value) is { Length: > 0 },
    };

    private static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Clipped(value.GetString()!.Trim()),
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };

    private static string Clipped(string text) => text.Length > Longest ? text[..Longest] : text;
}

/// <summary>Counts what matching costs and looks up now and then, so that a search ends in time inside long values too.</summary>
/// <param name="look">Throws when the search shall end.</param>
internal sealed class MatchSteps(Action? look)
{
    private const int BetweenLooks = 100_000;
    private int left = BetweenLooks;

    public void Take(int steps)
    {
        left -= steps;
        if (left <= 0)
        {
            left = BetweenLooks;
            look?.Invoke();
        }
    }
}
