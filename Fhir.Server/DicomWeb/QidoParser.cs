using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Primitives;

namespace Fhir.Server.DicomWeb;

/// <summary>What a QIDO request asks for.</summary>
/// <param name="Matches">The keys to match.</param>
/// <param name="Offset">Results to leave out.</param>
/// <param name="Limit">Results at most; null when the request names no limit.</param>
/// <param name="Warnings">What could not be done as asked.</param>
internal sealed record QidoRequest(IReadOnlyList<AttributeMatch> Matches, int Offset, int? Limit, IReadOnlyList<string> Warnings);

/// <summary>Reads QIDO-RS query parameters: keys by keyword or tag, wildcards, ranges, lists. PS3.18 §8.3.4 and §10.6.1.2; PS3.4 §C.2.2.2</summary>
internal static partial class QidoParser
{
    private const int MaxKeys = 50;
    private const int MaxValues = 1000;

    // A date may also come as 2026-02-03, a time as 09:30.
    private const string Date = "([0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})";
    private const string Sixty = "[0-5][0-9]";
    private const string Time = $@"([01][0-9]|2[0-3])(:?{Sixty}(:?({Sixty}|60)(\.[0-9]{{1,6}})?)?)?";

    // Keys of which one of several values may match (PS3.4 §C.2.2.2.2), and modalities, of which clients ask so too.
    private static readonly string[] Lists = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID", "Modality", "ModalitiesInStudy"];

    private static readonly HashSet<string> Keys =
    [
        "StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyDescription", "ReferringPhysicianName", "PatientName",
        "PatientID", "PatientBirthDate", "PatientSex", "ModalitiesInStudy", "Modality", "SeriesInstanceUID", "SeriesNumber", "SeriesDescription",
        "SeriesDate", "SeriesTime", "BodyPartExamined", "SOPClassUID", "SOPInstanceUID", "InstanceNumber",
    ];

    public static Outcome<QidoRequest> Parse(IQueryCollection query)
    {
        var matches = new List<AttributeMatch>();
        var warnings = new List<string>();
        int offset = 0;
        int? limit = null;
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
                case "fuzzymatching":
                    if (values == "true")
                    {
                        warnings.Add("The fuzzymatching parameter is not supported. Only literal matching has been performed.");
                    }
                    break;
                case "includefield":
                    if (values.SelectMany(value => (value ?? "").Split(',')).FirstOrDefault(field => !IsAttribute(field)) is not null)
                    {
                        return Problem.Invalid("includefield names something that is no DICOM attribute.");
                    }
                    break;
                case "accept":
                    break;
                default:
                    if (!Match(name, values).TryGet(out var match, out var problem))
                    {
                        return problem;
                    }
                    if (matches.Exists(one => one.Keyword == match.Keyword))
                    {
                        return Problem.Invalid($"The query names {match.Keyword} twice.");
                    }
                    if (match.Values.Count > MaxValues || matches.Count == MaxKeys)
                    {
                        return Problem.TooCostly("The query names too many keys or values.");
                    }
                    matches.Add(match);
                    break;
            }
        }
        return new QidoRequest([.. matches.Where(match => match.Values.Count > 0)], offset, limit, warnings);
    }

    /// <summary>A key with its values; none when the value is empty, which matches everything. A problem when key or value is not understood.</summary>
    private static Outcome<AttributeMatch> Match(string name, StringValues values)
    {
        var keyword = DicomTag.TryParse(name, out var tag) ? DicomDictionary.Find(tag)?.Keyword : null;
        if (keyword is null || !Keys.Contains(keyword))
        {
            return Problem.Invalid("The query names an attribute that cannot be matched on here: " + Shown(name));
        }
        var isList = Lists.Contains(keyword);
        if (values.Count > 1 && !isList)
        {
            return Problem.Invalid($"The query names {keyword} twice.");
        }
        var text = values.ToString().Trim();
        if (text.Length == 0 || text == "*")
        {
            return new AttributeMatch(keyword, MatchKind.AnyOf, []);
        }
        if (keyword.EndsWith("Date", StringComparison.Ordinal) || keyword.EndsWith("Time", StringComparison.Ordinal))
        {
            return MatchMoment(keyword, text);
        }
        if (text.AsSpan().ContainsAny('*', '?') && !keyword.EndsWith("UID", StringComparison.Ordinal))
        {
            return new AttributeMatch(keyword, MatchKind.Wildcard, [text]);
        }
        var all = isList ? text.Split([',', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [text];
        return all.Length > 0 ? new AttributeMatch(keyword, MatchKind.AnyOf, all) : Problem.Invalid($"The value of {keyword} is an empty list.");
    }

    /// <summary>A date or time, or two with a dash between, either of which may be missing. PS3.4 §C.2.2.2.5</summary>
    private static Outcome<AttributeMatch> MatchMoment(string keyword, string text)
    {
        var isDate = keyword.EndsWith("Date", StringComparison.Ordinal);
        var found = (isDate ? Dates() : Times()).Match(text.Replace(" ", "", StringComparison.Ordinal));
        var (from, to) = (Digits(found.Groups["from"]), Digits(found.Groups["to"]));
        if (!found.Success || from.Length + to.Length == 0)
        {
            return Problem.Invalid(isDate
                ? $"{keyword} is a date, YYYYMMDD, or a range of two with a dash between."
                : $"{keyword} is a time, HH, HHMM or HHMMSS, or a range of two with a dash between.");
        }
        var isRange = found.Groups["dash"].Success;
        // A time to the minute names all of that minute.
        return isDate && !isRange
            ? new AttributeMatch(keyword, MatchKind.AnyOf, [from])
            : new AttributeMatch(keyword, MatchKind.Range, [from, isRange ? to : from]);

        static string Digits(Group part) => part.Value.Replace("-", "", StringComparison.Ordinal).Replace(":", "", StringComparison.Ordinal);
    }

    [GeneratedRegex($@"\A(?<from>{Date})?(?<dash>-)?(?<to>(?<=-){Date})?\z")]
    private static partial Regex Dates();

    [GeneratedRegex($@"\A(?<from>{Time})?(?<dash>-)?(?<to>(?<=-){Time})?\z")]
    private static partial Regex Times();

    private static bool IsAttribute(string field) =>
        field.Trim() is "" or "all" || (DicomTag.TryParse(field.Trim(), out _) || field.Split('.').All(part => DicomTag.TryParse(part.Trim(), out _)));

    private static string Shown(string name) => new([.. name.Take(64).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.')]);
}
