using System.IO.Compression;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// What an instance that is a document says, read once when it comes in: resources without ids, subject and addresses, as a deflated
/// Bundle. A broken document says nothing, and is stored like any other instance.
/// </summary>
internal static class InstanceReports
{
    /// <summary>The resources and what stands around them.</summary>
    private const int LongestBundle = ReportLimits.Json + (64 << 10);

    /// <summary>What the instance says; null when it is no document, or one that cannot be told.</summary>
    /// <param name="file">The instance.</param>
    /// <param name="stream">Its bytes.</param>
    public static ReportContent? Read(DicomFile file, Stream stream)
    {
        try
        {
            return ReadOrFail(file, stream);
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException or InvalidOperationException or JsonException)
        {
            // The SDK will not write it: then nothing is told of it, and the instance is kept all the same.
            return null;
        }
    }

    private static ReportContent? ReadOrFail(DicomFile file, Stream stream)
    {
        var resources = (file.SopClassUid switch
        {
            SopClasses.KeyObjectSelection => EncapsulatedReport.ReadKeyObjects(file.Dataset),
            var sopClass when SopClasses.IsStructuredReport(sopClass) => StructuredReport.Read(file.Dataset),
            var sopClass when SopClasses.EncapsulatedType(sopClass) is not null => EncapsulatedReport.Read(file, stream),
            _ => [],
        }).ToList();
        var json = new byte[]?[resources.Count];
        var room = ReportLimits.Json;
        // Measurements come last: they may be left out; a report or document may not, or what is left would hang in the air.
        foreach (var at in Enumerable.Range(0, resources.Count).OrderBy(at => resources[at] is Observation))
        {
            json[at] = room > 0 ? SoundJson(resources[at]) : null;
            if (json[at]?.Length > room)
            {
                json[at] = null;
                room = 0;
            }
            room -= json[at]?.Length ?? 0;
            if (json[at] is null && resources[at] is not Observation)
            {
                return null;
            }
        }
        return resources.Count == 0 ? null : Deflate([.. json.OfType<byte[]>()]);
    }

    /// <summary>Reads what <see cref="Read"/> gave.</summary>
    public static List<Resource> Restore(ReadOnlyMemory<byte> report)
    {
        using var inflater = new DeflateStream(new MemoryStream(report.ToArray()), CompressionMode.Decompress);
        using var json = new MemoryStream();
        var buffer = new byte[1 << 16];
        // What is kept is no longer than the limit; what came into being without one is not told.
        for (int read; (read = inflater.Read(buffer)) > 0;)
        {
            if (json.Length + read > LongestBundle)
            {
                throw new InvalidDataException("What is kept of a document is longer than the limit.");
            }
            json.Write(buffer.AsSpan(0, read));
        }
        return FhirJson.ReadOwn<Bundle>(json.ToArray()).Entry.ConvertAll(entry => entry.Resource!);
    }

    /// <summary>A resource as JSON, if it is what FHIR allows, as this server would ask of one that is sent to it; else null.</summary>
    private static byte[]? SoundJson(Resource resource)
    {
        var json = FhirJson.Write(resource);
        var reader = new Utf8JsonReader(json);
        return FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out _, out var issues) && !issues.Any() ? json : null;
    }

    /// <summary>A deflated Bundle of resources that are JSON already.</summary>
    private static ReportContent Deflate(List<byte[]> resources)
    {
        using var output = new MemoryStream();
        using (var deflater = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write("{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":["u8);
            for (var at = 0; at < resources.Count; at++)
            {
                deflater.Write(at == 0 ? "{\"resource\":"u8 : ",{\"resource\":"u8);
                deflater.Write(resources[at]);
                deflater.Write("}"u8);
            }
            deflater.Write("]}"u8);
        }
        return new(output.ToArray(), resources.Count, resources.Sum(one => one.Length));
    }
}
