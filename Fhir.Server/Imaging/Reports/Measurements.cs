using System.Globalization;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>What is said around a measurement and holds for it: where, how, of which tracked finding. PS3.16 TID 1501, TID 300</summary>
internal sealed record MeasurementContext
{
    public static MeasurementContext Empty { get; } = new();

    public CodedConcept? Site { get; init; }

    public CodedConcept? Laterality { get; init; }

    public CodedConcept? Method { get; init; }

    public string? TrackingId { get; init; }

    public string? TrackingUid { get; init; }

    public FhirDateTime? Observed { get; init; }

    /// <summary>What else is said, by name and value.</summary>
    public IReadOnlyList<(CodedConcept Name, DataType Value)> Modifiers { get; init; } = [];

    /// <summary>Whether a part of a measurement group says what the group is about, rather than being one of its results.</summary>
    public static bool IsAbout(ContentItem part) => part.IsAside || Concepts.IsFinding(part.Name) || Concepts.IsFindingSite(part.Name)
        || Concepts.IsLaterality(part.Name) || Concepts.IsMethod(part.Name);

    /// <summary>The context within an item: what its parts say of it added to, or in place of, what held around it.</summary>
    public MeasurementContext Within(ContentItem item, bool isGroup)
    {
        var context = item.Observed is { } moment ? this with { Observed = moment } : this;
        return item.Children.Where(part => isGroup ? IsAbout(part) : part.IsAside).Aggregate(context, (one, part) => one.With(part));
    }

    private MeasurementContext With(ContentItem part)
    {
        if (Concepts.IsTrackingIdentifier(part.Name) && part.Text is { } id)
        {
            return this with { TrackingId = DicomText.Phrase(id) };
        }
        if (Concepts.IsTrackingUid(part.Name))
        {
            return CodingSchemes.IsUid(part.Text) ? this with { TrackingUid = part.Text } : this;
        }
        if (Concepts.IsFetusId(part.Name) && DicomText.Phrase(part.Text) is { } fetus)
        {
            return WithModifier(part.Name!, new FhirString(fetus));
        }
        if (part.Code is not { } code || part.Name is not { } name || Concepts.IsOfTheReport(name))
        {
            return this;
        }
        return Concepts.IsFindingSite(name) ? part.Children.Aggregate(this with { Site = code }, (one, below) => one.With(below))
            : Concepts.IsLaterality(name) ? this with { Laterality = code }
            : Concepts.IsMethod(name) ? this with { Method = code }
            : WithModifier(name, code.ToConcept());
    }

    private MeasurementContext WithModifier(CodedConcept name, DataType value) => Modifiers.Count >= ReportLimits.Modifiers
        ? this
        : this with { Modifiers = [.. Modifiers.Where(one => one.Name.Code != name.Code || one.Name.Scheme != name.Scheme), (name, value)] };
}

/// <summary>
/// The measurements of a report as Observations: every NUM, whatever template it stands in, and the coded judgements of measurement
/// groups. See https://hl7.org/fhir/R4/observation.html and PS3.16 TID 300, 1500, 1501, 5200 and the like
/// </summary>
internal sealed class Measurements
{
    private const string Ucum = "http://unitsofmeasure.org";
    private const string Dicom = "http://dicom.nema.org/resources/ontology/DCM";
    private const string Categories = "http://terminology.hl7.org/CodeSystem/observation-category";
    private const string AbsentReasons = "http://terminology.hl7.org/CodeSystem/data-absent-reason";

    private readonly List<Observation> found = [];

    /// <summary>The Observations in the order of the tree, without status, subject and the like, which are the report's.</summary>
    public static IReadOnlyList<Observation> Of(ContentItem root)
    {
        var measurements = new Measurements();
        measurements.Walk(root, MeasurementContext.Empty, isResult: false);
        return measurements.found;
    }

    private void Walk(ContentItem item, MeasurementContext context, bool isResult)
    {
        if (found.Count >= ReportLimits.Measurements)
        {
            return;
        }
        var isGroup = Concepts.IsMeasurementGroup(item.Name);
        var within = context.Within(item, isGroup);
        if (item.IsA("NUM"))
        {
            Add(item, within, observation => SetNumber(observation, item));
        }
        else if (isResult && item is { ValueType: "CODE", Code: not null })
        {
            Add(item, within, observation => observation.Value = item.Code.ToConcept());
        }
        // What a number is inferred from, or a text rests on, has its own context: only containers hand theirs down.
        var below = item.IsA("CONTAINER") ? within : context;
        var holdsResults = isGroup || Concepts.IsQualitativeEvaluations(item.Name);
        foreach (var part in item.Children)
        {
            Walk(part, below, holdsResults && part.Relationship == "CONTAINS" && !MeasurementContext.IsAbout(part));
        }
    }

    private void Add(ContentItem item, MeasurementContext context, Action<Observation> setValue)
    {
        if (item.Name is not { } name || found.Count >= ReportLimits.Measurements)
        {
            return;
        }
        var observation = new Observation
        {
            Identifier = [.. TrackingOf(context)],
            Category = [new CodeableConcept(Categories, "imaging", "Imaging", null)],
            Code = name.ToConcept(),
            Effective = (FhirDateTime?)context.Observed?.DeepCopy(),
            BodySite = SiteOf(context),
            Method = context.Method?.ToConcept(),
        };
        if (context.Laterality is { } side)
        {
            observation.Component.Add(Component(new("272741003", "SCT", "Laterality", "http://snomed.info/sct", null), side.ToConcept()));
        }
        observation.Component.AddRange(context.Modifiers.Select(one => Component(one.Name, (DataType)one.Value.DeepCopy())));
        setValue(observation);
        found.Add(observation);
    }

    private static Observation.ComponentComponent Component(CodedConcept name, DataType value) => new() { Code = name.ToConcept(), Value = value };

    private static IEnumerable<Identifier> TrackingOf(MeasurementContext context)
    {
        if (context.TrackingUid is { } uid)
        {
            yield return new Identifier(StudyDerivation.UidSystem, "urn:oid:" + uid)
            {
                Type = new CodeableConcept(Dicom, "112040", "Tracking Unique Identifier", null),
            };
        }
        if (context.TrackingId is { } id)
        {
            yield return new Identifier { Type = new CodeableConcept(Dicom, "112039", "Tracking Identifier", null), Value = id };
        }
    }

    private static CodeableConcept? SiteOf(MeasurementContext context)
    {
        if (context.Site?.ToConcept() is not { } site)
        {
            return null;
        }
        site.Text = context.Laterality is { } side ? $"{context.Site.Text}, {side.Text}" : site.Text;
        return site;
    }

    private static void SetNumber(Observation observation, ContentItem item)
    {
        if (item.Number is null)
        {
            observation.DataAbsentReason = AbsentReason(item.Qualifier);
        }
        else if (decimal.TryParse(item.Number.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
        {
            var isUcum = item.Unit is { System: Ucum, Code: not null };
            observation.Value = new Quantity
            {
                Value = value,
                Unit = item.Unit is { Code: "1" } ? null : isUcum ? item.Unit!.Code : item.Unit?.Text,
                System = item.Unit?.Code is null ? null : item.Unit.System,
                Code = item.Unit?.System is null ? null : item.Unit.Code,
            };
        }
        else
        {
            // Beyond what FHIR's decimals hold here, or no number at all: told as it is written.
            observation.Value = new FhirString(item.Number);
        }
    }

    /// <summary>PS3.16 CID 42 in the words of https://hl7.org/fhir/R4/valueset-data-absent-reason.html</summary>
    private static CodeableConcept AbsentReason(CodedConcept? qualifier)
    {
        var reason = qualifier is not { Scheme: "DCM" } ? "unknown" : qualifier.Code switch
        {
            "114000" => "not-a-number",
            "114001" => "negative-infinity",
            "114002" => "positive-infinity",
            "114003" or "114004" or "114005" or "114006" or "114008" or "114009" => "error",
            "114007" => "not-performed",
            _ => "unknown",
        };
        var concept = qualifier?.ToConcept() ?? new CodeableConcept();
        concept.Coding.Insert(0, new Coding(AbsentReasons, reason));
        return concept;
    }
}
