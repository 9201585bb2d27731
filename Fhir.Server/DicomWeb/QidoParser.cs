using System.Globalization;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>What a QIDO request asks for.</summary>
/// <param name="Matches">The keys to match.</param>
/// <param name="Offset">Results to leave out.</param>
/// <param name="Limit">Results at most; null when the request names no limit.</param>
/// <param name="Warnings">What could not be done as asked.</param>
internal sealed record QidoRequest(IReadOnlyList<AttributeMatch> Matches, int Offset, int? Limit, IReadOnlyList<string> Warnings);

/// <summary>Reads QIDO-RS query parameters: keys by keyword or tag, wildcards, ranges, lists. PS3.18 §8.3.4 and §10.6.1.2; PS3.4 §C.2.2.2</summary>
internal static class QidoParser
{
    private const int MaxKeys = 50;
    private const int MaxValues = 1000;

    private static readonly string[] Uids = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "SOPClassUID"];

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
                    if (Match(name, values.ToString()) is not { } match)
                    {
                        return Problem.Invalid("The query names an attribute that cannot be matched on here: " + Shown(name));
                    }
                    if (match.Values.Count > MaxValues || matches.Count == MaxKeys)
                    {
                        return Problem.TooCostly("The query names too many keys or values.");
                    }
                    if (match.Values.Count > 0)
                    {
                        matches.Add(match);
                    }
                    break;
            }
        }
        return new QidoRequest(matches, offset, limit, warnings);
    }

    /// <summary>A key with its values; none when the value is empty, which matches everything; null when the key is not known.</summary>
    private static AttributeMatch? Match(string name, string value)
    {
        var keyword = DicomTag.TryParse(name, out var tag) ? DicomDictionary.Find(tag)?.Keyword : null;
        if (keyword is null || !Keys.Contains(keyword))
        {
            return null;
        }
        var text = value.Trim();
        if (text.Length == 0 || text == "*")
        {
            return new AttributeMatch(keyword, MatchKind.AnyOf, []);
        }
        if (Uids.Contains(keyword))
        {
            return new AttributeMatch(keyword, MatchKind.AnyOf, text.Split([',', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        var isDate = keyword.EndsWith("Date", StringComparison.Ordinal);
        if (isDate || keyword.EndsWith("Time", StringComparison.Ordinal))
        {
            // A date may come as 2026-02-03 in older clients; a range has a dash with digits of a whole value beside it.
            var dash = text.IndexOf('-', StringComparison.Ordinal);
            if (dash >= 0)
            {
                return new AttributeMatch(keyword, MatchKind.Range, [text[..dash].Trim(), text[(dash + 1)..].Trim()]);
            }
            return isDate ? new AttributeMatch(keyword, MatchKind.AnyOf, [text]) : new AttributeMatch(keyword, MatchKind.Range, [text, text]);
        }
        if (text.AsSpan().ContainsAny('*', '?'))
        {
            return new AttributeMatch(keyword, MatchKind.Wildcard, [text]);
        }
        return new AttributeMatch(
            keyword, MatchKind.AnyOf,
            keyword is "Modality" or "ModalitiesInStudy" ? text.Split([',', '\\'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [text]);
    }

    private static bool IsAttribute(string field) =>
        field.Trim() is "" or "all" || (DicomTag.TryParse(field.Trim(), out _) || field.Split('.').All(part => DicomTag.TryParse(part.Trim(), out _)));

    private static string Shown(string name) => new([.. name.Take(64).Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.')]);
}
