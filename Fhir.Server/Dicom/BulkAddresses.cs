using System.Buffers;
using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>Writes BulkDataURI properties and remembers where in each the base address is missing. PS3.18 §F.2.6.</summary>
internal sealed class BulkAddresses(DicomDataset dataset, ArrayBufferWriter<byte> buffer)
{
    private readonly List<int> cuts = [];
    private readonly BulkPath path = new(dataset);

    public void Enter(DicomTag sequence, int item) => path.Enter(sequence, item);

    public void Leave() => path.Leave();

    public void Write(Utf8JsonWriter writer, DicomTag tag)
    {
        writer.WritePropertyName("BulkDataURI"u8);
        writer.Flush();

        // The cut is behind the opening quote.
        cuts.Add(buffer.WrittenCount + 1);
        writer.WriteRawValue($"\"{path.Of(tag)}\"", skipInputValidation: true);
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
}
