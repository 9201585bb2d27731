using System.Text;
using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.18 Annex F, the other way round.</summary>
public sealed class DicomJsonReaderTests
{
    [Test]
    public void Names_numbers_tags_bytes_and_items_are_understood()
    {
        var dataset = Read("""
            {"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00080008":{"vr":"CS","Value":["A",null,"B"]},
             "00100010":{"vr":"PN","Value":[{"Alphabetic":"Yamada^Tarou","Ideographic":"山田^太郎","Phonetic":"やまだ^たろう"}]},
             "00280030":{"vr":"DS","Value":[1.50,"0.25"]},"00280010":{"vr":"US","Value":[512]},"00209165":{"vr":"AT","Value":["00100020"]},
             "00089459":{"vr":"FL","Value":[1.5,"NaN"]},"7FE00003":{"vr":"UV","Value":["18446744073709551615"]},"00091001":{"vr":"UN","InlineBinary":"AQI="},
             "00081032":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["X"]}},{}]},"7FE00010":{"vr":"OW","BulkDataURI":"http://a/b"},"00100020":{"vr":"LO"}}
            """).Dataset;
        Assert.That(dataset.GetString(DicomTag.SpecificCharacterSet), Is.EqualTo("ISO_IR 192"));
        Assert.That(dataset.GetStrings(DicomTag.ImageType), Is.EqualTo(new[] { "A", "", "B" }));
        Assert.That(dataset.GetString(DicomTag.PatientName), Is.EqualTo("Yamada^Tarou=山田^太郎=やまだ^たろう"));
        Assert.That(dataset.GetStrings(DicomTag.PixelSpacing), Is.EqualTo(new[] { "1.50", "0.25" }));
        Assert.That(dataset.GetInt32(DicomTag.Rows), Is.EqualTo(512));
        Assert.That(dataset.GetString(new DicomTag(0x00209165)), Is.EqualTo("00100020"));
        Assert.That(dataset.GetDoubles(new DicomTag(0x00089459)), Is.EqualTo(new[] { 1.5, double.NaN }));
        Assert.That(dataset.GetString(new DicomTag(0x7FE00003)), Is.EqualTo("18446744073709551615"));
        Assert.That(dataset.Find(new DicomTag(0x00091001))!.Value.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(dataset.Items(DicomTag.ProcedureCodeSequence).Select(i => i.Count), Is.EqualTo(new[] { 1, 0 }));
        Assert.That(dataset.Find(DicomTag.PixelData)!.BulkAddress, Is.EqualTo("http://a/b"));
        Assert.That(dataset.Find(DicomTag.PatientID)!.IsEmpty);
    }

    [Test]
    public void What_is_nearly_right_is_read_with_a_warning()
    {
        var read = Read("""
            {"PatientName":{"Value":[{"Alphabetic":"Doe^Jane"}]},"00280010":{"Value":["512"]},"00081030":{"vr":"LO","Value":"one"},
             "00091002":{"Value":[1.5]},"00081032":{"Value":[{"00080100":{"Value":["X"]}}]},"nonsense":{"vr":"LO"},"00201209":5,
             "00200013":{"vr":"IS","Value":["7"]},"00020010":{"vr":"UI","Value":["1.2"]},"00280011":{"vr":"US","Value":[70000]},"00100020":{"vr":"LO","Value":[5]}}
            """);
        var dataset = read.Dataset;
        Assert.That(dataset.GetString(DicomTag.PatientName), Is.EqualTo("Doe^Jane"));
        Assert.That((dataset.GetInt32(DicomTag.Rows), dataset.GetInt32(DicomTag.InstanceNumber), dataset.GetInt32(DicomTag.PatientID)), Is.EqualTo((512, 7, 5)));
        Assert.That(dataset.GetString(DicomTag.StudyDescription), Is.EqualTo("one"));
        Assert.That(dataset.Find(new DicomTag(0x00091002))!.Vr, Is.EqualTo(DicomVr.DS));
        Assert.That(dataset.Items(DicomTag.ProcedureCodeSequence)[0].GetString(DicomTag.CodeValue), Is.EqualTo("X"));
        Assert.That(dataset.Contains(DicomTag.TransferSyntaxUID), Is.False);
        Assert.That(dataset.Find(DicomTag.Columns)!.IsEmpty);
        Assert.That(read.Warnings, Has.Count.EqualTo(5));
    }

    [Test]
    public void A_list_of_data_sets_is_read()
    {
        Assert.That(DicomJsonReader.ReadAll("[{},{\"00100020\":{\"vr\":\"LO\",\"Value\":[\"1\"]}}]"u8).Value.Select(m => m.Dataset.Count), Is.EqualTo(new[] { 0, 1 }));
        Assert.That(DicomJsonReader.ReadAll("[]"u8).Value, Is.Empty);
        Assert.That(DicomJsonReader.Read("[{},{}]"u8).IsSuccess, Is.False);
    }

    [TestCase("")]
    [TestCase("5")]
    [TestCase("{")]
    [TestCase("[5]")]
    [TestCase("{} x")]
    [TestCase("{\"00100020\":{\"vr\":\"LO\",\"Value\":[")]
    public void What_is_no_data_set_is_a_problem(string json) =>
        Assert.That(DicomJsonReader.Read(Encoding.UTF8.GetBytes(json)).Problem!.Kind, Is.EqualTo(ProblemKind.Invalid));

    [Test]
    public void Depth_and_elements_are_limited()
    {
        var deep = string.Concat(Enumerable.Repeat("{\"00081032\":{\"vr\":\"SQ\",\"Value\":[", 100)) + string.Concat(Enumerable.Repeat("]}}", 100));
        Assert.That(DicomJsonReader.Read(Encoding.UTF8.GetBytes(deep)).IsSuccess, Is.False);
        var many = "{\"00081030\":{\"vr\":\"LO\",\"Value\":[" + string.Join(',', Enumerable.Repeat("1", 100)) + "]}}";
        Assert.That(DicomJsonReader.Read(Encoding.UTF8.GetBytes(many), new DicomReadOptions { ElementLimit = 50 }).Problem!.Kind, Is.EqualTo(ProblemKind.TooLarge));
        Assert.That(DicomJsonReader.Read([0x22, 0xFF, 0x22]).IsSuccess, Is.False);
        Assert.That(Read("{\"00081030\":{\"vr\":\"LO\",\"Value\":[\"\\ud800\"]}}").Dataset.GetString(DicomTag.StudyDescription), Is.EqualTo("\uFFFD"));
    }

    [Test]
    public void Elements_in_any_order_are_read_as_far_as_time_allows()
    {
        Patience.Within("Elements in falling order took long.", () => Assert.That(DicomJsonReader.Read(Falling(100_000)).Problem!.Text, Does.Contain("order")));
        Assert.That(DicomJsonReader.Read(Falling(1_000)).Value.Dataset, Has.Count.EqualTo(1_000));

        static byte[] Falling(int count) => Encoding.UTF8.GetBytes(
            "{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"\"{0x7FE00000 - (i * 16) - 1:X8}\":{{\"vr\":\"CS\"}}")) + "}");
    }

    [Test]
    public void A_list_where_bytes_should_be_is_passed_over_with_all_that_is_in_it()
    {
        var read = Read("""
            {"00091001":{"vr":"OB","InlineBinary":["AQI=",["x",[]],"y"]},"00091002":{"vr":"OB","InlineBinary":[["a"],"AQI="]},
             "00100010":{"vr":"PN","Value":[{"Alphabetic":"Doe"}]},"00100020":{"vr":"LO","Value":["1"]}}
            """).Dataset;
        Assert.That(read.Find(new DicomTag(0x00091001))!.Value.ToArray(), Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(read.Find(new DicomTag(0x00091002))!.IsEmpty);
        Assert.That(read.GetString(DicomTag.PatientID), Is.EqualTo("1"));
    }

    [Test]
    public void The_character_set_is_declared_once_whatever_comes_first()
    {
        var read = Read("""{"00100010":{"vr":"PN","Value":[{"Alphabetic":"山田"}]},"00080005":{"vr":"CS","Value":["ISO_IR 100"]},"00080060":{"vr":"CS","Value":["CT"]}}""");
        Assert.That(read.Dataset.GetString(DicomTag.SpecificCharacterSet), Is.EqualTo("ISO_IR 192"));
        Assert.That(read.Warnings, Is.Empty);
    }

    [Test]
    public void Any_data_set_comes_back() => Made.Datasets().Sample(
        dataset =>
        {
            var json = DicomJson.Write(dataset, bulkThreshold: 1 << 20).ToArray("");
            var again = DicomJsonReader.Read(json).Value.Dataset;
            Assert.That(again.Elements.Select(e => (e.Tag, e.Vr)), Is.EqualTo(dataset.Elements.Select(e => (e.Tag, e.Vr))));
            Assert.That(DicomJson.Write(again, bulkThreshold: 1 << 20).ToArray(""), Is.EqualTo(json));
        },
        iter: 300);

    [Test]
    public void Every_file_of_the_corpus_comes_back()
    {
        Corpus.RequireOrSkip();
        foreach (var (file, read) in Corpus.Read())
        {
            var json = DicomJson.Write(read.Dataset).ToArray("http://x");
            var model = DicomJsonReader.Read(json);
            Assert.That(model.Problem, Is.Null, file.Name);
            Assert.That(Encoding.UTF8.GetString(DicomJson.Write(model.Value.Dataset).ToArray("")), Is.EqualTo(Encoding.UTF8.GetString(json)), file.Name);
        }
    }

    private static DicomModel Read(string json)
    {
        var outcome = DicomJsonReader.Read(Encoding.UTF8.GetBytes(json));
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }
}
