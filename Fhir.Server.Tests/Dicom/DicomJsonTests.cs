using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.18 Annex F.</summary>
public sealed class DicomJsonTests
{
    private const string Base = "https://example.org/a\"b";

    [Test]
    public void Names_numbers_tags_and_gaps_are_written_as_the_annex_says()
    {
        var json = Json(new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 100")
            .Add(DicomTag.PatientName, "Müller^Jörg").Add(DicomTag.PixelSpacing, "+1.50", "0.25", "x", "").Add(DicomTag.InstanceNumber, "007")
            .Add(DicomTag.ImageType, "A", "", "B").AddNumbers(DicomTag.Rows, DicomVr.US, 5).AddTags(new DicomTag(0x00209165), DicomTag.PatientID)
            .Add(DicomTag.PatientID, "").AddBytes(new DicomTag(0x00091001), DicomVr.UN, new byte[] { 1, 2 })
            .AddNumbers(new DicomTag(0x00089459), DicomVr.FL, 1.5, double.NaN, double.PositiveInfinity)
            .AddNumbers(new DicomTag(0x7FE00003), DicomVr.UV, 5, 1e18));
        Assert.That(json["00080005"]!.ToJsonString(), Is.EqualTo("""{"vr":"CS","Value":["ISO_IR 192"]}"""));
        Assert.That((string?)json["00100010"]!["Value"]![0]!["Alphabetic"], Is.EqualTo("Müller^Jörg"));
        Assert.That(json["00280030"]!.ToJsonString(), Is.EqualTo("""{"vr":"DS","Value":[1.50,0.25,"x",null]}"""));
        Assert.That(json["00200013"]!.ToJsonString(), Is.EqualTo("""{"vr":"IS","Value":[7]}"""));
        Assert.That(json["00080008"]!.ToJsonString(), Is.EqualTo("""{"vr":"CS","Value":["A",null,"B"]}"""));
        Assert.That(json["00209165"]!.ToJsonString(), Is.EqualTo("""{"vr":"AT","Value":["00100020"]}"""));
        Assert.That(json["00100020"]!.ToJsonString(), Is.EqualTo("""{"vr":"LO"}"""));
        Assert.That(json["00091001"]!.ToJsonString(), Is.EqualTo("""{"vr":"UN","InlineBinary":"AQI="}"""));
        Assert.That(json["00089459"]!.ToJsonString(), Is.EqualTo("""{"vr":"FL","Value":[1.5,"NaN","Infinity"]}"""));
        Assert.That(json["7FE00003"]!.ToJsonString(), Is.EqualTo("""{"vr":"UV","Value":[5,"1000000000000000000"]}"""));
    }

    [Test]
    public void Bulk_data_have_an_absolute_address_also_within_items()
    {
        var dataset = Made.Image().AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[2])
            .AddSequence(DicomTag.IconImageSequence, new DicomDataset(), new DicomDataset().AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, new byte[2000]));
        Assert.That(DicomJson.Write(dataset).Pieces, Has.Count.EqualTo(3));
        var json = Json(dataset);
        var instance = $"{Base}/studies/{Made.Study}/series/{Made.Series}/instances/{Made.Instance}/bulkdata/";
        Assert.That((string?)json["7FE00010"]!["BulkDataURI"], Is.EqualTo(instance + "7FE00010"));
        Assert.That((string?)json["00880200"]!["Value"]![1]!["00420011"]!["BulkDataURI"], Is.EqualTo(instance + "00880200/2/00420011"));
        Assert.That(dataset.FindByPath("00880200/2/00420011")!.Length, Is.EqualTo(2000));
    }

    [Test]
    public void Group_lengths_and_file_meta_are_left_out()
    {
        var json = Json(new DicomDataset().AddNumbers(new DicomTag(0x00080000), DicomVr.UL, 4).Add(DicomTag.TransferSyntaxUID, DicomVr.UI, "1.2"));
        Assert.That(json, Is.Empty);
    }

    [Test]
    public void A_lone_surrogate_never_gets_out()
    {
        var json = Encoding.UTF8.GetString(DicomJson.Write(new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 192")
            .Add(DicomTag.PatientComments, "a\uD800b")).ToArray(Base));
        Assert.That(JsonNode.Parse(json)!["00104000"]!["Value"]![0]!.GetValue<string>(), Does.Not.Contain('\uD800'));
    }

    [Test]
    public void Any_data_set_makes_valid_json() => Made.Datasets().Sample(
        dataset => JsonDocument.Parse(DicomJson.Write(dataset).ToArray(Base)).Dispose(), iter: 300);

    [Test]
    public void Chosen_tags_are_written_into_an_object()
    {
        using var target = new MemoryStream();
        using (var writer = new Utf8JsonWriter(target))
        {
            writer.WriteStartObject();
            DicomJson.WriteChosen(writer, Made.Image(), [DicomTag.PatientID, DicomTag.StudyInstanceUID, DicomTag.Modality]);
            writer.WriteEndObject();
        }

        Assert.That(Encoding.UTF8.GetString(target.ToArray()),
            Is.EqualTo("""{"00100020":{"vr":"LO","Value":["42"]},"0020000D":{"vr":"UI","Value":["1.2.3.1"]}}"""));
    }

    private static JsonObject Json(DicomDataset dataset) => JsonNode.Parse(DicomJson.Write(dataset).ToArray(Base))!.AsObject();
}
