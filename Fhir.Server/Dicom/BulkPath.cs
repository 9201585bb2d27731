namespace Fhir.Server.Dicom;

/// <summary>The address of a value below that of its DICOMweb service, while a data set is walked. PS3.18 §10.1.5.</summary>
internal sealed class BulkPath(DicomDataset dataset)
{
    private readonly List<string> path = [];
    private readonly string instance = $"/studies/{Uid(dataset, DicomTag.StudyInstanceUID)}/series/{Uid(dataset, DicomTag.SeriesInstanceUID)}"
        + $"/instances/{Uid(dataset, DicomTag.SOPInstanceUID)}/bulkdata/";

    public void Enter(DicomTag sequence, int item) => path.Add($"{sequence}/{item}/");

    public void Leave() => path.RemoveAt(path.Count - 1);

    public string Of(DicomTag tag) => $"{instance}{string.Concat(path)}{tag}";

    /// <summary>UIDs go into an address as they are, so what is none stays out.</summary>
    private static string Uid(DicomDataset dataset, DicomTag tag) =>
        dataset.GetString(tag) is { } uid && uid.Length <= 128 && uid.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? uid : "0";
}
