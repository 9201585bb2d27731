using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>The DICOM JSON model. PS3.18 Annex F.</summary>
public static class DicomJson
{
    /// <summary>A data set as one JSON object; addresses of bulk data need the service's base, which is put in later.</summary>
    public static DicomJsonText Write(DicomDataset dataset, int bulkThreshold = 1024) => throw new NotImplementedException();

    /// <summary>One element as a property of the object the writer is in.</summary>
    public static void WriteElement(Utf8JsonWriter writer, DicomDataset dataset, DicomElement element) => throw new NotImplementedException();

    /// <summary>The chosen tags as properties of the object the writer is in, in the order of tags; absent ones are left out.</summary>
    public static void WriteChosen(Utf8JsonWriter writer, DicomDataset dataset, IReadOnlyCollection<DicomTag> tags) => throw new NotImplementedException();
}
