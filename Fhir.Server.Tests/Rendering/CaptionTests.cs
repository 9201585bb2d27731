using Fhir.Server.Dicom;
using Fhir.Server.Rendering;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Words burned into pictures. PS3.18 §8.3.5.1.1.</summary>
public sealed class CaptionTests
{
    private static readonly DicomDataset Image = Painted.Image("CT").Add(DicomTag.PatientName, "Ill^I=山田^太郎").Add(DicomTag.SliceThickness, "1");

    [Test]
    public void Nothing_is_written_unasked() => Assert.That(Render(Captions.None), Is.All.Zero);

    [Test]
    public void The_patient_stands_on_the_left_in_Latin_letters_and_the_technique_on_the_right()
    {
        var patient = Corners(Captions.Patient);
        var technique = Corners(Captions.Technique);
        Assert.That(patient, Is.EqualTo((true, false)));
        Assert.That(technique, Is.EqualTo((false, true)));
        Assert.That(Corners(Captions.Patient | Captions.Technique), Is.EqualTo((true, true)));
        var first = Render(Captions.Patient).Chunk(100).Skip(4).Take(7).Select(row => string.Concat(row.Skip(4).Take(5).Select(v => v == 255 ? '#' : '.')));
        Assert.That(first, Is.EqualTo([".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."]), "An I.");
    }

    private static (bool Left, bool Right) Corners(Captions captions)
    {
        var rows = Render(captions).Chunk(100).ToList();
        return (rows.Exists(row => row.Take(50).Contains((byte)255)), rows.Exists(row => row.Skip(50).Contains((byte)255)));
    }

    private static byte[] Render(Captions captions) =>
        Image.Render(Painted.Bytes(Painted.Layout(60, 100, bits: 8), new byte[6000]), new RenderOptions { Captions = captions });
}
