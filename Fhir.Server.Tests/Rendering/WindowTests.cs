using CsCheck;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Tests.Rendering;

/// <summary>PS3.3 §C.11.2.1.2 and §C.11.2.1.3, with values worked out by hand.</summary>
public sealed class WindowTests
{
    private const double Near = 1e-12;

    [Test]
    public void A_linear_window_of_2048_and_4096_is_the_example_of_the_standard()
    {
        // c 2048, w 4096: black up to 0, white above 4095, y = x / 4095 between.
        Assert.That(new LinearWindow(2048, 4096).Of(-1, 0, 1, 2048, 4095, 4096), Is.EqualTo([0, 0, 1 / 4095.0, 2048 / 4095.0, 1, 1]).Within(Near));
    }

    [Test]
    public void A_linear_window_of_width_1_is_a_threshold() =>
        Assert.That(new LinearWindow(2048, 1).Of(2047, 2047.5, 2048), Is.EqualTo([0, 0, 1]));

    [Test]
    public void A_linear_window_of_100_and_10_has_its_middle_half_a_value_below_its_centre() =>
        // Ends 95 and 104; 100 is ((100 - 99.5) / 9) + 0.5.
        Assert.That(new LinearWindow(100, 10).Of(95, 99.5, 100, 104, 104.1), Is.EqualTo([0, 0.5, 0.5555555555555556, 1, 1]).Within(Near));

    [Test]
    public void An_exact_window_has_its_middle_at_its_centre() =>
        Assert.That(
            VoiStage.Of(new VoiWindow(100, 10, VoiFunction.LinearExact)).Of(95, 97.5, 100, 105, 105.1), Is.EqualTo([0, 0.25, 0.5, 1, 1]).Within(Near));

    [Test]
    public void A_sigmoid_goes_through_the_values_of_its_formula() =>
        // exp(-4 (x - 50) / 20): at 45 e, at 60 exp(-2).
        Assert.That(
            new SigmoidWindow(50, 20).Of(50, 45, 60), Is.EqualTo([0.5, 1 / (1 + Math.E), 1 / (1 + Math.Exp(-2))]).Within(Near));

    [Test]
    public void Each_window_rises_and_stays_between_black_and_white() =>
        Gen.Select(Gen.Double[-3000, 3000], Gen.Double[1, 5000], Gen.Int[0, 2], Gen.Double[-9000, 9000].Array[2, 50]).Sample((center, width, function, values) =>
        {
            Array.Sort(values);
            var shown = VoiStage.Of(new VoiWindow(center, width, (VoiFunction)function)).Of(values);
            Assert.That(shown, Is.Ordered);
            Assert.That(shown, Is.All.InRange(0, 1));
        });

    [Test]
    public void A_window_of_the_image_is_used_with_its_function()
    {
        var frame = Painted.Words(0, 50, 100);
        Assert.That(Painted.Image().Window(50, 100).Render(frame), Is.EqualTo([0, 129, 255]), "(50 - 49.5) / 99 + 0.5 of 255 is 128.8.");
        Assert.That(Painted.Image().Window(50, 100, "LINEAR_EXACT").Render(frame), Is.EqualTo([0, 128, 255]));
        Assert.That(Painted.Image().Window(50, 100, "SIGMOID").Render(frame), Is.EqualTo([30, 128, 225]), "1 / (1 + e²) of 255 is 30.4.");
    }

    [Test]
    public void A_window_that_is_asked_for_goes_before_the_image_s_own() =>
        Assert.That(
            Painted.Image().Window(1000, 10).Render(Painted.Words(0, 50, 100), new RenderOptions { Window = new VoiWindow(50, 100, VoiFunction.LinearExact) }),
            Is.EqualTo([0, 128, 255]));

    [Test]
    public void Of_several_windows_the_first_is_used_unless_another_is_asked_for()
    {
        var image = Painted.Image()
            .AddNumbers(Fhir.Server.Dicom.DicomTag.WindowCenter, Fhir.Server.Dicom.DicomVr.DS, 50, 500)
            .AddNumbers(Fhir.Server.Dicom.DicomTag.WindowWidth, Fhir.Server.Dicom.DicomVr.DS, 100, 1000)
            .Add(RenderingTags.VoiLutFunction, Fhir.Server.Dicom.DicomVr.CS, "LINEAR_EXACT");
        var frame = Painted.Words(0, 100, 1000);
        Assert.That(image.Render(frame), Is.EqualTo([0, 255, 255]));
        Assert.That(image.Render(frame, new RenderOptions { VoiIndex = 1 }), Is.EqualTo([0, 26, 255]));
        Assert.That(image.Render(frame, new RenderOptions { VoiIndex = 7 }), Is.EqualTo([0, 26, 255]));
    }

    [Test]
    public void A_width_of_nothing_is_no_window() =>
        Assert.That(Painted.Image().Window(50, 0).Render(Painted.Words(0, 100)), Is.EqualTo([0, 255]), "The range of the values is used instead.");

    [TestCase("40,400", 40, 400, VoiFunction.Linear)]
    [TestCase(" -600.5 , 1.5e3 , linear-exact ", -600.5, 1500, VoiFunction.LinearExact)]
    [TestCase("0.5,0.25,sigmoid", 0.5, 0.25, VoiFunction.Sigmoid)]
    public void A_window_is_read_as_a_query_writes_it(string text, double center, double width, VoiFunction function) =>
        Assert.That(VoiWindow.Parse(text).Value, Is.EqualTo(new VoiWindow(center, width, function)));

    [TestCase("")]
    [TestCase("40")]
    [TestCase("40,0")]
    [TestCase("40,0.5")]
    [TestCase("40,-1,sigmoid")]
    [TestCase("40,400,cubic")]
    [TestCase("NaN,400")]
    [TestCase("40,Infinity")]
    [TestCase("40,400,linear,1")]
    public void A_window_that_makes_no_sense_is_invalid(string text) => Assert.That(VoiWindow.Parse(text).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
}
