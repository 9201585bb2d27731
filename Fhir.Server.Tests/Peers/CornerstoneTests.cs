using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Peers;

/// <summary>Cornerstone3D, unmodified, in Chromium, on a page of another origin: infra/peers/cornerstone.</summary>
[TestFixture]
public sealed class CornerstoneTests
{
    private const string Root = "1.2.276.20.";

    private static readonly byte[] Pdf = Encoding.ASCII.GetBytes(
        "%PDF-1.4\n%" + new string('.', 3000) + "\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        + "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<<>>>>endobj\n"
        + "4 0 obj<</Length 29>>stream\n1 0 0 rg 50 50 100 100 re f  \nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF");

    [Test]
    public async Task Cornerstone3D_shows_a_CT_a_radiograph_a_JPEG_2000_a_multi_frame_and_opens_a_PDF()
    {
        var folder = NodePeer.FolderOrSkip("cornerstone", "dist/index.html");
        NodePeer.ProgramOrSkip("chromium");
        await using var server = PhrServer.Start();
        var studies = new[] { Ct(), Radiograph(), await Jpeg2000Async(server.Services.GetRequiredService<IFrameCodec>()), MultiFrame(), Document() };
        await server.PutAsync("/fhir/Patient/cs", """{"resourceType":"Patient","id":"cs"}""");
        var webBase = "/dicomweb/patients/cs";
        foreach (var study in studies)
        {
            using var stored = await server.StowAsync(webBase, study.Files);
            Assert.That((int)stored.StatusCode, Is.EqualTo(200), await stored.Content.ReadAsStringAsync());
        }
        await using var host = await PageHost.StartAsync(Path.Combine(folder, "dist"));
        var told = await host.OpenAsync($"base={Uri.EscapeDataString(server.Address + webBase)}" + string.Concat(studies.Select(study => $"&study={study.Uid}")));
        Assert.That(told.TryGetProperty("failure", out var failure), Is.False, failure.ToString());
        Assert.That(told.GetProperty("failures").EnumerateArray().Select(one => one.GetString()), Is.Empty);
        foreach (var (study, seen) in studies.Zip(told.GetProperty("studies").EnumerateArray()))
        {
            Judge(study, seen);
        }
    }

    private static void Judge(Shown study, JsonElement seen)
    {
        var series = seen.GetProperty("series")[0];
        Keep(study, series);
        Assert.That(seen.GetProperty("description").GetString(), Is.EqualTo("Study " + study.Uid));
        Assert.That(seen.GetProperty("modalities").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { study.Modality }));
        Assert.That(seen.GetProperty("instances").GetInt32(), Is.EqualTo(study.Files.Count));
        if (study.Frames is null)
        {
            Assert.That(series.GetProperty("document").GetProperty("length").GetInt32(), Is.EqualTo(Pdf.Length));
            Assert.That(series.GetProperty("document").GetProperty("begin").GetString(), Is.EqualTo("%PDF-"));
            Assert.That(series.GetProperty("document").GetProperty("end").GetString(), Does.EndWith("%%EOF"));
            return;
        }
        Assert.That(series.GetProperty("count").GetInt32(), Is.EqualTo(study.Frames.Count));
        var middle = study.Frames.Count / 2;
        var expected = new[] { 0, middle, study.Frames.Count - 1 }.Distinct().Select(i => Convert.ToHexStringLower(SHA256.HashData(study.Frames[i])));
        Assert.That(series.GetProperty("images").EnumerateArray().Select(one => one.GetProperty("digest").GetString()), Is.EqualTo(expected), study.Modality);
        Assert.That(series.GetProperty("images").EnumerateArray().Select(one => one.GetProperty("syntax").GetString()), Is.All.EqualTo(study.Syntax));
        Assert.That(series.GetProperty("shades").GetInt32(), Is.GreaterThan(50), "The canvas shows no picture.");
    }

    /// <summary>For people: what was drawn, as PNG files in the folder PHR_PICTURES names.</summary>
    private static void Keep(Shown study, JsonElement series)
    {
        if (Environment.GetEnvironmentVariable("PHR_PICTURES") is { Length: > 0 } folder && series.TryGetProperty("picture", out var picture))
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, study.Uid + ".png"), Convert.FromBase64String(picture.GetString()!.Split(',')[1]));
        }
    }

    private static Shown Ct()
    {
        var frames = Enumerable.Range(0, 5).Select(slice => Words(200, 200, (x, y) => (short)(Math.Sin((x + (slice * 9)) / 15.0) * 700 + y * 2 - 300))).ToList();
        var uid = Root + "1";
        return new(uid, "CT", DicomTransferSyntax.ExplicitLittleEndian, [.. frames.Select((frame, i) => Image(uid, "CT", i, 200, 200, frame, true, 16).ToBytes())], frames);
    }

    private static Shown Radiograph()
    {
        var frame = Words(600, 500, (x, y) => (short)(2000 + 1500 * Math.Cos(x / 80.0) * Math.Sin(y / 90.0)));
        return new(Root + "2", "DX", DicomTransferSyntax.ExplicitLittleEndian, [Image(Root + "2", "DX", 0, 600, 500, frame, false, 12, "MONOCHROME1").ToBytes()], [frame]);
    }

    private static async Task<Shown> Jpeg2000Async(IFrameCodec codec)
    {
        var frame = Words(256, 256, (x, y) => (short)(((x ^ y) * 8) + x));
        var layout = new PixelLayout(256, 256, 1, 16, 12, 11, false, false, "MONOCHROME2");
        var encoded = await codec.EncodeAsync(CodecSyntaxes.Jpeg2000Lossless, frame, layout, default);
        if (encoded.Problem is { Kind: ProblemKind.NotAcceptable or ProblemKind.Unavailable } without)
        {
            Assert.Ignore("The codecs are not at hand: " + without.Text);
        }
        var file = Image(Root + "3", "NM", 0, 256, 256, frame, false, 12);
        var bytes = (file with { Syntax = CodecSyntaxes.Jpeg2000Lossless, Further = data => { file.Further!(data); data.Remove(DicomTag.PixelData); data.AddEncapsulated([encoded.Value.Codestream]); } }).ToBytes();
        return new(Root + "3", "NM", CodecSyntaxes.Jpeg2000Lossless, [bytes], [frame]);
    }

    private static Shown MultiFrame()
    {
        var frames = Enumerable.Range(0, 7).Select(frame => Enumerable.Range(0, 120 * 160).Select(i => (byte)(((i % 160) + (frame * 20)) ^ (i / 160))).ToArray()).ToList();
        var file = new TestDicom(Root + "4", Root + "4.1", Root + "4.1.1")
        {
            Modality = "US", Rows = 120, Columns = 160, Frames = 7, Further = data => data.AddBytes(DicomTag.PixelData, DicomVr.OB, frames.SelectMany(one => one).ToArray()),
        };
        return new(Root + "4", "US", DicomTransferSyntax.ExplicitLittleEndian, [file.ToBytes()], frames);
    }

    private static Shown Document()
    {
        var file = new TestDicom(Root + "5", Root + "5.1", Root + "5.1.1") { Modality = "DOC" }.WithPdf(Pdf);
        return new(Root + "5", "DOC", DicomTransferSyntax.ExplicitLittleEndian, [file.ToBytes()], null);
    }

    private static TestDicom Image(string study, string modality, int index, int rows, int columns, byte[] pixels, bool isSigned, int stored, string interpretation = "MONOCHROME2") =>
        new(study, study + ".1", $"{study}.1.{index + 1}")
        {
            Modality = modality, InstanceNumber = index + 1, Rows = rows, Columns = columns,
            Further = data => data.Add(DicomTag.PhotometricInterpretation, interpretation).AddNumbers(DicomTag.BitsAllocated, DicomVr.US, 16)
                .AddNumbers(DicomTag.BitsStored, DicomVr.US, stored).AddNumbers(DicomTag.HighBit, DicomVr.US, stored - 1)
                .AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, isSigned ? 1 : 0).AddBytes(DicomTag.PixelData, DicomVr.OW, pixels)
                .AddNumbers(DicomTag.PixelSpacing, DicomVr.DS, 1, 1).AddNumbers(DicomTag.ImagePositionPatient, DicomVr.DS, 0, 0, index)
                .AddNumbers(DicomTag.ImageOrientationPatient, DicomVr.DS, 1, 0, 0, 0, 1, 0),
        };

    private static byte[] Words(int rows, int columns, Func<int, int, short> value)
    {
        var bytes = new byte[rows * columns * 2];
        for (var i = 0; i < rows * columns; i++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(i * 2), value(i % columns, i / columns));
        }
        return bytes;
    }

    /// <summary>A study of one series, and what a viewer should make of it.</summary>
    /// <param name="Uid">Study Instance UID.</param>
    /// <param name="Modality">Of the series.</param>
    /// <param name="Syntax">What the frames are in.</param>
    /// <param name="Files">The instances.</param>
    /// <param name="Frames">The pixels of each frame, decoded; null for a document.</param>
    private sealed record Shown(string Uid, string Modality, string Syntax, IReadOnlyList<byte[]> Files, IReadOnlyList<byte[]>? Frames);
}
