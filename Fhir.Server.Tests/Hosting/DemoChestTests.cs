using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;

namespace Fhir.Server.Tests.Hosting;

/// <summary>PS3.3 §C.8.11: digital x-ray images for presentation.</summary>
public sealed class DemoChestTests
{
    private static DemoFile Frontal => DemoFile.Dx[0];

    private static DemoFile Lateral => DemoFile.Dx[1];

    [Test]
    public void Two_views_say_how_they_were_taken()
    {
        Assert.That(DemoFile.Dx.Select(file => file["ViewPosition"]), Is.EqualTo(new[] { "PA", "LL" }));
        Assert.That(DemoFile.Dx.Select(file => string.Join('\\', file.Dataset.GetStrings(Tag("PatientOrientation")))), Is.EqualTo(new[] { @"L\F", @"P\F" }));
        Assert.That(DemoFile.Dx.Select(file => file["ImageLaterality"]), Has.All.EqualTo("U"));
        Assert.That(DemoFile.Dx.Select(file => file["Laterality"]), Has.All.Null);
    }

    [Test]
    public void Pixels_have_a_size_at_the_detector()
    {
        Assert.That(DemoFile.Dx.Select(file => file.Dataset.GetDoubles(Tag("ImagerPixelSpacing"))), Has.All.EqualTo(new[] { 0.35, 0.35 }));
        Assert.That(DemoFile.Dx.Select(file => file.Dataset.GetInt32(DicomTag.BitsStored)), Has.All.EqualTo(12));
        Assert.That(DemoFile.Dx.Select(file => file["PresentationLUTShape"]), Has.All.EqualTo("IDENTITY"));
    }

    [Test]
    public void Lungs_are_dark_spine_and_liver_bright_and_air_outside_black()
    {
        var (lung, spine, liver) = (Mean(Frontal, 210, 600), Mean(Frontal, 512, 700), Mean(Frontal, 330, 1000));
        Assert.That(lung, Is.LessThan(spine * 0.6).And.LessThan(liver * 0.6));
        Assert.That(Mean(Frontal, 12, 1000), Is.LessThan(60));
        Assert.That(Mean(Lateral, 60, 700), Is.LessThan(60));
    }

    [Test]
    public void The_heart_lies_on_the_left_and_so_does_the_marker()
    {
        Assert.That(Mean(Frontal, 640, 760), Is.GreaterThan(Mean(Frontal, 1023 - 640, 760) * 1.1));
        var corner = Enumerable.Range(0, 90).SelectMany(row => Enumerable.Range(920, 80).Select(column => Frontal.Stored[(row * Radiograph.Columns) + column]));
        Assert.That(corner.Max(), Is.GreaterThan(2500));
    }

    [Test]
    public void The_spine_is_behind_the_heart()
    {
        Assert.That(Lateral["ViewPosition"], Is.EqualTo("LL"));
        Assert.That(Mean(Lateral, 450, 730), Is.GreaterThan(Mean(Lateral, 580, 810)));
        Assert.That(Mean(Lateral, 670, 640), Is.GreaterThan(Mean(Lateral, 580, 810)));
    }

    private static DicomTag Tag(string keyword) => DicomTag.TryParse(keyword, out var tag) ? tag : throw new ArgumentException(keyword);

    private static double Mean(DemoFile file, int column, int row)
    {
        var sum = 0.0;
        for (var i = -8; i < 8; i++)
        {
            for (var j = -8; j < 8; j++)
            {
                sum += file.Stored[((row + i) * Radiograph.Columns) + column + j];
            }
        }
        return sum / 256;
    }
}
