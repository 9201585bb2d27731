using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Hosting.Demo;

/// <summary>Somebody who does not exist, with pictures of nobody.</summary>
/// <param name="Id">Logical id of the Patient resource, and the DICOM Patient ID too.</param>
/// <param name="Name">As DICOM writes it. PS3.5 §6.2.1</param>
/// <param name="BirthDate">As DICOM writes it: YYYYMMDD.</param>
/// <param name="Sex">M or F.</param>
/// <param name="Instances">The pictures; each is computed when its bytes are asked for, and not kept.</param>
internal sealed record DemoPatient(string Id, string Name, string BirthDate, string Sex, IEnumerable<DemoInstance> Instances)
{
    /// <summary>What (0010,4000) and every study says.</summary>
    public const string Disclaimer = "SYNTHETIC - computed from a mathematical phantom, no real person";

    /// <summary>The Patient resource, labelled as test data. https://hl7.org/fhir/R4/security-labels.html</summary>
    public Patient ToFhir()
    {
        var patient = PatientDemographics.ToPatient(new MatchingKeys
        {
            PatientId = Id, PatientName = Name, PatientBirthDate = BirthDate, PatientSex = Sex,
        });
        patient.Id = Id;
        patient.Active = true;
        patient.Meta = new Meta { Security = [new Coding("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST", "test health data")] };
        return patient;
    }
}

/// <summary>A DICOM instance that is made when it is wanted.</summary>
/// <param name="SopInstanceUid">Its identifier.</param>
/// <param name="FileName">A name for it in a folder.</param>
/// <param name="Header">Its data set but for the pixels; quickly made.</param>
/// <param name="Pixels">Computes the value of Pixel Data; null for what has no pixels.</param>
internal sealed record DemoInstance(string SopInstanceUid, string FileName, Func<DicomDataset> Header, Func<byte[]>? Pixels = null)
{
    /// <summary>The file, the same bytes every time. PS3.10 §7</summary>
    public byte[] ToPart10()
    {
        var pixels = Pixels?.Invoke();
        var dataset = pixels is null ? Header() : Header().AddBytes(DicomTag.PixelData, DicomVr.OW, pixels);
        using var file = new MemoryStream((pixels?.Length ?? 0) + 4096);
        var written = Part10Writer.Write(file, dataset, DicomTransferSyntax.ExplicitLittleEndian);
        return written.Problem is { } problem ? throw new InvalidOperationException(problem.Text) : file.ToArray();
    }
}
