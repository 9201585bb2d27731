using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;

namespace Fhir.Server.Tests.Hosting;

/// <summary>PS3.3 §C.7.6.2 (where slices lie), §C.8.2.1 (what they measure).</summary>
public sealed class DemoHeadTests
{
    [Test]
    public void Slices_lie_evenly_from_the_neck_upwards()
    {
        var heights = DemoFile.Ct.Select(file => file.Dataset.GetDoubles(DicomTag.ImagePositionPatient)[2]).ToList();
        Assert.That(heights.Zip(heights.Skip(1), (low, high) => high - low), Has.All.EqualTo(HeadScan.SliceSpacing));
        Assert.That(DemoFile.Ct.Select(file => double.Parse(file["SliceLocation"]!, System.Globalization.CultureInfo.InvariantCulture)), Is.EqualTo(heights));
        Assert.That(DemoFile.Ct.Select(file => file.Dataset.GetInt32(DicomTag.InstanceNumber)), Is.EqualTo(Enumerable.Range(1, HeadScan.Slices)));
    }

    [TestCase("ImageOrientationPatient")]
    [TestCase("PixelSpacing")]
    [TestCase("SliceThickness")]
    [TestCase("SpacingBetweenSlices")]
    [TestCase("FrameOfReferenceUID")]
    [TestCase("SeriesInstanceUID")]
    [TestCase("Rows")]
    [TestCase("Columns")]
    public void All_slices_agree_on(string keyword)
    {
        Assert.That(DicomTag.TryParse(keyword, out var tag));
        Assert.That(DemoFile.Ct.Select(file => string.Join('\\', file.Dataset.GetStrings(tag))).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void The_slices_are_axial_seen_from_below()
    {
        Assert.That(DemoFile.Ct[0].Dataset.GetDoubles(DicomTag.ImageOrientationPatient), Is.EqualTo(new double[] { 1, 0, 0, 0, 1, 0 }));
        Assert.That(DemoFile.Ct[0]["PatientPosition"], Is.EqualTo("HFS"));
    }

    [Test]
    public void There_is_a_window_for_brain_and_one_for_bone()
    {
        Assert.That(DemoFile.Ct[0].Dataset.GetDoubles(DicomTag.WindowCenter), Is.EqualTo(new double[] { 40, 600 }));
        Assert.That(DemoFile.Ct[0].Dataset.GetDoubles(DicomTag.WindowWidth), Is.EqualTo(new double[] { 80, 2800 }));
    }

    [TestCase("air outside", -115, -115, 40, -1010, -980)]
    [TestCase("air far left", 112, 0, 0, -1010, -980)]
    [TestCase("white matter on the left", 25, -40, 58, 22, 36)]
    [TestCase("fluid of the left ventricle", 17, 31, 42, 0, 20)]
    [TestCase("vitreous of the left eye", 32, -71, 2, 0, 20)]
    [TestCase("air of the right maxillary sinus", -29, -58, -28, -1010, -950)]
    [TestCase("pons", 0, 14, -6, 26, 42)]
    [TestCase("the finding on the left", 32, 15, 62, 50, 72)]
    [TestCase("no finding on the right", -32, 15, 62, 20, 44)]
    public void Tissues_measure_what_they_should(string place, double x, double y, double z, double low, double high) =>
        Assert.That(SliceAt(z).MeanAt(x, y), Is.InRange(low, high), place);

    [TestCase(40)]
    [TestCase(60)]
    [TestCase(80)]
    public void The_brain_is_shut_in_by_bone(double z)
    {
        foreach (var (right, back) in new[] { (1, 0), (-1, 0), (0, 1), (0, -1) })
        {
            var ray = Enumerable.Range(0, 115).Select(mm => SliceAt(z).HounsfieldAt(right * mm, back * mm)).ToList();
            var bone = ray.FindIndex(value => value > 600);
            Assert.That(bone, Is.InRange(25, 100));
            Assert.That(ray.Skip(bone).Max(), Is.GreaterThan(900));
            Assert.That(ray[..(bone - 3)], Has.All.InRange(-20, 120));
            Assert.That(ray.Skip(bone).Min(), Is.LessThan(-900));
        }
    }

    [Test]
    public void The_nose_points_up_in_the_picture_and_the_neck_is_below_the_vertex()
    {
        var nose = SliceAt(-24);
        Assert.That(Enumerable.Range(95, 20).Count(mm => nose.HounsfieldAt(0, -mm) > -300), Is.GreaterThan(3));
        Assert.That(Enumerable.Range(95, 20).Count(mm => nose.HounsfieldAt(0, mm) > -200), Is.Zero);
        Assert.That(Bodies(DemoFile.Ct[0]), Is.GreaterThan(3 * Bodies(DemoFile.Ct[^2])));
    }

    private static int Bodies(DemoFile file) => file.Stored.Count(value => value + HeadScan.Intercept > -200);

    private static DemoFile SliceAt(double z) => DemoFile.Ct.MinBy(file => Math.Abs(file.Dataset.GetDoubles(DicomTag.ImagePositionPatient)[2] - z))!;
}
