using Fhir.Server.Dicom;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>Who a DICOM file says the patient is, as a FHIR Patient, and whether two accounts can be of the same person. PS3.3 §C.7.1.1</summary>
public static class PatientDemographics
{
    /// <summary>The namespace of patient identifiers in open mode and on the command line.</summary>
    public const string LocalNamespace = "urn:phr:local";

    /// <summary>A Patient of what the file says; what it does not say is left out.</summary>
    public static Patient ToPatient(MatchingKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var patient = new Patient { Gender = Gender(keys.PatientSex), BirthDate = DicomDates.ToDate(keys.PatientBirthDate) };
        if (DicomText.Clean(keys.PatientId) is { } id)
        {
            patient.Identifier.Add(new Identifier(LocalNamespace, id));
        }
        if (NameOf(keys.PatientName) is { } name)
        {
            patient.Name.Add(name);
        }
        return patient;
    }

    /// <summary>
    /// Whether the file can be of the patient: the same name (or none on both sides), and no other birth date or sex. What one side
    /// does not say does not contradict, nor a year the day in it.
    /// </summary>
    public static bool Agrees(Patient patient, MatchingKeys keys)
    {
        ArgumentNullException.ThrowIfNull(patient);
        var said = ToPatient(keys);
        return SameNames(patient, said)
            && (patient.BirthDate is null || said.BirthDate is null || said.BirthDate.StartsWith(patient.BirthDate, StringComparison.Ordinal))
            && (patient.Gender is null or AdministrativeGender.Unknown || said.Gender is null || patient.Gender == said.Gender);
    }

    private static bool SameNames(Patient patient, Patient said)
    {
        var spoken = said.Name.ConvertAll(Fold);
        return spoken.Count == 0 ? patient.Name.Count == 0 : patient.Name.ConvertAll(Fold).Exists(name => name == spoken[0]);
    }

    private static string Fold(HumanName name)
    {
        var parts = name.Given.Append(name.Family).Where(part => !string.IsNullOrWhiteSpace(part)).ToList();
        var words = SearchFolding.Fold(parts.Count > 0 ? string.Join(' ', parts) : name.Text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return string.Join(' ', words.Order(StringComparer.Ordinal));
    }

    private static HumanName? NameOf(string? text)
    {
        if (DicomText.Clean(text) is not { } clean)
        {
            return null;
        }
        var name = DicomPersonName.Parse(clean);
        var human = new HumanName
        {
            Family = DicomText.Clean(name.Family),
            Given = Words(name.Given).Concat(Words(name.Middle)),
            Prefix = Words(name.Prefix),
            Suffix = Words(name.Suffix),
            Text = DicomText.DisplayName(clean),
        };
        return human.Family is null && !human.Given.Any() && human.Text is null ? null : human;
    }

    private static string[] Words(string? text) => DicomText.Clean(text)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static AdministrativeGender? Gender(string? sex) => sex?.Trim() switch
    {
        "M" => AdministrativeGender.Male,
        "F" => AdministrativeGender.Female,
        "O" => AdministrativeGender.Other,
        _ => null,
    };
}
