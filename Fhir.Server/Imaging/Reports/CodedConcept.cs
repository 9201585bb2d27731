using System.Collections.Frozen;
using Fhir.Server.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>The coding schemes a document says more of than their names. PS3.3 Table C.12-1</summary>
internal sealed class CodingSchemes
{
    // PS3.16 Table 8-1 and https://hl7.org/fhir/R4/terminologies-systems.html
    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["DCM"] = "http://dicom.nema.org/resources/ontology/DCM",
        ["LN"] = "http://loinc.org",
        ["SCT"] = "http://snomed.info/sct",
        ["UCUM"] = "http://unitsofmeasure.org",
        ["RADLEX"] = "http://www.radlex.org",
        ["UMLS"] = "http://www.nlm.nih.gov/research/umls",
        ["NCIt"] = "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
        ["MDC"] = "urn:iso:std:iso:11073:10101",
        ["FMA"] = "urn:oid:2.16.840.1.113883.6.119",
        ["RXNORM"] = "http://www.nlm.nih.gov/research/umls/rxnorm",
        ["C4"] = "http://www.ama-assn.org/go/cpt",
        ["I10"] = "http://hl7.org/fhir/sid/icd-10",
        ["I10C"] = "http://hl7.org/fhir/sid/icd-10-cm",
        ["I9C"] = "http://hl7.org/fhir/sid/icd-9-cm",
        ["ISO3166_1"] = "urn:iso:std:iso:3166",
        ["RFC5646"] = "urn:ietf:bcp:47",
        ["RFC3066"] = "urn:ietf:bcp:47",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string> declared = new(StringComparer.OrdinalIgnoreCase);

    public CodingSchemes(DicomDataset data)
    {
        foreach (var scheme in data.Items(ReportTags.CodingSchemeIdentificationSequence))
        {
            if (DicomText.Phrase(scheme.GetString(ReportTags.CodingSchemeDesignator)) is { } name
                && scheme.GetString(ReportTags.CodingSchemeUid) is { } uid && IsUid(uid))
            {
                declared[name] = "urn:oid:" + uid;
            }
        }
    }

    /// <summary>Whether a text is a UID that may stand behind <c>urn:oid:</c>, which must begin with 0, 1 or 2 and have a second part.</summary>
    public static bool IsUid(string? uid) => uid is { Length: > 2 } && DicomUid.IsValid(uid) && uid[0] is '0' or '1' or '2' && uid[1] == '.';

    /// <summary>The system of a scheme; null when nobody says which it is, as with most private ones.</summary>
    public string? SystemOf(string? designator) =>
        designator is null ? null : Known.GetValueOrDefault(designator) ?? declared.GetValueOrDefault(designator);
}

/// <summary>A code with its meaning. PS3.3 §8</summary>
/// <param name="Code">The code; null when there is only a meaning.</param>
/// <param name="Scheme">The scheme as DICOM names it.</param>
/// <param name="Meaning">What it means, for people.</param>
/// <param name="System">The scheme as FHIR names it; null when it is not known.</param>
/// <param name="Version">The scheme's version, as far as it was said.</param>
internal sealed record CodedConcept(string? Code, string? Scheme, string? Meaning, string? System, string? Version)
{
    private const string Snomed = "http://snomed.info/sct";

    private static readonly string[] SnomedRt = ["SRT", "SNM3", "99SDM"];

    /// <summary>SNOMED RT codes that stand for how a measurement is told, with what SNOMED CT calls them (PS3.16 Annex L).</summary>
    private static readonly FrozenDictionary<string, string> FromSnomedRt = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["G-C0E3"] = "363698007", ["G-C171"] = "272741003", ["G-C036"] = "370129005", ["G-A100"] = "24028007", ["G-A101"] = "7771000",
        ["G-A102"] = "51440002", ["G-A22A"] = "410668003", ["G-D705"] = "118565006", ["G-A166"] = "42798000", ["M-02550"] = "81827009",
        ["G-A185"] = "103339001", ["G-A186"] = "103340004", ["R-00317"] = "373098007", ["G-A437"] = "56851009", ["R-404FB"] = "255605001",
        ["R-10047"] = "386136009",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What people read.</summary>
    public string Text => Meaning ?? Code ?? "";

    /// <summary>The first code of a sequence; null when there is none that says anything.</summary>
    public static CodedConcept? Of(DicomDataset holder, DicomTag sequence, CodingSchemes schemes)
    {
        if (holder.Items(sequence) is not [var item, ..])
        {
            return null;
        }
        var code = DicomText.Code(item.GetString(DicomTag.CodeValue)) ?? DicomText.Code(item.GetString(ReportTags.LongCodeValue))
            ?? DicomText.Code(item.GetString(ReportTags.UrnCodeValue));
        var meaning = DicomText.Phrase(item.GetString(DicomTag.CodeMeaning));
        if (code is null && meaning is null)
        {
            return null;
        }
        var scheme = DicomText.Code(item.GetString(ReportTags.CodingSchemeDesignator));
        if (SnomedRt.Contains(scheme, StringComparer.OrdinalIgnoreCase) && code is not null && FromSnomedRt.TryGetValue(code, out var concept))
        {
            return new(concept, "SCT", meaning, Snomed, null);
        }
        return new(code, scheme, meaning, schemes.SystemOf(scheme), DicomText.Phrase(item.GetString(ReportTags.CodingSchemeVersion)));
    }

    /// <summary>Whether it is one of these codes of a scheme.</summary>
    public bool Is(string scheme, params ReadOnlySpan<string> codes) => Scheme == scheme && Code is not null && codes.Contains(Code);

    /// <summary>As FHIR says it; a scheme nobody can name leaves its code without a system.</summary>
    public CodeableConcept ToConcept() => new()
    {
        Coding = Code is null ? [] : [new Coding { System = System, Version = System is null ? null : Version, Code = Code, Display = Meaning }],
        Text = Meaning ?? Code,
    };
}

/// <summary>Concepts by which a report is understood. PS3.16 Annex D; each also under its older SNOMED RT code, see <see cref="CodedConcept"/>.</summary>
internal static class Concepts
{
    public static bool IsFindingSite(CodedConcept? name) => name?.Is("SCT", "363698007") == true;

    public static bool IsLaterality(CodedConcept? name) => name?.Is("SCT", "272741003") == true;

    public static bool IsMethod(CodedConcept? name) => name?.Is("SCT", "370129005") == true;

    public static bool IsFinding(CodedConcept? name) => name?.Is("DCM", "121071") == true;

    public static bool IsMeasurementGroup(CodedConcept? name) => name?.Is("DCM", "125007") == true;

    /// <summary>The container of TID 1500 for what was judged rather than measured.</summary>
    public static bool IsQualitativeEvaluations(CodedConcept? name) => name?.Is("UMLS", "C0034375") == true;

    public static bool IsTrackingIdentifier(CodedConcept? name) => name?.Is("DCM", "112039") == true;

    public static bool IsTrackingUid(CodedConcept? name) => name?.Is("DCM", "112040") == true;

    public static bool IsLanguage(CodedConcept? name) => name?.Is("DCM", "121049") == true;

    public static bool IsPersonObserverName(CodedConcept? name) => name?.Is("DCM", "121008") == true;

    public static bool IsFetusId(CodedConcept? name) => name?.Is("LN", "11951-1") == true;

    public static bool IsKeyObjectDescription(CodedConcept? name) => name?.Is("DCM", "113012") == true;

    /// <summary>Impressions, conclusions, summary (CID 7001, CID 7002), also by their LOINC codes.</summary>
    public static bool IsConclusion(CodedConcept? name) =>
        name?.Is("DCM", "121072", "121073", "121076", "121077", "121111") == true || name?.Is("LN", "19005-8", "55110-1") == true;

    /// <summary>Rejected or withdrawn: a note about instances, not a document about a patient (CID 7011).</summary>
    public static bool IsRejection(CodedConcept? title) => title?.Is("DCM", "113001", "113037", "113038", "113039") == true;

    /// <summary>Who observed, in which language, which procedure: it stands with the report, not with each measurement.</summary>
    public static bool IsOfTheReport(CodedConcept? name) =>
        name?.Is("DCM", "121005", "121007", "121024", "121046", "121049", "121058", "121023", "121118") == true;
}
