using Fhir.Server.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>What a document says of itself: how far it has come, who wrote and who signed it, and when. PS3.3 §C.17.2</summary>
internal sealed class ReportHead
{
    private const string Sections = "http://terminology.hl7.org/CodeSystem/v2-0074";
    private const string Loinc = "http://loinc.org";

    private readonly DicomDataset data;
    private readonly ContentItem? root;
    private readonly string? zone;
    private IReadOnlyList<string>? performers;

    /// <param name="data">The data set.</param>
    /// <param name="root">Its content tree; null for an encapsulated document.</param>
    public ReportHead(DicomDataset data, ContentItem? root)
    {
        (this.data, this.root) = (data, root);
        zone = data.GetString(DicomTag.TimezoneOffsetFromUTC);
    }

    private bool IsVerified => data.GetString(ReportTags.VerificationFlag)?.Trim() == "VERIFIED";

    private bool IsUnverified => data.GetString(ReportTags.VerificationFlag)?.Trim() == "UNVERIFIED";

    /// <summary>
    /// Verified by somebody answerable: final, unless the document calls itself preliminary. Not verified: partial while it is not
    /// complete, else preliminary. A document without flags does not tell.
    /// </summary>
    public DiagnosticReport.DiagnosticReportStatus ReportStatus =>
        data.GetString(ReportTags.PreliminaryFlag)?.Trim() == "PRELIMINARY" && !IsPartial ? DiagnosticReport.DiagnosticReportStatus.Preliminary
        : IsVerified ? DiagnosticReport.DiagnosticReportStatus.Final
        : IsPartial ? DiagnosticReport.DiagnosticReportStatus.Partial
        : IsUnverified ? DiagnosticReport.DiagnosticReportStatus.Preliminary
        : DiagnosticReport.DiagnosticReportStatus.Unknown;

    /// <summary>The same of its measurements.</summary>
    public ObservationStatus ObservationStatus => ReportStatus switch
    {
        DiagnosticReport.DiagnosticReportStatus.Final => ObservationStatus.Final,
        DiagnosticReport.DiagnosticReportStatus.Unknown => ObservationStatus.Unknown,
        _ => ObservationStatus.Preliminary,
    };

    /// <summary>The same of a document; null when it does not tell.</summary>
    public CompositionStatus? DocumentStatus => IsVerified ? CompositionStatus.Final : IsUnverified ? CompositionStatus.Preliminary : null;

    private bool IsPartial => data.GetString(ReportTags.CompletionFlag)?.Trim() == "PARTIAL";

    /// <summary>Radiology, by section code and by LOINC.</summary>
    public static CodeableConcept Category() => new()
    {
        Coding = [new Coding(Sections, "RAD", "Radiology"), new Coding(Loinc, "LP29684-5", "Radiology")],
    };

    /// <summary>When it was written: a new element at each call, since an element belongs to one place.</summary>
    public FhirDateTime? Written() =>
        DicomDates.ToDateTime(data.GetString(DicomTag.ContentDate), data.GetString(ReportTags.ContentTime), zone)
        ?? DicomDates.ToDateTime(data.GetString(DicomTag.StudyDate), data.GetString(DicomTag.StudyTime), zone);

    /// <summary>When it was verified last; null when that is not said to the zone.</summary>
    public Instant? Issued() => Verifiers()
        .Select(one => ReportDates.ToInstant(ReportDates.Of(one.GetString(ReportTags.VerificationDateTime), zone))).OfType<Instant>()
        .MaxBy(instant => instant.Value);

    /// <summary>Who answers for it: authors and organizations, by name alone.</summary>
    public List<ResourceReference> Performers() => Named(performers ??= ReadPerformers());

    private List<string> ReadPerformers() =>
    [
        .. Authors().Concat(Verifiers().Select(one => DicomText.Phrase(one.GetString(ReportTags.VerifyingOrganization))))
            .Concat([DicomText.Phrase(data.GetString(DicomTag.InstitutionName))]).OfType<string>().Take(ReportLimits.Listed),
    ];

    /// <summary>Who read the images: those who verified the report, else its authors.</summary>
    public List<ResourceReference> Interpreters()
    {
        var verifiers = Verifiers().Select(one => DicomText.DisplayName(one.GetString(ReportTags.VerifyingObserverName))).OfType<string>().ToList();
        return Named(verifiers.Count > 0 ? verifiers : Authors());
    }

    /// <summary>A DiagnosticReport with all of this.</summary>
    public DiagnosticReport ToReport(CodedConcept? title) => new()
    {
        Status = ReportStatus,
        Category = [Category()],
        Code = title?.ToConcept() ?? new CodeableConcept(Loinc, "18748-4", "Diagnostic imaging study", null),
        Effective = Written(),
        IssuedElement = Issued(),
        Performer = Performers(),
        ResultsInterpreter = Interpreters(),
    };

    private IEnumerable<DicomDataset> Verifiers() => data.Items(ReportTags.VerifyingObserverSequence).Take(ReportLimits.Listed);

    /// <summary>From the header, else from the observer context of the content (PS3.16 TID 1003).</summary>
    private IEnumerable<string?> Authors()
    {
        var named = data.Items(ReportTags.AuthorObserverSequence).Take(ReportLimits.Listed)
            .Select(one => DicomText.DisplayName(one.GetString(ReportTags.PersonName))).OfType<string>().ToList();
        return named.Count > 0 ? named : (root?.Children ?? [])
            .Where(part => part.Relationship == "HAS OBS CONTEXT" && (part.IsA("PNAME") || Concepts.IsPersonObserverName(part.Name)))
            .Select(part => DicomText.Phrase(part.Text)).Take(ReportLimits.Listed);
    }

    private static List<ResourceReference> Named(IEnumerable<string?> names) =>
        [.. names.OfType<string>().Distinct(StringComparer.Ordinal).Select(name => new ResourceReference { Display = name })];
}
