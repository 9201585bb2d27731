using System.IO.Compression;
using System.Text.Json;
using Fhir.Server.Dicom;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// What an instance that is a document says, read once when it comes in: resources without ids, subject and addresses, as a deflated
/// Bundle. A broken document says nothing, and is stored like any other instance.
/// </summary>
internal static class InstanceReports
{
    /// <summary>Key Object Selection Document Storage.</summary>
    public const string KeyObjectSelection = "1.2.840.10008.5.1.4.1.1.88.59";

    private const string StructuredReports = "1.2.840.10008.5.1.4.1.1.88.";
    private const string Encapsulated = "1.2.840.10008.5.1.4.1.1.104.";

    /// <summary>Whether a SOP class is one of the structured reports, key object notes aside. PS3.4 Table B.5-1</summary>
    public static bool IsStructuredReport(string? sopClass) =>
        sopClass is not null && sopClass != KeyObjectSelection && sopClass.StartsWith(StructuredReports, StringComparison.Ordinal);

    /// <summary>The media type of what instances of a SOP class encapsulate; null when they encapsulate nothing. PS3.3 §A.45, §A.85</summary>
    public static string? EncapsulatedType(string? sopClass) =>
        sopClass is null || !sopClass.StartsWith(Encapsulated, StringComparison.Ordinal) ? null : sopClass[Encapsulated.Length..] switch
        {
            "1" => DocumentBytes.Pdf,
            "2" => DocumentBytes.Xml,
            "3" => "model/stl",
            "4" => "model/obj",
            "5" => "model/mtl",
            _ => null,
        };

    /// <summary>What the instance says; empty when it is no document, or one that cannot be read.</summary>
    /// <param name="file">The instance.</param>
    /// <param name="stream">Its bytes.</param>
    public static ReadOnlyMemory<byte> Read(DicomFile file, Stream stream)
    {
        try
        {
            return ReadOrFail(file, stream);
        }
        catch (Exception refused) when (refused is ArgumentException or FormatException or OverflowException or InvalidOperationException or JsonException)
        {
            // The SDK will not write it: then nothing is told of it, and the instance is kept all the same.
            return default;
        }
    }

    private static ReadOnlyMemory<byte> ReadOrFail(DicomFile file, Stream stream)
    {
        var resources = (file.SopClassUid switch
        {
            KeyObjectSelection => EncapsulatedReport.ReadKeyObjects(file.Dataset),
            var sopClass when IsStructuredReport(sopClass) => StructuredReport.Read(file.Dataset),
            var sopClass when EncapsulatedType(sopClass) is not null => EncapsulatedReport.Read(file, stream),
            _ => [],
        }).ToList();
        if (resources.Count == 0)
        {
            return default;
        }
        var sound = resources.FindAll(IsSound);
        // A measurement may be left out; a report or document may not, or what is left would hang in the air.
        return resources.Except(sound).Any(broken => broken is not Observation)
            ? default
            : Deflate(FhirJson.Write(new Bundle { Type = Bundle.BundleType.Collection, Entry = sound.ConvertAll(one => new Bundle.EntryComponent { Resource = one }) }));
    }

    /// <summary>Reads what <see cref="Read"/> gave.</summary>
    public static List<Resource> Restore(ReadOnlyMemory<byte> report)
    {
        using var inflater = new DeflateStream(new MemoryStream(report.ToArray()), CompressionMode.Decompress);
        using var json = new MemoryStream();
        inflater.CopyTo(json);
        return FhirJson.ReadOwn<Bundle>(json.ToArray()).Entry.ConvertAll(entry => entry.Resource!);
    }

    /// <summary>Whether a resource is what FHIR allows, as this server would ask of one that is sent to it.</summary>
    private static bool IsSound(Resource resource)
    {
        var reader = new Utf8JsonReader(FhirJson.Write(resource));
        return FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out _, out var issues) && !issues.Any();
    }

    private static byte[] Deflate(byte[] json)
    {
        using var output = new MemoryStream();
        using (var deflater = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflater.Write(json);
        }
        return output.ToArray();
    }
}
