using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Primitives;

namespace Fhir.Server.DicomWeb;

/// <summary>What a QIDO request asks for.</summary>
/// <param name="Matches">The keys to match.</param>
/// <param name="Answered">Attributes to answer beside those always answered: what keys and <c>includefield</c> name.</param>
/// <param name="All">Everything of the level is to be answered.</param>
/// <param name="Offset">Results to leave out.</param>
/// <param name="Limit">Results at most; null when the request names no limit.</param>
internal sealed record QidoRequest(IReadOnlyList<AttributeMatch> Matches, IReadOnlySet<DicomTag> Answered, bool All, int Offset, int? Limit);

/// <summary>Reads QIDO-RS query parameters: keys by keyword, tag or path, wildcards, ranges, lists. PS3.18 §8.3.4 and §10.6.1.2; PS3.4 §C.2.2.2</summary>
internal static partial class QidoParser
{
    // A date may also come as 2026-02-03, a time as 09:30.
    private const string Date = "([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})";
    private const string Sixty = "[0-5][0-9]";
    private const string Time = $@"([01][0-9]|2[0-3])(:?{Sixty}(:?({Sixty}|60)(\.[0-9]{{1,6}})?)?)?";

    // The minus of an offset is no dash of a range: an offset has four digits and follows a date time at once.
    private const string Moment = @"[0-9]{4}([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{2}([0-9]{2}(\.[0-9]{1,6})?)?)?)?)?)?([+-](0[0-9]|1[0-4])[0-5][0-9])?";

    private const string EmptyValue = "\"\"";

    public static Outcome<QidoRequest> Parse(IQueryCollection query, QidoOptions options)
    {
        var matches = new List<AttributeMatch>();
        var answered = new HashSet<DicomTag>();
        var (offset, limit, all) = (0, (int?)null, false);
        var (fuzzy, several) = (Says("fuzzymatching"), Says("multiplevaluematching"));
        foreach (var (name, values) in query)
        {
            switch (name.ToLowerInvariant())
            {
                case "limit" or "offset":
                    if (!int.TryParse(values, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                    {
                        return Problem.Invalid($"{name} must be a whole number from 0.");
                    }
                    (offset, limit) = name.Equals("limit", StringComparison.OrdinalIgnoreCase) ? (offset, number) : (number, limit);
                    break;
                case "fuzzymatching" or "emptyvaluematching" or "multiplevaluematching":
                    // Two quotation marks ask for empty values whether or not it is said that they do.
                    if (values != "true" && values != "false")
                    {
                        return Problem.Invalid($"{name.ToLowerInvariant()} is true or false.");
                    }
                    break;
                case "includefield":
                    if (Include(values, answered, ref all, options.MaxValues) is { } refused)
                    {
                        return refused;
                    }
                    break;
                case "accept":
                    break;
                default:
                    if (!Find(name).TryGet(out var attribute, out var unknown) || !Match(attribute, values, fuzzy, several, options.MaxText).TryGet(out var match, out unknown))
                    {
                        return unknown;
                    }
                    if (matches.Exists(one => one.Keyword == match.Keyword))
                    {
                        return Problem.Invalid($"The query names {match.Keyword} twice.");
                    }
                    if (match.Values.Count > options.MaxValues || matches.Count == options.MaxKeys)
                    {
                        return Problem.TooCostly("The query names too many keys or values.");
                    }
                    answered.Add(attribute.Tags[0]);
                    matches.Add(match);
                    break;
            }
        }
        return new QidoRequest(Combined(matches.FindAll(match => match.Kind == MatchKind.Empty || match.Values.Count > 0)), answered, all, offset, limit);

        bool Says(string parameter) => query.Any(one => one.Key.Equals(parameter, StringComparison.OrdinalIgnoreCase) && one.Value == "true");
    }

    /// <summary>The attributes <c>includefield</c> names, of a path the first: a sequence is answered whole.</summary>
    private static Problem? Include(StringValues values, HashSet<DicomTag> included, ref bool all, int most)
    {
        foreach (var field in values.SelectMany(value => (value ?? "").Split(',')).Select(field => field.Trim()).Where(field => field.Length > 0))
        {
            if (field.Equals("all", StringComparison.OrdinalIgnoreCase))
            {
                all = true;
                continue;
            }
            if (TagsOf(field) is not [var first, ..])
            {
                return Problem.Invalid("includefield names something that is no DICOM attribute: " + Shown(field));
            }
            included.Add(first);
            if (included.Count > most)
            {
                return Problem.TooCostly("includefield names too many attributes.");
            }
        }
        return null;
    }

    private static List<DicomTag>? TagsOf(string path)
    {
        var tags = new List<DicomTag>();
        foreach (var part in path.Split('.'))
        {
            if (!DicomTag.TryParse(part, out var tag))
            {
                return null;
            }
            tags.Add(tag);
        }
        return tags;
    }

    private static Outcome<QueryAttribute> Find(string name)
    {
        if (TagsOf(name) is not { } path)
        {
            return Problem.Invalid("The query names what is no DICOM attribute: " + Shown(name));
        }
        if (QueryAttributes.Find(path) is { } attribute)
        {
            return attribute;
        }
        // A sequence by itself can only be asked for whole.
        return QueryAttributes.All.Values.FirstOrDefault(one => path.Count == 1 && one.Tags.Count > 1 && one.Tags[0] == path[0]) is { } sequence
            ? sequence with { Vr = "SQ", Path = sequence.Path.Split('.')[0] }
            : Problem.Invalid("The query names an attribute that cannot be matched on here: " + Shown(name));
    }

    /// <summary>A key with its values; none when the value is empty, which matches everything. A problem when the value is not understood.</summary>
    private static Outcome<AttributeMatch> Match(QueryAttribute attribute, StringValues values, bool fuzzy, bool several, int longest)
    {
        var keyword = attribute.Path;
        // What parts the values of a list; a text cannot hold the backslash itself. PS3.4 §C.2.2.2.2 and §C.2.2.2.8
        var separators = attribute.Vr switch
        {
            "UI" or "CS" => [',', '\\'],
            "AE" or "LO" or "PN" or "SH" when several => ['\\'],
            _ => Array.Empty<char>(),
        };
        if (values.Count > 1 && attribute.Vr is not ("UI" or "CS"))
        {
            return Problem.Invalid($"The query names {keyword} twice.");
        }
        var text = values.ToString().Trim();
        var isList = text.AsSpan().ContainsAny(separators);
        if (text.AsSpan().Trim('*').IsEmpty && (text.Length == 0 || attribute.Vr is not ("DA" or "TM" or "DT")))
        {
            return new AttributeMatch(keyword, MatchKind.AnyOf, []);
        }
        if (text == EmptyValue && attribute.Vr != "SQ")
        {
            return new AttributeMatch(keyword, MatchKind.Empty, []);
        }
        if (text.Length > longest && !isList)
        {
            return Problem.Invalid($"The value of {keyword} is longer than the {longest} characters that are matched.");
        }
        switch (attribute.Vr)
        {
            case "SQ":
                return Problem.Invalid($"{keyword} is a sequence; name an attribute of it, as {keyword}.Attribute.");
            case "DA" or "TM" or "DT":
                return MatchMoment(attribute, text);
            case "IS" or "DS" or "US":
                return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && (!QueryAttributes.IsCounted(keyword) || (number == decimal.Truncate(number) && Math.Abs(number) <= int.MaxValue))
                    ? new AttributeMatch(keyword, MatchKind.AnyOf, [QueryAttributes.IsCounted(keyword) ? ((long)number).ToString(CultureInfo.InvariantCulture) : text])
                    : Problem.Invalid($"{keyword} is a number.");
            case "PN" when fuzzy && !isList:
                return new AttributeMatch(keyword, MatchKind.Words, [text]);
        }
        if (text.AsSpan().ContainsAny('*', '?') && attribute.Vr != "UI")
        {
            return isList
                ? Problem.Invalid($"The value of {keyword} is a list, in which wild cards have no place.")
                : new AttributeMatch(keyword, MatchKind.Wildcard, [text]);
        }
        var all = isList ? text.Split(separators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [text];
        return all.Length > 0 ? new AttributeMatch(keyword, MatchKind.AnyOf, [.. all.Distinct()]) : Problem.Invalid($"The value of {keyword} is an empty list.");
    }

    /// <summary>A date, time or both in one, or two with a dash between, either of which may be missing. PS3.4 §C.2.2.2.5</summary>
    private static Outcome<AttributeMatch> MatchMoment(QueryAttribute attribute, string text)
    {
        var (pattern, form) = attribute.Vr switch
        {
            "DA" => (Dates(), "a date, YYYYMMDD"),
            "TM" => (Times(), "a time, HH, HHMM or HHMMSS"),
            _ => (Moments(), "a date time, YYYY to YYYYMMDDHHMMSS.FFFFFF&ZZXX"),
        };
        // A plus that was not encoded arrives as a blank.
        var compact = attribute.Vr == "DT" ? OffsetAfterBlank().Replace(text, "+$1") : text;
        var found = pattern.Match(compact.Replace(" ", "", StringComparison.Ordinal));
        var (from, to) = (Part("from"), Part("to"));
        if (!found.Success || from.Length + to.Length == 0)
        {
            return Problem.Invalid($"{attribute.Path} is {form}, or a range of two with a dash between.");
        }
        var isRange = found.Groups["dash"].Success;
        // A time to the minute names all of that minute, as a range does from its beginning to its end.
        return attribute.Vr == "DA" && !isRange
            ? new AttributeMatch(attribute.Path, MatchKind.AnyOf, [from])
            : new AttributeMatch(attribute.Path, MatchKind.Range, [from, isRange ? to : from]);

        string Part(string name) => attribute.Vr == "DT"
            ? found.Groups[name].Value
            : found.Groups[name].Value.Replace("-", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
    }

    /// <summary>
    /// A date and its time, when both are asked and one of them a range, are one range of moments: from the first time of the first date to
    /// the last time of the last.
    /// </summary>
    private static List<AttributeMatch> Combined(List<AttributeMatch> matches)
    {
        foreach (var date in matches.FindAll(match => match.Keyword.EndsWith("Date", StringComparison.Ordinal) && match.Kind == MatchKind.Range))
        {
            if (matches.Find(match => match.Keyword == AttributeMatcher.TimeOf(date.Keyword) && match.Kind == MatchKind.Range) is { } time)
            {
                matches.RemoveAll(match => match == date || match == time);
                matches.Add(new AttributeMatch(date.Keyword, MatchKind.Moment, [.. date.Values, .. time.Values]));
            }
        }
        return matches;
    }

    [GeneratedRegex($@"\A(?<from>{Date})?(?<dash>-)?(?<to>(?<=-){Date})?\z")]
    private static partial Regex Dates();

    [GeneratedRegex($@"\A(?<from>{Time})?(?<dash>-)?(?<to>(?<=-){Time})?\z")]
    private static partial Regex Times();

    [GeneratedRegex($@"\A(?<from>{Moment})?(?<dash>-)?(?<to>(?<=-){Moment})?\z")]
    private static partial Regex Moments();

    [GeneratedRegex(@"(?<=[0-9]) ([0-9]{4})(?=\z|-)")]
    private static partial Regex OffsetAfterBlank();

    private static string Shown(string name) => new([.. name.Take(96).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.')]);
}
