using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>What has no picture says so in words.</summary>
public sealed class DrawableTests
{
    [TestCase("1.2.840.10008.5.1.4.1.1.88.33", "report")]
    [TestCase("1.2.840.10008.5.1.4.1.1.104.1", "document")]
    [TestCase("1.2.840.10008.5.1.4.1.1.9.1.1", "waveform")]
    [TestCase("1.2.840.10008.5.1.4.1.1.11.1", "presentation state")]
    [TestCase("1.2.840.10008.5.1.4.1.1.66", "Raw data")]
    [TestCase("1.2.840.10008.5.1.4.1.1.66.1", "Registrations")]
    [TestCase("1.2.840.10008.5.1.4.1.1.481.3", "structure set")]
    [TestCase("1.2.840.10008.5.1.4.1.1.481.5", "plan")]
    [TestCase("1.2.840.10008.1.3.10", "directory")]
    [TestCase("1.2.840.10008.5.1.4.1.1.2", "no pixels")]
    [TestCase(null, "no pixels")]
    public void What_has_no_pixels_is_refused_by_what_it_is(string? sopClass, string word)
    {
        var problem = Drawable.Refuse(new DicomDataset(), sopClass);
        Assert.That(problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(problem!.Text, Does.Contain(word));
    }

    [Test]
    public void What_has_pixels_is_not_refused() => Assert.That(Drawable.Refuse(Painted.Image(), "1.2.840.10008.5.1.4.1.1.481.2"), Is.Null);

    [Test]
    public void A_frame_that_is_too_short_or_too_large_is_a_problem()
    {
        Assert.That(Painted.Image().Refusal(Painted.Bytes(Painted.Layout(2, 2), 1, 2))?.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(Painted.Image().Refusal(Painted.Bytes(Painted.Layout(0, 2), 1, 2))?.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(Painted.Image().Refusal(Painted.Bytes(Painted.Layout(60000, 60000, bits: 8), 1, 2))?.Kind, Is.EqualTo(ProblemKind.TooCostly));
        Assert.That(Painted.Image().Refusal(Painted.Bytes(Painted.Layout(1, 1, bits: 24), 1, 2, 3))?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(
            Painted.Image().Refusal(Painted.Bytes(Painted.Layout(1, 1, bits: 32, photometric: "RGB", samples: 3), new byte[12]))?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
    }

    [Test]
    public void Tables_and_overlays_left_in_the_file_are_fetched_and_pixels_are_not()
    {
        var image = Fhir.Server.Tests.Dicom.Made.Image(rows: 64, columns: 64)
            .AddSequence(DicomTag.VOILUTSequence, [Painted.Table(0, 16, new ushort[4096])])
            .AddBytes(RenderingTags.Overlay(0, 0x3000), DicomVr.OW, new byte[2000])
            .AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[8192]);
        using var stream = new MemoryStream(Fhir.Server.Tests.Dicom.Made.Bytes(image));
        var file = Part10Reader.Read(stream).Value;
        Assert.That(file.Dataset.Items(DicomTag.VOILUTSequence)[0].Find(DicomTag.LUTData)!.Value.IsEmpty);
        Assert.That(RenderingParts.Load(file, stream).IsSuccess);
        Assert.That(file.Dataset.Items(DicomTag.VOILUTSequence)[0].Find(DicomTag.LUTData)!.Value.Length, Is.EqualTo(8192));
        Assert.That(file.Dataset.Find(RenderingTags.Overlay(0, 0x3000))!.Value.Length, Is.EqualTo(2000));
        Assert.That(file.Dataset.Find(DicomTag.PixelData)!.Value.IsEmpty);
    }
}
