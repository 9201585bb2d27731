using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rendering;
using SkiaSharp;

namespace Fhir.Server.Tests.Hosting;

/// <summary>The <c>dicom</c> commands as a person runs them, as processes of their own.</summary>
[TestFixture]
public sealed class DicomCommandTests
{
    private string root = "";

    [SetUp]
    public void MakeFolder()
    {
        root = Directory.CreateTempSubdirectory("phr-dicom-").FullName;
        Directory.CreateDirectory(In("disc/deep"));
        File.WriteAllBytes(In("disc/deep/one.dcm"), Fhir.Server.Tests.Dicom.Made.Bytes(Image()));
        File.WriteAllBytes(In("disc/report"), Fhir.Server.Tests.Dicom.Made.Bytes(Report()));
        File.WriteAllText(In("disc/README.TXT"), "no picture");
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [Test]
    public async Task Dump_tells_names_values_and_items_and_lets_no_file_command_the_terminal()
    {
        var (code, output) = await RunAsync("dump", In("disc"));
        Assert.That(code, Is.Zero, output);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Does.Match(@"\(0010,0010\) PN Müller\^Jörg +# Patient's Name"));
            Assert.That(output, Does.Contain("1.2.840.10008.5.1.4.1.1.7 = Secondary Capture Image Storage"));
            Assert.That(output, Does.Match(@"> item 1\r?\n +\(0008,0104\) LO ?.*Chest"));
            Assert.That(output, Does.Contain("Explicit VR Little Endian"));
            Assert.That(output, Does.Not.Contain("\u001B"));
            Assert.That(output, Does.Not.Contain("README"));
        }
    }

    [Test]
    public async Task Json_is_DICOM_JSON_a_line_each_or_a_file_each()
    {
        var (code, output) = await RunAsync("json", In("disc/deep/one.dcm"));
        Assert.That(code, Is.Zero, output);
        using var json = JsonDocument.Parse(output);
        Assert.That(json.RootElement.GetProperty("00280010").GetProperty("Value")[0].GetInt32(), Is.EqualTo(4));
        Assert.That((await RunAsync("json", In("disc"), "-o", In("out"))).Code, Is.Zero);
        Assert.That(File.Exists(In("out/deep/one.dcm.json")) && File.Exists(In("out/report.json")));
    }

    [Test]
    public async Task Render_makes_a_picture_as_told_and_never_replaces_one_unasked()
    {
        string[] command = ["render", In("disc/deep/one.dcm"), "-o", In("one.png"), "--window", "8,16,linear-exact", "--width", "8", "--invert"];
        var (code, output) = await RunAsync(command);
        Assert.That(code, Is.Zero, output);
        using (var picture = SKBitmap.Decode(In("one.png")))
        {
            Assert.That((picture.Width, picture.Height), Is.EqualTo((8, 8)));
            Assert.That(picture.GetPixel(0, 0).Red, Is.EqualTo(255), "Inverted.");
            Assert.That(picture.GetPixel(7, 7).Red, Is.LessThan(30));
        }

        var (again, said) = await RunAsync(command);
        Assert.That(again, Is.EqualTo(1));
        Assert.That(said, Does.Contain("--force"));
        Assert.That((await RunAsync([.. command, "--force"])).Code, Is.Zero);
    }

    [Test]
    public async Task Render_goes_on_after_what_has_no_picture_and_ends_with_1()
    {
        var (code, output) = await RunAsync("render", In("disc"), "--format", "jpeg", "-o", In("out"), "--frame", "all");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("A structured report has no picture.").And.Contain("1 of 2 files failed."));
        Assert.That(File.ReadAllBytes(In("out/deep/one.dcm.jpg"))[..2], Is.EqualTo([0xFF, 0xD8]));
    }

    [TestCase("--window", "40")]
    [TestCase("--frame", "0")]
    [TestCase("--quality", "0")]
    [TestCase("--width", "0")]
    [TestCase("--viewport", "1,2,3")]
    public async Task Arguments_that_make_no_sense_end_with_2_and_a_sentence(string option, string value)
    {
        var (code, output) = await RunAsync("render", In("disc"), option, value);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output.Trim(), Does.EndWith(".").And.Not.Contain("   at "));
    }

    [Test]
    public async Task A_file_that_is_not_there_is_told()
    {
        var (code, output) = await RunAsync("dump", In("nowhere"));
        Assert.That(code, Is.EqualTo(1));
        Assert.That(output, Does.Contain("There is no such file.").And.Not.Contain("   at "));
    }

    [Test]
    public async Task A_contact_sheet_shows_pictures_and_reasons()
    {
        var (code, output) = await RunAsync("contact-sheet", In("disc"), "-o", In("sheet.png"), "--columns", "2", "--size", "64");
        Assert.That(code, Is.Zero, output);
        using var sheet = SKBitmap.Decode(In("sheet.png"));
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo(((2 * 68) + 4, 64 + 18 + 8)));
        Assert.That(sheet.Pixels.Distinct().Count(), Is.GreaterThan(10), "A slope of grey.");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Dots(sheet, 72, 4, 64, 64), Is.GreaterThan(100), "The reason in place of a picture.");
            Assert.That(Dots(sheet, 4, 68, 64, 22), Is.GreaterThan(50), "The label of the picture.");
            Assert.That(Dots(sheet, 72, 68, 64, 22), Is.GreaterThan(30), "The label of the reason.");
        }
    }

    [Test]
    public async Task Transcode_to_RLE_and_back_keeps_every_pixel()
    {
        Assert.That((await RunAsync("transcode", In("disc/deep/one.dcm"), "--to", "rle", "-o", In("rle.dcm"))).Code, Is.Zero);
        var (code, output) = await RunAsync("transcode", In("rle.dcm"), "--to", "1.2.840.10008.1.2.1", "-o", In("back"));
        Assert.That(code, Is.Zero, output);
        var rle = Fhir.Server.Tests.Dicom.Made.Read(File.ReadAllBytes(In("rle.dcm")));
        using var stream = File.OpenRead(In("back/rle.dcm"));
        var back = Part10Reader.Read(stream).Value;
        Assert.That(rle.TransferSyntax, Is.EqualTo("1.2.840.10008.1.2.5"));
        Assert.That(back.Load(back.Dataset.Find(DicomTag.PixelData)!, stream).Value.ToArray(), Is.EqualTo(Image().Find(DicomTag.PixelData)!.Value.ToArray()));
    }

    [Test]
    public async Task Transcode_to_what_nobody_writes_ends_with_2_and_names_what_can_be()
    {
        var (code, output) = await RunAsync("transcode", In("disc"), "--to", "gif", "-o", In("out"));
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output, Does.Contain("htj2k"));
    }

    /// <summary>White ones in a part of a picture: letters.</summary>
    private static int Dots(SKBitmap picture, int x, int y, int width, int height) =>
        Enumerable.Range(0, width * height).Count(i => picture.GetPixel(x + (i % width), y + (i / width)) == SKColors.White);

    internal static DicomDataset Image()
    {
        var pixels = Enumerable.Range(0, 16).SelectMany(i => new[] { (byte)i, (byte)0 }).ToArray();
        return Fhir.Server.Tests.Dicom.Made.Image().Add(DicomTag.Modality, "OT").AddNumbers(DicomTag.BitsStored, DicomVr.US, 12)
            .AddNumbers(DicomTag.HighBit, DicomVr.US, 11).AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 0)
            .Add(DicomTag.StudyDescription, DicomVr.LO, "red \u001B[31m")
            .AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeMeaning, "Chest"))
            .AddBytes(DicomTag.PixelData, DicomVr.OW, pixels);
    }

    private static DicomDataset Report() => new DicomDataset().Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.88.11").Add(DicomTag.SOPInstanceUID, Painted.Uid);

    private string In(string path) => Path.Combine(root, path);

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => CommandProcess.RunAsync(["dicom", .. arguments]);
}
