using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.5 §7.1, PS3.6, PS3.5 §9.</summary>
public sealed class DicomTagTests
{
    [TestCase("00100020")]
    [TestCase("(0010,0020)")]
    [TestCase("PatientID")]
    public void A_tag_is_read_in_three_ways(string text)
    {
        Assert.That(DicomTag.TryParse(text, out var tag));
        Assert.That(tag, Is.EqualTo(DicomTag.PatientID));
        Assert.That(tag.ToString(), Is.EqualTo("00100020"));
    }

    [TestCase("")]
    [TestCase("patientid")]
    [TestCase("0010002")]
    [TestCase("(0010,002G)")]
    public void What_is_no_tag_is_not_read(string text) => Assert.That(DicomTag.TryParse(text, out _), Is.False);

    [TestCase("00280106", "US")]
    [TestCase("7FE00010", "OW")]
    [TestCase("60023000", "OW")]
    [TestCase("60020010", "US")]
    [TestCase("00080100", "SH")]
    [TestCase("00090010", "LO")]
    [TestCase("00091001", "UN")]
    [TestCase("00100000", "UL")]
    [TestCase("00183FFF", "UN")]
    public void The_dictionary_gives_a_representation(string tag, string vr)
    {
        Assert.That(DicomTag.TryParse(tag, out var parsed));
        Assert.That(DicomDictionary.VrOf(parsed).Code, Is.EqualTo(vr));
    }

    [Test]
    public void Pixel_representation_decides_between_us_and_ss()
    {
        var signed = new DicomDataset().AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, 1);
        Assert.That(DicomDictionary.VrOf(DicomTag.SmallestImagePixelValue, signed), Is.EqualTo(DicomVr.SS));
        Assert.That(DicomDictionary.VrOf(DicomTag.SmallestImagePixelValue, new DicomDataset()), Is.EqualTo(DicomVr.US));
    }

    [Test]
    public void There_are_34_representations_and_all_are_known()
    {
        var all = Enum.GetValues<DicomVr>().Where(vr => vr != DicomVr.None).ToList();
        Assert.That(all, Has.Count.EqualTo(34));
        Assert.That(all.All(vr => vr.IsKnown && DicomVrTraits.TryParse(vr.Code, out var again) && again == vr && vr.Code == vr.ToString()));
    }

    [Test]
    public void The_dictionary_knows_words()
    {
        var entry = DicomDictionary.Find(DicomTag.PatientName)!;
        Assert.That((entry.Keyword, entry.Vr, entry.Vm, entry.IsRetired), Is.EqualTo(("PatientName", "PN", "1", false)));
        Assert.That(DicomDictionary.FindUid("1.2.840.10008.5.1.4.1.1.2")!.Name, Is.EqualTo("CT Image Storage"));
        Assert.That(DicomDictionary.FindUid("1.2.3"), Is.Null);
    }

    [TestCase("1.2.840.10008.1.2", true)]
    [TestCase("0", true)]
    [TestCase("1.02", false)]
    [TestCase("1..2", false)]
    [TestCase("1.", false)]
    [TestCase("", false)]
    [TestCase("1.2a", false)]
    public void A_uid_is_digits_and_dots(string uid, bool valid) => Assert.That(DicomUid.IsValid(uid), Is.EqualTo(valid));

    [Test]
    public void Made_uids_are_valid_and_seeded_ones_stay_the_same()
    {
        Assert.That(DicomUid.IsValid(DicomUid.New()));
        Assert.That(new[] { DicomUid.New(), DicomUid.New(), DicomUid.FromSeed("b"), DicomUid.FromSeed("a") }, Is.Unique);
        var again = DicomUid.FromSeed("a");
        Assert.That(DicomUid.FromSeed("a"), Is.EqualTo(again));
        Assert.That(DicomUid.IsValid(DicomUid.FromSeed("a")));
        Assert.That(DicomUid.IsValid(Part10Writer.ImplementationClassUid));
    }
}
