using Fhir.Server.Dicom;
using Fhir.Server.Rendering;
using Fhir.Server.Tests.Dicom;
using Fhir.Server.Tests.Rendering;
using SkiaSharp;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What the options of <c>dicom render</c> and <c>dicom contact-sheet</c> do, and what they refuse.</summary>
[TestFixture]
public sealed class RenderCommandTests
{
    private string root = "";

    [SetUp]
    public void MakeFolder() => root = Directory.CreateTempSubdirectory("phr-render-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [Test]
    public async Task All_frames_become_pictures_of_their_own()
    {
        Put("cine.dcm", Image(frames: 2, pixels: [0, 255, 100, 200]).AsIs());
        Assert.That((await RunAsync("render", In("cine.dcm"), "-o", In("out"), "--frame", "all")).Code, Is.Zero);
        Assert.That(Directory.GetFiles(In("out")).Select(Path.GetFileName).Order(), Is.EqualTo(["cine.dcm.0001.png", "cine.dcm.0002.png"]));
        Assert.That(Greys("out/cine.dcm.0001.png"), Is.EqualTo([0, 255]));
        Assert.That(Greys("out/cine.dcm.0002.png"), Is.EqualTo([100, 200]));
    }

    [Test]
    public async Task Another_of_the_image_s_own_windows_can_be_had()
    {
        Put("two.dcm", Image(pixels: [0, 50]).AddNumbers(DicomTag.WindowCenter, DicomVr.DS, 127.5, 50).AddNumbers(DicomTag.WindowWidth, DicomVr.DS, 255, 100)
            .Add(RenderingTags.VoiLutFunction, DicomVr.CS, "LINEAR_EXACT"));
        Assert.That(await GreysAsync("two.dcm"), Is.EqualTo([0, 50]));
        Assert.That(await GreysAsync("two.dcm", "--voi", "2"), Is.EqualTo([0, 128]));
    }

    [Test]
    public async Task A_viewport_cuts_and_turns()
    {
        Put("six.dcm", Image(rows: 2, columns: 3, pixels: [1, 2, 3, 4, 5, 6]).AsIs());
        Assert.That(await GreysAsync("six.dcm", "--viewport", "2,1,1,1,-2,1"), Is.EqualTo([6, 5]));
    }

    [Test]
    public async Task A_presentation_state_is_applied_and_one_about_another_image_refused()
    {
        Put("six.dcm", Image(rows: 2, columns: 3, pixels: [1, 2, 3, 4, 5, 6]).AsIs());
        Put("state.dcm", State(Made.Instance));
        Put("other.dcm", State("9.9"));
        Assert.That(await GreysAsync("six.dcm", "--presentation-state", In("state.dcm")), Is.EqualTo([6, 5, 4, 3, 2, 1]));
        var (code, said) = await RunAsync("render", In("six.dcm"), "-o", In("other.png"), "--presentation-state", In("other.dcm"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(said, Does.Contain("not about this image"));
    }

    [Test]
    public async Task Words_are_burned_in_only_when_asked_for()
    {
        Put("dark.dcm", Image(rows: 40, columns: 120, pixels: new byte[4800]).AsIs());
        Assert.That(await GreysAsync("dark.dcm"), Is.All.Zero);
        Assert.That(await GreysAsync("dark.dcm", "--captions", "patient"), Has.Some.EqualTo(255));
        Assert.That((await RunAsync("render", In("dark.dcm"), "--captions", "everything")).Code, Is.Not.Zero);
    }

    [Test]
    public async Task A_damaged_frame_is_shown_with_a_warning()
    {
        Put("cut.dcm", Image(rows: 2, columns: 2, pixels: [9, 9]).AsIs());
        var (code, said) = await RunAsync("render", In("cut.dcm"), "-o", In("cut.png"));
        Assert.That(code, Is.Zero, said);
        Assert.That(said, Does.Contain(In("cut.dcm") + ": Warning: frame 1 is damaged"));
        Assert.That(Greys("cut.png"), Is.EqualTo([9, 9, 0, 0]));
    }

    [TestCase("render", "a.png", "--format", "jpeg")]
    [TestCase("render", "a.jpg", "--format", "png")]
    [TestCase("contact-sheet", "a.png", "--columns", "64", "--rows", "64", "--size", "1024")]
    public async Task What_cannot_be_meant_ends_with_2_and_a_sentence(string command, string output, params string[] options)
    {
        Put("one.dcm", Image(pixels: [0, 50]));
        var (code, said) = await RunAsync([command, In("one.dcm"), "-o", In(output), .. options]);
        Assert.That(code, Is.EqualTo(2), said);
        Assert.That(said.Trim(), Does.EndWith(".").And.Not.Contain("   at "));
        Assert.That(File.Exists(In(output)), Is.False);
    }

    [Test]
    public async Task A_sheet_that_JPEG_cannot_hold_is_a_failure_and_no_empty_file()
    {
        if (!Fhir.Server.Rendering.Formats.PictureEncoder.CanWrite(Fhir.Server.Rendering.Formats.PictureFormat.Jpeg))
        {
            Assert.Ignore("JPEG cannot be made on this machine.");
        }

        await File.WriteAllTextAsync(In("README.TXT"), "no picture");
        var sources = Enumerable.Repeat(In("README.TXT"), 64);
        var (code, said) = await RunAsync(["contact-sheet", .. sources, "-o", In("sheet.jpg"), "--columns", "1", "--rows", "64", "--size", "1002"]);
        Assert.That(code, Is.EqualTo(1), said);
        Assert.That(said, Does.Contain("too large for JPEG"));
        Assert.That(File.Exists(In("sheet.jpg")), Is.False);
    }

    [TestCase("MemoryMegabytes", "100")]
    [TestCase("MemoryMegabytes", "plenty")]
    [TestCase("Deadline", "00:00:00")]
    public async Task A_setting_of_the_codecs_that_cannot_be_had_is_told_as_the_server_does(string key, string value)
    {
        Put("one.dcm", Image(pixels: [0, 50]));
        var (code, said) = await CommandProcess.RunAsync([("Codecs__" + key, value)], ["dicom", "render", In("one.dcm"), "-o", In("one.png")]);
        Assert.That(code, Is.Not.Zero);
        Assert.That(said, Does.Contain(key).And.Not.Contain("   at "));
    }

    private static DicomDataset Image(byte[] pixels, int frames = 1, int rows = 1, int columns = 2) => Made.Image(frames, 8, rows, columns)
        .Add(DicomTag.Modality, "OT").AddNumbers(DicomTag.BitsStored, DicomVr.US, 8).AddNumbers(DicomTag.HighBit, DicomVr.US, 7)
        .AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 0).AddBytes(DicomTag.PixelData, DicomVr.OB, pixels);

    private static DicomDataset State(string image) => new DicomDataset()
        .Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.11.1").Add(DicomTag.SOPInstanceUID, "1.2.3.9")
        .AddNumbers(RenderingTags.ImageRotation, DicomVr.US, 180)
        .AddSequence(DicomTag.ReferencedSeriesSequence, [new DicomDataset().AddSequence(
            RenderingTags.ReferencedImageSequence, [new DicomDataset().Add(DicomTag.ReferencedSOPInstanceUID, DicomVr.UI, image)])]);

    private string In(string path) => Path.Combine(root, path);

    private void Put(string name, DicomDataset dataset) => File.WriteAllBytes(In(name), dataset.Bytes());

    private async Task<byte[]> GreysAsync(string name, params string[] options)
    {
        var (code, said) = await RunAsync(["render", In(name), "-o", In("shown.png"), "--force", .. options]);
        Assert.That(code, Is.Zero, said);
        return Greys("shown.png");
    }

    private byte[] Greys(string name)
    {
        using var picture = SKBitmap.Decode(In(name));
        return [.. picture.Pixels.Select(pixel => pixel.Red)];
    }

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => CommandProcess.RunAsync(["dicom", .. arguments]);
}
