using System.Buffers;
using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>Writes BulkDataURI properties and remembers where in each the base address is missing. PS3.18 §F.2.6.</summary>
internal sealed class BulkAddresses(DicomDataset dataset, ArrayBufferWriter<byte> buffer)
{
    private readonly List<int> cuts = [];
    private readonly List<string> path = [];
    private readonly string instance = $"/studies/{Uid(dataset, DicomTag.StudyInstanceUID)}/series/{Uid(dataset, DicomTag.SeriesInstanceUID)}"
        + $"/instances/{Uid(dataset, DicomTag.SOPInstanceUID)}/bulkdata/";

    public void Enter(DicomTag sequence, int item) => path.Add($"{sequence}/{item}/");

    public void Leave() => path.RemoveAt(path.Count - 1);

    public void Write(Utf8JsonWriter writer, DicomTag tag)
    {
        writer.WritePropertyName("BulkDataURI"u8);
        writer.Flush();

        // The cut is behind the opening quote.
        cuts.Add(buffer.WrittenCount + 1);
        writer.WriteRawValue($"\"{instance}{string.Concat(path)}{tag}\"", skipInputValidation: true);
    }

    public DicomJsonText Cut()
    {
        var pieces = new ReadOnlyMemory<byte>[cuts.Count + 1];
        var start = 0;
        for (var i = 0; i < cuts.Count; i++)
        {
            pieces[i] = buffer.WrittenMemory[start..cuts[i]];
            start = cuts[i];
        }

        pieces[^1] = buffer.WrittenMemory[start..];
        return new DicomJsonText(pieces);
    }

    /// <summary>UIDs go into an address as they are, so what is none stays out.</summary>
    private static string Uid(DicomDataset dataset, DicomTag tag) =>
        dataset.GetString(tag) is { } uid && uid.Length <= 128 && uid.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-') ? uid : "0";
}
