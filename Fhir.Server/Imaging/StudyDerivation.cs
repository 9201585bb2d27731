using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>
/// Derives the DICOM-born elements of an ImagingStudy from index rows: identifiers, modality, series, counts, started, endpoint. The
/// human ones (note, reason, labels, …) stay as they are. See https://hl7.org/fhir/R4/imagingstudy.html and PS3.3 §C.7.2
/// </summary>
internal static partial class StudyDerivation
{
    public const string UidSystem = "urn:dicom:uid";
    private const string DicomCodes = "http://dicom.nema.org/resources/ontology/DCM";
    private const string IdentifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203";
    private const string AccessionCode = "ACSN";
    private const string UnknownModality = "OT";
    private const string NumberOfFrames = "https://profiles.ihe.net/RAD/MADO/StructureDefinition/MadoNumberOfFrames";
    private const string Snomed = "http://snomed.info/sct";

    /// <summary>Sets the DICOM-born elements.</summary>
    /// <param name="study">The resource, new or with human elements.</param>
    /// <param name="snapshot">The rows.</param>
    /// <param name="endpoint">The id of the record's WADO Endpoint.</param>
    public static void Apply(ImagingStudy study, StudySnapshot snapshot, string endpoint)
    {
        study.Status = ImagingStudy.ImagingStudyStatus.Available;
        study.Subject = SubjectOf(snapshot);
        study.Identifier = [StudyIdentifier(snapshot.StudyInstanceUid), .. AccessionIdentifier(snapshot.Keys), .. study.Identifier.Where(one => !IsDerived(one))];
        study.BasedOn = [.. AccessionOrder(snapshot.Keys), .. study.BasedOn.Where(order => !IsDerived(order))];
        study.Modality = [.. snapshot.Series.Select(ModalityOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Modality)];
        study.StartedElement = DicomDates.ToDateTime(snapshot.Keys.StudyDate, snapshot.Keys.StudyTime, snapshot.Keys.TimezoneOffset);
        study.NumberOfSeries = snapshot.Series.Count;
        study.NumberOfInstances = snapshot.NumberOfInstances;
        study.Description = DicomText.Phrase(snapshot.Keys.StudyDescription);
        study.Endpoint = [new ResourceReference($"Endpoint/{endpoint}")];
        if (!IsLinked(study.Referrer))
        {
            study.Referrer = DicomText.DisplayName(snapshot.Keys.ReferringPhysicianName) is { } name ? new ResourceReference { Display = name } : null;
        }
        study.Series = [.. snapshot.Series.Select(SeriesOf)];
    }

    /// <summary>
    /// The patient of a study; when nobody has claimed it by what the instances say of them, in the namespace of the site that sent it, or in one of no
    /// meaning beyond that site.
    /// </summary>
    public static ResourceReference SubjectOf(StudySnapshot snapshot)
    {
        if (!snapshot.Record.IsUnclaimed)
        {
            return new ResourceReference($"Patient/{snapshot.Record}");
        }
        var id = DicomText.Phrase(snapshot.Keys.PatientId);
        return new ResourceReference
        {
            Type = "Patient",
            Identifier = id is null ? null : new Identifier(snapshot.Namespace ?? $"urn:phr:unverified:{snapshot.Record.Value["unclaimed-".Length..]}", id),
            Display = id is null ? "Unidentified patient" : null,
        };
    }

    /// <summary>The Study Instance UID as an identifier.</summary>
    public static Identifier StudyIdentifier(string uid) => new(UidSystem, "urn:oid:" + uid)
    {
        Use = Identifier.IdentifierUse.Official,
        Type = new CodeableConcept(DicomCodes, "110180", "Study Instance UID", null),
    };

    private static IEnumerable<Identifier> AccessionIdentifier(MatchingKeys keys)
    {
        if (DicomText.Phrase(keys.AccessionNumber) is { } accession)
        {
            yield return Accession(keys, accession);
        }
    }

    /// <summary>The order the study answers, known by its accession number alone (IHE MADO: an identifier reference of both types).</summary>
    public static IEnumerable<ResourceReference> AccessionOrder(MatchingKeys keys)
    {
        if (DicomText.Phrase(keys.AccessionNumber) is { } accession)
        {
            yield return new ResourceReference { Type = "ServiceRequest", Identifier = Accession(keys, accession) };
        }
    }

    private static Identifier Accession(MatchingKeys keys, string accession)
    {
        var issuer = DicomText.Phrase(keys.AccessionIssuer);
        var isUri = issuer is not null && UriPattern().IsMatch(issuer);
        return new Identifier
        {
            Type = new CodeableConcept
            {
                Coding =
                [
                    new Coding(IdentifierTypes, AccessionCode, "Accession ID"), new Coding(DicomCodes, "121022", "Accession Number"),
                ],
            },
            System = isUri ? issuer : null,
            Value = accession,
            Assigner = issuer is null || isUri ? null : new ResourceReference { Display = issuer.Replace("urn:oid:", "", StringComparison.Ordinal) },
        };
    }

    /// <summary>Whether an identifier is one the instances give: the study's UID or its accession number.</summary>
    public static bool IsDerived(Identifier identifier) => identifier.System == UidSystem || IsAccession(identifier);

    /// <summary>Whether an order is known by the accession number the instances give.</summary>
    public static bool IsDerived(ResourceReference order) => IsAccession(order.Identifier);

    /// <summary>Whether a person has said who is meant, beyond the name in the instances.</summary>
    public static bool IsLinked(ResourceReference? referrer) => referrer?.Reference is not null || referrer?.Identifier is not null;

    private static bool IsAccession(Identifier? identifier) =>
        identifier?.Type?.Coding.Exists(coding => coding is { System: IdentifierTypes, Code: AccessionCode }) == true;

    private static ImagingStudy.SeriesComponent SeriesOf(SeriesSnapshot series) => new()
    {
        Uid = series.SeriesInstanceUid,
        Number = NotNegative(series.Keys.SeriesNumber),
        Modality = Modality(ModalityOf(series)),
        Description = DicomText.Phrase(series.Keys.SeriesDescription),
        NumberOfInstances = series.NumberOfInstances,
        BodySite = DicomText.Code(series.Keys.BodyPartExamined) is { } part ? new Coding { Code = part, Display = part } : null,
        Laterality = series.Keys.Laterality switch
        {
            "L" => new Coding(Snomed, "7771000", "Left"),
            "R" => new Coding(Snomed, "24028007", "Right"),
            _ => null,
        },
        StartedElement = DicomDates.ToDateTime(series.Keys.SeriesDate, series.Keys.SeriesTime, series.Keys.TimezoneOffset),
        Instance = [.. series.Instances.Select(instance => new ImagingStudy.InstanceComponent
        {
            Extension = instance.Frames > 1 ? [new Extension(NumberOfFrames, new Integer(instance.Frames))] : [],
            Uid = instance.SopInstanceUid,
            SopClass = new Coding("urn:ietf:rfc:3986", "urn:oid:" + instance.SopClassUid),
            Number = NotNegative(instance.InstanceNumber),
        })],
    };

    private static string ModalityOf(SeriesSnapshot series) => DicomText.Code(series.Modality) ?? UnknownModality;

    private static Coding Modality(string code) => new(DicomCodes, code);

    private static int? NotNegative(int? number) => number >= 0 ? number : null;

    [GeneratedRegex(@"\A(urn:oid:[0-2](\.(0|[1-9][0-9]*))+|(?!urn:oid:)urn:[A-Za-z0-9][A-Za-z0-9-]+:\S+|https?://\S+)\z")]
    private static partial Regex UriPattern();
}

/// <summary>DICOM dates and times as FHIR ones, without inventing what is not there. PS3.5 §6.2</summary>
internal static class DicomDates
{
    /// <summary>A date; with time and zone only when all three are known. Null when there is no valid date.</summary>
    public static FhirDateTime? ToDateTime(string? date, string? time, string? zone)
    {
        if (ToDate(date) is not { } day)
        {
            return null;
        }
        return ToTime(time) is { } clock && ToZone(zone) is { } offset ? new FhirDateTime($"{day}T{clock}{offset}") : new FhirDateTime(day);
    }

    /// <summary>YYYYMMDD, or the older YYYY.MM.DD, as YYYY-MM-DD; null when that is no day.</summary>
    public static string? ToDate(string? date)
    {
        var digits = date?.Trim().Replace(".", "", StringComparison.Ordinal);
        return DateTime.TryParseExact(digits, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : null;
    }

    private static string? ToTime(string? time)
    {
        var digits = time?.Trim().Split('.')[0].Replace(":", "", StringComparison.Ordinal);
        return digits?.Length is 4 or 6
            && TimeOnly.TryParseExact(digits.PadRight(6, '0'), "HHmmss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock)
            ? clock.ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : null;
    }

    private static string? ToZone(string? zone)
    {
        var text = zone?.Trim();
        return text is [('+' or '-'), _, _, _, _]
            && int.TryParse(text.AsSpan(1, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hours) && hours <= 14
            && int.TryParse(text.AsSpan(3, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) && minutes < 60
            && (hours * 60) + minutes <= 14 * 60
            ? $"{text[0]}{hours:00}:{minutes:00}"
            : null;
    }
}

/// <summary>DICOM text as FHIR text: no control characters, nothing empty.</summary>
internal static class DicomText
{
    /// <summary>Characters of a <see cref="Phrase"/>; DICOM allows 64 of most, while a length can say thousands.</summary>
    public const int LongestPhrase = 1024;

    /// <summary>The text without control characters and outer blanks; null when nothing is left.</summary>
    public static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }
        var clean = new string([.. text.Where(letter => !char.IsControl(letter))]).Trim();
        return clean.Length == 0 ? null : clean;
    }

    /// <summary>A name, a meaning, a number: as <see cref="Clean"/>, but no longer than such things are. What is longer is cut off.</summary>
    public static string? Phrase(string? text) => Clean(Cut(text, LongestPhrase));

    /// <summary>The beginning of a text, of so many characters at most, and no half of one.</summary>
    public static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    /// <summary>
    /// A code: as <see cref="Clean"/>, and without blanks inside more than one at a time (https://hl7.org/fhir/R4/datatypes.html#code). One
    /// longer than any phrase is none: a part of it would be another.
    /// </summary>
    public static string? Code(string? text) =>
        text is { Length: <= LongestPhrase } && Clean(text) is { } clean ? string.Join(' ', clean.Split(' ', StringSplitOptions.RemoveEmptyEntries)) : null;

    /// <summary>A person name (PN) as people write it: prefix, given, middle, family, suffix.</summary>
    public static string? DisplayName(string? name)
    {
        if (Phrase(name) is not { } clean)
        {
            return null;
        }
        var parts = DicomPersonName.Parse(clean);
        return Clean(string.Join(' ', new[] { parts.Prefix, parts.Given, parts.Middle, parts.Family, parts.Suffix }.Where(part => part.Length > 0)));
    }
}
