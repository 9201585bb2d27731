using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Instances to be listed in a DICOMDIR.</summary>
internal static class DirectoryInstance
{
    public static DicomDataset Of(string patient, int number, string sopClass = "1.2.840.10008.5.1.4.1.1.7") => new DicomDataset()
        .Add(DicomTag.SOPClassUID, sopClass).Add(DicomTag.SOPInstanceUID, $"1.2.{patient[0] + 0}.1.1.{number}")
        .Add(DicomTag.StudyDate, "20200102").Add(DicomTag.StudyTime, "101112").Add(DicomTag.Modality, "CT")
        .Add(DicomTag.PatientName, "Doe^" + patient).Add(DicomTag.PatientID, patient)
        .Add(DicomTag.StudyInstanceUID, $"1.2.{patient[0] + 0}").Add(DicomTag.SeriesInstanceUID, $"1.2.{patient[0] + 0}.1")
        .Add(DicomTag.StudyID, "7").AddNumbers(DicomTag.SeriesNumber, DicomVr.IS, 3).AddNumbers(DicomTag.InstanceNumber, DicomVr.IS, number)
        .AddNumbers(DicomTag.Rows, DicomVr.US, 4);
}
