using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>The DICOM JSON model. PS3.18 Annex F.</summary>
public static class DicomJson
{
    // Served as application/dicom+json and never put into a page, so text can stay readable.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true, MaxDepth = 1000 };

    /// <summary>
    /// A data set as one JSON object. Bulk data are named by an address,
    /// <c>{base}/studies/{S}/series/{E}/instances/{I}/bulkdata/{path}</c>, whose base is put in later.
    /// </summary>
    public static DicomJsonText Write(DicomDataset dataset, int bulkThreshold = 1024)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var writer = new Utf8JsonWriter(buffer, Options);
        var bulk = new BulkAddresses(dataset, buffer);
        writer.WriteStartObject();
        foreach (var element in dataset)
        {
            JsonElementWriter.Write(writer, dataset, element, bulkThreshold, bulk);
        }

        writer.WriteEndObject();
        writer.Flush();
        return bulk.Cut();
    }

    /// <summary>One element as a property of the object the writer is in. Bulk data are left out but for their representation.</summary>
    public static void WriteElement(Utf8JsonWriter writer, DicomDataset dataset, DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(element);
        JsonElementWriter.Write(writer, dataset, element, 1024, null);
    }

    /// <summary>The chosen tags as properties of the object the writer is in, in the order of tags; absent ones are left out.</summary>
    public static void WriteChosen(Utf8JsonWriter writer, DicomDataset dataset, IReadOnlyCollection<DicomTag> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        foreach (var tag in tags.Order())
        {
            if (dataset?.Find(tag) is { } element)
            {
                WriteElement(writer, dataset, element);
            }
        }
    }
}
