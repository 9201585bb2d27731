using System.Globalization;
using Fhir.Server.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>One item of a structured report. PS3.3 §C.17.3</summary>
internal sealed class ContentItem
{
    /// <summary>CONTAINER, TEXT, CODE, NUM, …; empty when it is not said.</summary>
    public required string ValueType { get; init; }

    /// <summary>How it belongs to the item above it.</summary>
    public required string Relationship { get; init; }

    /// <summary>What it is.</summary>
    public CodedConcept? Name { get; init; }

    /// <summary>Its value as people read it, lines kept; null when there is none to read.</summary>
    public string? Text { get; init; }

    /// <summary>The value of a CODE.</summary>
    public CodedConcept? Code { get; init; }

    /// <summary>The number of a NUM as it is written.</summary>
    public string? Number { get; init; }

    /// <summary>Its unit.</summary>
    public CodedConcept? Unit { get; init; }

    /// <summary>Why there is no number, or what is special about it.</summary>
    public CodedConcept? Qualifier { get; init; }

    /// <summary>A container whose parts are read one after the other, as sentences are.</summary>
    public bool IsContinuous { get; init; }

    /// <summary>When it was observed, if that is said of it.</summary>
    public FhirDateTime? Observed { get; init; }

    /// <summary>What belongs to it.</summary>
    public IReadOnlyList<ContentItem> Children { get; init; } = [];

    /// <summary>Whether it is of a kind.</summary>
    public bool IsA(string valueType) => ValueType == valueType;

    /// <summary>Whether it says something about the item above it rather than being a part of it.</summary>
    public bool IsAside => Relationship is "HAS CONCEPT MOD" or "HAS OBS CONTEXT" or "HAS ACQ CONTEXT" or "HAS PROPERTIES";
}

/// <summary>
/// Reads the content tree of a report, as far as <see cref="ReportLimits"/> go. References to other items are leaves: following them
/// could lead anywhere.
/// </summary>
internal sealed class ContentTree
{
    private readonly CodingSchemes schemes;
    private readonly string? zone;
    private int items;

    private ContentTree(DicomDataset data)
    {
        schemes = new CodingSchemes(data);
        zone = data.GetString(DicomTag.TimezoneOffsetFromUTC);
    }

    /// <summary>The root, which is the data set itself.</summary>
    public static ContentItem Read(DicomDataset data) => new ContentTree(data).Read(data, 0);

    private ContentItem Read(DicomDataset item, int depth)
    {
        items++;
        var type = item.GetString(DicomTag.ValueType)?.Trim() ?? "";
        var measured = item.Items(ReportTags.MeasuredValueSequence) is [var value, ..] ? value : null;
        var code = type == "CODE" ? CodedConcept.Of(item, ReportTags.ConceptCodeSequence, schemes) : null;
        var unit = measured is null ? null : CodedConcept.Of(measured, ReportTags.MeasurementUnitsCodeSequence, schemes);
        var number = measured is null ? null : NumberOf(measured);
        return new ContentItem
        {
            ValueType = type,
            Relationship = item.GetString(ReportTags.RelationshipType)?.Trim() ?? "",
            Name = CodedConcept.Of(item, DicomTag.ConceptNameCodeSequence, schemes),
            Code = code,
            Number = number,
            Unit = unit,
            Qualifier = type == "NUM" ? CodedConcept.Of(item, ReportTags.NumericValueQualifierCodeSequence, schemes) : null,
            Text = type switch
            {
                "TEXT" => ReportText.Clean(item.GetString(DicomTag.TextValue)),
                "CODE" => code?.Text,
                "NUM" => number is null ? null : $"{number} {UnitText(unit)}".Trim(),
                "PNAME" => DicomText.DisplayName(item.GetString(ReportTags.PersonName)),
                "DATE" => DicomDates.ToDate(item.GetString(ReportTags.Date)) ?? DicomText.Phrase(item.GetString(ReportTags.Date)),
                "TIME" => TimeText(item.GetString(ReportTags.Time)),
                "DATETIME" => ReportDates.Of(item.GetString(ReportTags.DateTime), zone)?.Value ?? DicomText.Phrase(item.GetString(ReportTags.DateTime)),
                "UIDREF" => DicomText.Phrase(item.GetString(ReportTags.Uid)),
                _ => null,
            },
            IsContinuous = item.GetString(ReportTags.ContinuityOfContent)?.Trim() == "CONTINUOUS",
            Observed = ReportDates.Of(item.GetString(ReportTags.ObservationDateTime), zone),
            Children = ChildrenOf(item, depth),
        };
    }

    private List<ContentItem> ChildrenOf(DicomDataset item, int depth)
    {
        var children = new List<ContentItem>();
        foreach (var child in depth < ReportLimits.Depth ? item.Items(DicomTag.ContentSequence) : [])
        {
            if (items >= ReportLimits.Items)
            {
                break;
            }
            if (!child.Contains(ReportTags.ReferencedContentItemIdentifier))
            {
                children.Add(Read(child, depth + 1));
            }
        }
        return children;
    }

    private static string? NumberOf(DicomDataset measured) => DicomText.Phrase(measured.GetString(ReportTags.NumericValue))
        ?? measured.GetDouble(ReportTags.FloatingPointValue)?.ToString("R", CultureInfo.InvariantCulture);

    private static string? UnitText(CodedConcept? unit) => unit is { Code: "1" } ? null : unit?.Code is { } code && unit.System is not null ? code : unit?.Text;

    private static string? TimeText(string? time)
    {
        var digits = time?.Trim().Split('.')[0];
        return digits?.Length == 6 && digits.All(char.IsAsciiDigit) ? $"{digits[..2]}:{digits[2..4]}:{digits[4..]}" : DicomText.Phrase(time);
    }
}

/// <summary>Date times (DT) as FHIR ones, by the rule of <see cref="DicomDates"/>. PS3.5 §6.2</summary>
internal static class ReportDates
{
    private const int DateLength = 8;

    /// <summary>A date; with time and zone only when all three are known, the zone from the value or else from the data set.</summary>
    public static FhirDateTime? Of(string? moment, string? zone)
    {
        var text = moment?.Trim();
        if (text is null || text.Length < DateLength)
        {
            return null;
        }
        var sign = text.IndexOfAny(['+', '-'], DateLength);
        var clock = sign < 0 ? text[DateLength..] : text[DateLength..sign];
        return DicomDates.ToDateTime(text[..DateLength], clock.Length == 0 ? null : clock, sign < 0 ? zone : text[sign..]);
    }

    /// <summary>The instant of a date time that has a time and a zone; null for any other.</summary>
    public static Instant? ToInstant(FhirDateTime? moment) =>
        moment?.Value is { Length: > 10 } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var instant)
            ? new Instant(instant)
            : null;
}
