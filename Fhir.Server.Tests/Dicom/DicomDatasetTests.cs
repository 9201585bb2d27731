using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.5 §6.2 and §7.</summary>
public sealed class DicomDatasetTests
{
    [Test]
    public void Elements_come_in_the_order_of_their_tags()
    {
        var dataset = new DicomDataset().Add(DicomTag.PatientID, "1").Add(DicomTag.SOPInstanceUID, "1.2").Add(DicomTag.Modality, "CT").Add(DicomTag.Modality, "MR");
        Assert.That(dataset.Elements.Select(e => e.Tag), Is.EqualTo(new[] { DicomTag.SOPInstanceUID, DicomTag.Modality, DicomTag.PatientID }));
        Assert.That(dataset.GetString(DicomTag.Modality), Is.EqualTo("MR"));
    }

    [Test]
    public void Values_come_without_their_padding()
    {
        var dataset = new DicomDataset().Add(DicomTag.SOPInstanceUID, "1.2.3").Add(DicomTag.ImageType, "ORIGINAL ", " PRIMARY", "");
        Assert.That(dataset.Find(DicomTag.SOPInstanceUID)!.Value.Length, Is.EqualTo(6));
        Assert.That(dataset.GetString(DicomTag.SOPInstanceUID), Is.EqualTo("1.2.3"));
        Assert.That(dataset.GetStrings(DicomTag.ImageType), Is.EqualTo(new[] { "ORIGINAL", "PRIMARY", "" }));
        Assert.That(dataset.GetString(DicomTag.PatientID), Is.Null);
    }

    [Test]
    public void Numbers_are_read_from_text_and_from_bytes()
    {
        var dataset = new DicomDataset().Add(DicomTag.PixelSpacing, " 0.5", "1e-1 ").AddNumbers(DicomTag.Rows, DicomVr.US, 512)
            .Add(DicomTag.InstanceNumber, " 007 ").Add(DicomTag.SeriesNumber, "x");
        Assert.That(dataset.GetDoubles(DicomTag.PixelSpacing), Is.EqualTo(new[] { 0.5, 0.1 }));
        Assert.That(dataset.GetInt32(DicomTag.Rows), Is.EqualTo(512));
        Assert.That(dataset.GetInt32(DicomTag.InstanceNumber), Is.EqualTo(7));
        Assert.That(dataset.GetInt32(DicomTag.SeriesNumber), Is.Null);
    }

    [Test]
    public void A_person_name_has_three_writings()
    {
        var name = new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 192")
            .Add(DicomTag.PatientName, "Yamada^Tarou^^Dr=山田^太郎=やまだ^たろう").GetPersonName(DicomTag.PatientName)!;
        Assert.That((name.Family, name.Given, name.Prefix, name.Ideographic), Is.EqualTo(("Yamada", "Tarou", "Dr", "山田^太郎")));
    }

    [Test]
    public void A_path_leads_into_items()
    {
        var item = new DicomDataset().Add(DicomTag.CodeValue, "A");
        var dataset = new DicomDataset().AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset(), item);
        Assert.That(dataset.FindByPath("00081032/2/00080100", out var holder), Is.Not.Null);
        Assert.That(holder, Is.SameAs(item));
        foreach (var wrong in new[] { "00081032/1/00080100", "00081032/3/00080100", "00081032/0/00080100", "00081032/2", "00080100", "", "x", "00081032/+2/00080100" })
        {
            Assert.That(dataset.FindByPath(wrong), Is.Null, wrong);
        }
    }

    [Test]
    public void A_private_element_is_found_by_its_creator()
    {
        var dataset = new DicomDataset().Add(new DicomTag(0x00091000 - 0xFF0), DicomVr.LO, "OTHER").Add(new DicomTag(0x00090011), DicomVr.LO, "ACME")
            .Add(new DicomTag(0x00091101), DicomVr.LO, "value");
        Assert.That(dataset.PrivateCreator(new DicomTag(0x00091101)), Is.EqualTo("ACME"));
        Assert.That(dataset.FindPrivate("ACME", 0x0009, 0x01), Is.Not.Null);
        Assert.That(dataset.FindPrivate("OTHER", 0x0009, 0x01), Is.Null);
    }
}
