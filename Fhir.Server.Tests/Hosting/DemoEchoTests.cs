using Fhir.Server.Dicom;
using Fhir.Server.Hosting.Demo;

namespace Fhir.Server.Tests.Hosting;

/// <summary>PS3.3 §A.7, §C.7.6.5, §C.8.5: a film of many frames, of a heart that beats.</summary>
public sealed class DemoEchoTests
{
    private const int FrameSize = EchoScan.Rows * EchoScan.Columns;

    private static DemoFile Film => DemoFile.Us;

    [Test]
    public void The_left_ventricle_empties_by_a_third_and_more_and_fills_again()
    {
        var areas = Enumerable.Range(0, EchoScan.Frames).Select(DarkInTheLeftVentricle).ToList();
        var emptiest = areas.IndexOf(areas.Min());
        Assert.That(emptiest, Is.InRange(EchoScan.Frames * 0.30, EchoScan.Frames * 0.45));
        Assert.That(areas[emptiest], Is.LessThan(areas[0] * 0.67));
        Assert.That(areas[^1], Is.EqualTo(areas[0]).Within(5).Percent);
    }

    [Test]
    public void The_beat_ends_as_it_begins() => Assert.Multiple(() =>
    {
        Assert.That(EchoBeat.Contraction(0), Is.Zero);
        Assert.That(EchoBeat.Contraction(1), Is.EqualTo(0).Within(1e-9));
        Assert.That(EchoBeat.Opening(0), Is.Zero);
        Assert.That(EchoBeat.Opening(1), Is.EqualTo(0).Within(1e-9));
    });

    [Test]
    public void The_valves_are_shut_while_the_ventricles_contract() =>
        Assert.That(Enumerable.Range(0, 37).Select(percent => EchoBeat.Opening(percent / 100.0)), Has.All.Zero);

    [Test]
    public void The_picture_is_a_sector_on_black()
    {
        foreach (var frame in new[] { 0, EchoScan.Frames / 2 })
        {
            Assert.That(Enumerable.Range(40, 80).Select(column => At(frame, column, 20)), Has.All.Zero);
            Assert.That(Enumerable.Range(200, 80).Select(column => At(frame, column, 20)), Has.All.Zero);
            Assert.That(Enumerable.Range(140, 40).Count(column => At(frame, column, 228) > 20), Is.GreaterThan(20));
        }
    }

    [Test]
    public void The_time_of_a_frame_agrees_with_the_rate_and_the_heart()
    {
        Assert.That(Film.Dataset.GetInt32(DicomTag.NumberOfFrames), Is.EqualTo(EchoScan.Frames));
        Assert.That(Film.Stored.Length, Is.EqualTo(EchoScan.Frames * FrameSize));
        var (time, rate) = (Number("FrameTime"), Number("CineRate"));
        Assert.That(time * rate, Is.EqualTo(1000));
        Assert.That(Number("RecommendedDisplayFrameRate"), Is.EqualTo(rate));
        Assert.That(Number("HeartRate"), Is.EqualTo(60000 / (time * EchoScan.Frames)));
        Assert.That(Film["FrameIncrementPointer"], Is.EqualTo("00181063"));
    }

    [Test]
    public void A_pixel_of_the_region_has_a_size_in_cm()
    {
        var region = Film.Dataset.Items(DemoAttributes.Tag("SequenceOfUltrasoundRegions")).Single();
        double? Of(string keyword) => region.GetDouble(DemoAttributes.Tag(keyword));
        Assert.That(Of("PhysicalUnitsXDirection"), Is.EqualTo(3));
        Assert.That(Of("PhysicalDeltaX"), Is.EqualTo(EchoScan.Spacing / 10).And.EqualTo(Of("PhysicalDeltaY")));
        Assert.That(Of("RegionLocationMinX0") + Of("ReferencePixelX0"), Is.EqualTo(EchoScan.ApexColumn));
        Assert.That((Of("RegionLocationMaxY1") - Of("RegionLocationMinY0")) * Of("PhysicalDeltaY"), Is.EqualTo(EchoScan.Depth / 10).Within(0.3));
    }

    [TestCase("SamplesPerPixel PhotometricInterpretation BitsAllocated BitsStored HighBit PixelRepresentation ImageType UltrasoundColorDataPresent")]
    [TestCase("NumberOfFrames FrameTime CineRate StartTrim StopTrim PreferredPlaybackSequencing TransducerType DepthOfScanField")]
    public void What_an_ultrasound_film_must_say_it_says(string keywords) => Assert.Multiple(() =>
    {
        foreach (var keyword in keywords.Split(' '))
        {
            Assert.That(Film[keyword], Is.Not.Null.And.Not.Empty, keyword);
        }
    });

    private static double? Number(string keyword) => Film.Dataset.GetDouble(DemoAttributes.Tag(keyword));

    private static int At(int frame, int column, int row) => Film.Stored[(frame * FrameSize) + (row * EchoScan.Columns) + column];

    /// <summary>Pixels that are dark, by the mean over 3 × 3, between the apex and the valve, from the septum to the wall.</summary>
    private static int DarkInTheLeftVentricle(int frame)
    {
        var dark = 0;
        for (var row = Row(38); row < Row(84); row++)
        {
            for (var column = Column(-4); column < Column(42); column++)
            {
                var around = Enumerable.Range(-1, 3).SelectMany(i => Enumerable.Range(-1, 3).Select(j => At(frame, column + i, row + j))).Average();
                dark += around < 45 ? 1 : 0;
            }
        }
        return dark;

        static int Row(double depth) => EchoScan.ApexRow + (int)Math.Round(depth / EchoScan.Spacing);
        static int Column(double across) => EchoScan.ApexColumn + (int)Math.Round(across / EchoScan.Spacing);
    }
}
