using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Peers;

/// <summary>Every call dicomweb-client has, with every kind of media type it knows.</summary>
[TestFixture]
public sealed class DicomwebClientSurfaceTests
{
    private const string Study = "1.2.276.40.1";
    private const string Series = Study + ".1";
    private const string Native = Series + ".1";
    private const string Compressed = Series + ".2";
    private const string Document = Series + ".3";
    private const string Pdf = "%PDF-1.4\n%%EOF\n";

    [TestCase("/dicomweb/patients/sf")]
    [TestCase("/dicomweb")]
    public async Task All_of_dicomweb_client_works(string webBase)
    {
        var folder = NodePeer.FolderOrSkip("dicomweb-client", "node_modules/dicomweb-client");
        NodePeer.ProgramOrSkip("node");
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/sf", """{"resourceType":"Patient","id":"sf"}""");
        var native = new TestDicom(Study, Series, Native) { Modality = "OT", Rows = 40, Columns = 30, Frames = 3, Further = Large };
        var samples = Enumerable.Range(0, 64 * 64).SelectMany(i => BitConverter.GetBytes((ushort)(i % 4096))).ToArray();
        var codec = server.Services.GetRequiredService<IFrameCodec>();
        var encoded = await codec.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, samples, new PixelLayout(64, 64, 1, 16, 12, 11, false, false, "MONOCHROME2"), default);
        if (encoded.Problem is { Kind: ProblemKind.NotAcceptable or ProblemKind.Unavailable } without)
        {
            Assert.Ignore("The codecs are not at hand: " + without.Text);
        }
        var codestream = encoded.Value.Codestream.ToArray();
        var files = new[] { native, OfJpeg2000(native, codestream), OfPdf(native) }.Select(one => one.ToBytes()).ToList();
        using var stored = await server.StowAsync("/dicomweb/patients/sf", files);
        Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());

        var told = await NodePeer.RunAsync(folder, "surface.mjs", server.Address + webBase, Study, Series, Native, Compressed, Document);
        var rows = told.GetProperty("searchForStudies");
        Assert.That(rows.GetProperty("count").GetInt32(), Is.EqualTo(1), told.ToString());
        foreach (var (call, count) in new[]
        {
            ("searchForSeries", 1), ("searchForAllSeries", 1), ("searchForInstances", 1), ("searchForInstancesOfStudy", 3), ("searchForAllInstances", 1),
            ("retrieveStudyMetadata", 3), ("retrieveSeriesMetadata", 3), ("retrieveInstanceMetadata", 1),
        })
        {
            Assert.That(told.GetProperty(call).GetProperty("count").GetInt32(), Is.EqualTo(count), call + told.GetProperty(call));
        }
        foreach (var call in new[] { "retrieveStudy", "retrieveSeries" })
        {
            Assert.That(Digests(told, call), Is.EquivalentTo(files.Select(Digest)), call);
        }
        Assert.That(Digests(told, "retrieveInstance"), Is.EqualTo(new[] { Digest(files[0]) }));

        var frame = Enumerable.Repeat((byte)7, 40 * 30).ToArray();
        Assert.That(Digests(told, "frames"), Is.EqualTo(new[] { Digest(frame), Digest(frame) }));
        Assert.That(Digests(told, "framesExplicit"), Is.EqualTo(new[] { Digest(samples) }));
        foreach (var call in new[] { "framesAnySyntax", "framesJp2", "framesEither" })
        {
            Assert.That(Lengths(told, call).Single(), Is.InRange(codestream.Length, codestream.Length + 1), call);
        }
        Assert.That(told.GetProperty("framesAnySyntax")[0].GetProperty("syntax").GetString(), Is.EqualTo(CodecSyntaxes.Jpeg2000Lossless));
        Assert.That(told.GetProperty("framesThatAreNotThere").GetProperty("status").GetInt32(), Is.EqualTo(404));

        foreach (var (call, begin) in new[]
        {
            ("rendered", "\u00FF\u00D8\u00FF"), ("renderedPng", "\u0089PNG"), ("renderedDocument", "%PDF-1.4"), ("framesRendered", "\u00FF\u00D8\u00FF"),
            ("thumbnail", "\u00FF\u00D8\u00FF"), ("framesThumbnail", "\u0089PNG"),
        })
        {
            Assert.That(told.GetProperty(call).ToString(), Does.Not.Contain("\"message\""), call);
            Assert.That(told.GetProperty(call)[0].GetProperty("begin").GetString(), Does.StartWith(begin), call);
        }

        var pixels = Enumerable.Repeat((byte)7, 40 * 30 * 3).ToArray();
        Assert.That(Digests(told, "bulkdata"), Is.EqualTo(new[] { Digest(pixels) }));
        Assert.That(Digests(told, "bulkdataSinglePart"), Is.EqualTo(new[] { Digest(pixels) }));
        Assert.That(Lengths(told, "bulkdataRange"), Is.EqualTo(new[] { 4 }));
        Assert.That(Digests(told, "pdf"), Is.EqualTo(new[] { Digest(Encoding.ASCII.GetBytes(Whole())) }));
        Assert.That(Digests(told, "pdfSinglePart"), Is.EqualTo(new[] { Digest(Encoding.ASCII.GetBytes(Whole())) }));
        Assert.That(told.GetProperty("wadoUri").GetProperty("sha256").GetString(), Is.EqualTo(Digest(files[0])));
        Assert.That(told.GetProperty("wadoUriPicture").GetProperty("type").GetString(), Is.EqualTo("image/jpeg"));
        Assert.That(told.GetProperty("stored").GetProperty("00081199").GetProperty("Value").GetArrayLength(), Is.EqualTo(1));
        Assert.That(told.GetProperty("progress").GetBoolean());
        Assert.That(told.GetProperty("elsewhere").GetInt32(), Is.EqualTo(409));
    }

    private static string Whole() => Pdf + new string('%', 3000) + "\n";

    private static void Large(DicomDataset data) => data.Add(DicomTag.StudyDescription, "Surface");

    private static TestDicom OfJpeg2000(TestDicom one, byte[] codestream) => one with
    {
        Sop = Compressed, InstanceNumber = 2, Frames = 1, Rows = 64, Columns = 64, Syntax = CodecSyntaxes.Jpeg2000Lossless,
        Further = data =>
        {
            data.AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 16).AddNumbers(DicomTag.BitsStored, DicomVr.US, 12).AddNumbers(DicomTag.HighBit, DicomVr.US, 11);
            data.Remove(DicomTag.PixelData);
            data.AddEncapsulated([codestream]);
        },
    };

    private static TestDicom OfPdf(TestDicom one) => (one with { Sop = Document, InstanceNumber = 3 }).WithPdf(Encoding.ASCII.GetBytes(Whole()));

    private static string Digest(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static IEnumerable<string?> Digests(JsonElement told, string call) => Parts(told, call).Select(part => part.GetProperty("sha256").GetString());

    private static IEnumerable<int> Lengths(JsonElement told, string call) => Parts(told, call).Select(part => part.GetProperty("length").GetInt32());

    private static JsonElement.ArrayEnumerator Parts(JsonElement told, string call)
    {
        Assert.That(told.GetProperty(call).ValueKind, Is.EqualTo(JsonValueKind.Array), $"{call}: {told.GetProperty(call)}");
        return told.GetProperty(call).EnumerateArray();
    }
}
