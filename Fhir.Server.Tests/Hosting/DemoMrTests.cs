using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;

namespace Fhir.Server.Tests.Hosting;

/// <summary>PS3.3 §C.8.3.1: MR images, in which each tissue is bright or dark by the sequence.</summary>
public sealed class DemoMrTests
{
    private static IReadOnlyList<DemoFile> T1 { get; } = [.. DemoFile.Mr.Take(MrScan.Slices)];

    private static IReadOnlyList<DemoFile> T2 { get; } = [.. DemoFile.Mr.Skip(MrScan.Slices)];

    [Test]
    public void White_matter_is_brighter_than_grey_on_T1_and_darker_on_T2()
    {
        Assert.That(White(T1), Is.GreaterThan(Grey(T1) * 1.1));
        Assert.That(White(T2), Is.LessThan(Grey(T2) * 0.9));
    }

    [Test]
    public void Fluid_is_dark_on_T1_and_bright_on_T2()
    {
        Assert.That(Fluid(T1), Is.LessThan(Grey(T1) * 0.7));
        Assert.That(Fluid(T2), Is.GreaterThan(Grey(T2) * 1.7));
        Assert.That(At(T1, 32, -68, 2), Is.LessThan(Grey(T1) * 0.7), "vitreous of the left eye");
        Assert.That(At(T2, 32, -68, 2), Is.GreaterThan(Grey(T2) * 1.7), "vitreous of the left eye");
    }

    [Test]
    public void The_finding_of_the_CT_is_dark_on_T1_and_bright_on_T2()
    {
        Assert.That(At(T1, 32, 15, 62), Is.LessThan(At(T1, -32, 15, 62) * 0.9));
        Assert.That(At(T2, 32, 15, 62), Is.GreaterThan(At(T2, -32, 15, 62) * 1.4));
    }

    [Test]
    public void Air_has_noise_of_a_magnitude_that_is_never_quite_nothing()
    {
        var corner = Enumerable.Range(0, 40 * MrScan.Size).Where(i => i % MrScan.Size < 40).Select(i => T1[10].Stored[i]).ToList();
        Assert.That(corner.Average(), Is.InRange(5, 20));
        Assert.That(corner.Distinct().Count(), Is.GreaterThan(10));
    }

    [Test]
    public void Both_series_show_the_same_slices_evenly_from_the_neck_upwards()
    {
        var heights = T1.Select(Height).ToList();
        Assert.That(heights.Zip(heights.Skip(1), (low, high) => high - low), Has.All.EqualTo(MrScan.SliceSpacing));
        Assert.That(T2.Select(Height), Is.EqualTo(heights));
        Assert.That(T1.Select(file => file.Dataset.GetInt32(DicomTag.InstanceNumber)), Is.EqualTo(Enumerable.Range(1, MrScan.Slices)));
        Assert.That(DemoFile.Mr.Select(file => file["FrameOfReferenceUID"]).Distinct().Count(), Is.EqualTo(1));
        Assert.That(DemoFile.Mr.Select(file => file["SeriesInstanceUID"]).Distinct().Count(), Is.EqualTo(2));
    }

    [TestCase("ScanningSequence SequenceVariant MRAcquisitionType RepetitionTime EchoTime EchoTrainLength MagneticFieldStrength FlipAngle")]
    [TestCase("FrameOfReferenceUID PixelSpacing ImageOrientationPatient ImagePositionPatient SliceThickness SpacingBetweenSlices PatientPosition")]
    [TestCase("ImageType ScanOptions ImagedNucleus ImagingFrequency NumberOfAverages EchoNumbers InPlanePhaseEncodingDirection")]
    public void What_an_MR_image_must_say_it_says(string keywords) => Assert.Multiple(() =>
    {
        foreach (var keyword in keywords.Split(' '))
        {
            Assert.That(DemoFile.Mr.Select(file => file[keyword]), Has.None.Null.And.None.Empty, keyword);
        }
    });

    private static double White(IReadOnlyList<DemoFile> series) => At(series, 25, -40, 58);

    /// <summary>In the thalamus.</summary>
    private static double Grey(IReadOnlyList<DemoFile> series) => At(series, 11, 8, 30);

    /// <summary>In the left ventricle.</summary>
    private static double Fluid(IReadOnlyList<DemoFile> series) => At(series, 17, 31, 42);

    private static double At(IReadOnlyList<DemoFile> series, double x, double y, double z) =>
        series.MinBy(file => Math.Abs(Height(file) - z))!.MeanStoredAt(x, y);

    private static double Height(DemoFile file) => file.Dataset.GetDoubles(DicomTag.ImagePositionPatient)[2];
}
