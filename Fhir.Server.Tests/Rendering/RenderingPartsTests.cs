using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.Rendering;

/// <summary>What is fetched from the file before rendering.</summary>
public sealed class RenderingPartsTests
{
    [Test]
    public void Tables_and_overlays_are_loaded()
    {
        using var stream = new MemoryStream(Overlaid(2_000).Bytes());
        var file = Part10Reader.Read(stream).Value;
        Assert.That(RenderingParts.Load(file, stream).Problem, Is.Null);
        Assert.That(file.Dataset.Find(RenderingTags.Overlay(0, 0x3000))!.Value.Length, Is.EqualTo(2_000));
    }

    [Test]
    public void A_part_that_is_too_large_by_itself_is_left_out()
    {
        using var stream = new MemoryStream(Overlaid((1 << 24) + 2).Bytes());
        var file = Part10Reader.Read(stream).Value;
        Assert.That(RenderingParts.Load(file, stream).Problem, Is.Null);
        Assert.That(file.Dataset.Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 1, 2)), Is.EqualTo([1, 2]));
    }

    [Test]
    public void A_part_that_cannot_be_read_is_left_out()
    {
        using var stream = new MemoryStream(Overlaid(2_000).Bytes());
        var file = Part10Reader.Read(stream).Value;
        stream.SetLength(stream.Length - 100);
        Assert.That(RenderingParts.Load(file, stream).Problem, Is.Null);
        Assert.That(file.Dataset.Render(Painted.Bytes(Painted.Layout(1, 2, bits: 8), 1, 2)), Is.EqualTo([1, 2]));
    }

    [Test]
    public void All_together_may_not_be_too_large()
    {
        var image = Painted.Image().Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7");
        for (var plane = 0; plane < 5; plane++)
        {
            image.AddBytes(RenderingTags.Overlay(plane, 0x3000), DicomVr.OW, new byte[(1 << 24) - 2]);
        }

        using var stream = new MemoryStream(image.Bytes());
        Assert.That(RenderingParts.Load(Part10Reader.Read(stream).Value, stream).Problem?.Kind, Is.EqualTo(ProblemKind.TooLarge));
    }

    private static DicomDataset Overlaid(int length) => MarkTests.Overlay(
        new DicomDataset().Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.7").Add(DicomTag.SOPInstanceUID, Painted.Uid), 1, 1, [1, 1], [.. Enumerable.Repeat((byte)1, length)]);
}
