using System.Text;
using System.Xml.Linq;
using CsCheck;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom;

/// <summary>PS3.19 §A.1, both ways.</summary>
public sealed class DicomXmlTests
{
    private static readonly XNamespace Model = DicomXml.Namespace;

    [Test]
    public void Names_values_items_and_private_tags_are_written_as_the_model_has_them()
    {
        var root = XDocument.Parse(Write(new DicomDataset().Add(DicomTag.SpecificCharacterSet, "ISO_IR 100").Add(DicomTag.ImageType, "A", "", "B")
            .Add(DicomTag.PatientName, "Müller^Jörg^^Dr").Add(new DicomTag(0x00090011), DicomVr.LO, "ACME").Add(new DicomTag(0x00091101), DicomVr.LO, "x")
            .AddSequence(DicomTag.ProcedureCodeSequence, new DicomDataset().Add(DicomTag.CodeValue, "C"))
            .AddBytes(DicomTag.EncapsulatedDocument, DicomVr.OB, new byte[] { 1, 2 }).AddBytes(DicomTag.PixelData, DicomVr.OW, new byte[2000]))).Root!;
        Assert.That(Attribute(root, "00080005").Value, Is.EqualTo("ISO_IR 192"));
        Assert.That(Attribute(root, "00080008").Elements().Select(e => (string)e.Attribute("number")! + e.Value), Is.EqualTo(new[] { "1A", "3B" }));
        var name = Attribute(root, "00100010").Element(Model + "PersonName")!.Element(Model + "Alphabetic")!;
        Assert.That(name.Elements().Select(e => e.Name.LocalName + "=" + e.Value), Is.EqualTo(new[] { "FamilyName=Müller", "GivenName=Jörg", "NamePrefix=Dr" }));
        Assert.That((string?)Attribute(root, "00090001").Attribute("privateCreator"), Is.EqualTo("ACME"));
        Assert.That((string?)Attribute(root, "00081032").Attribute("keyword"), Is.EqualTo("ProcedureCodeSequence"));
        Assert.That(Attribute(root, "00081032").Element(Model + "Item")!.Value, Is.EqualTo("C"));
        Assert.That(Attribute(root, "00420011").Element(Model + "InlineBinary")!.Value, Is.EqualTo("AQI="));
        Assert.That((string?)Attribute(root, "7FE00010").Element(Model + "BulkData")!.Attribute("uri"), Is.EqualTo("http://x/studies/0/series/0/instances/0/bulkdata/7FE00010"));
    }

    [Test]
    public void Odd_models_are_read()
    {
        var read = Read("""
            <?xml version="1.0"?><NativeDicomModel><!-- c --><DicomAttribute keyword="PatientID"><Value>42</Value></DicomAttribute>
            <DicomAttribute tag="00090001" vr="LO" privateCreator="ACME"><Value number="1">x</Value></DicomAttribute>
            <DicomAttribute tag="00080008" vr="CS"><Value number="3">B</Value><Other/></DicomAttribute>
            <DicomAttribute tag="00080018" vr="UI"/><DicomAttribute tag="x"/><DicomAttribute tag="7FE00010" vr="OW"><BulkData uuid="1-2"/></DicomAttribute></NativeDicomModel>
            """);
        Assert.That(read.Dataset.GetString(DicomTag.PatientID), Is.EqualTo("42"));
        Assert.That(read.Dataset.FindPrivate("ACME", 9, 1), Is.Not.Null);
        Assert.That(read.Dataset.GetStrings(DicomTag.ImageType), Is.EqualTo(new[] { "", "", "B" }));
        Assert.That(read.Dataset.Find(DicomTag.PixelData)!.BulkAddress, Is.EqualTo("urn:uuid:1-2"));
        Assert.That(read.Warnings, Has.Count.EqualTo(2));
    }

    [TestCase("")]
    [TestCase("<a/>")]
    [TestCase("<NativeDicomModel>")]
    [TestCase("<!DOCTYPE a [<!ENTITY b \"c\">]><NativeDicomModel/>")]
    [TestCase("<NativeDicomModel/><NativeDicomModel/>")]
    [TestCase("<NativeDicomModel><DicomAttribute tag=\"00100020\"><Value><Value/></Value></DicomAttribute></NativeDicomModel>")]
    public void What_is_no_model_is_a_problem(string xml)
    {
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        Assert.That(DicomXmlReader.Read(source).IsSuccess, Is.False);
    }

    [Test]
    public void Depth_and_gaps_are_limited()
    {
        var deep = "<NativeDicomModel>" + string.Concat(Enumerable.Repeat("<DicomAttribute tag=\"00081032\" vr=\"SQ\"><Item>", 100));
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(deep));
        Assert.That(DicomXmlReader.Read(source).Problem!.Text, Does.Contain("nested"));
        var gap = "<NativeDicomModel><DicomAttribute tag=\"00080008\" vr=\"CS\"><Value number=\"2000000000\">A</Value></DicomAttribute></NativeDicomModel>";
        Assert.That(Read(gap).Dataset.GetStrings(DicomTag.ImageType), Is.EqualTo(new[] { "A" }));
    }

    [Test]
    public void Values_left_out_count_as_values_and_elements_in_any_order_are_read_as_far_as_time_allows()
    {
        var gaps = "<NativeDicomModel>" + string.Concat(Enumerable.Range(0, 90).Select(i => $"<DicomAttribute tag=\"0020{i + 0x1000:X4}\" vr=\"CS\"><Value number=\"200\">A</Value></DicomAttribute>")) + "</NativeDicomModel>";
        Assert.That(Problem(gaps, new DicomReadOptions { ElementLimit = 10_000 })!.Kind, Is.EqualTo(ProblemKind.TooLarge));
        Assert.That(Problem(gaps, new DicomReadOptions { ElementLimit = 20_000 }), Is.Null);
        Patience.Within("Elements in falling order took long.", () => Assert.That(Problem(Falling(60_000), null)!.Text, Does.Contain("order")));
        Assert.That(Problem(Falling(1_000), null), Is.Null);

        static string Falling(int count) => "<NativeDicomModel>" + string.Concat(Enumerable.Range(0, count)
            .Select(i => $"<DicomAttribute tag=\"{0x7FE00000 - (i * 16) - 1:X8}\" vr=\"CS\"/>")) + "</NativeDicomModel>";

        static Problem? Problem(string xml, DicomReadOptions? options)
        {
            using var source = new MemoryStream(Encoding.UTF8.GetBytes(xml));
            return DicomXmlReader.Read(source, options).Problem;
        }
    }

    [Test]
    public void Any_data_set_comes_back() => Made.Datasets().Sample(
        dataset =>
        {
            var xml = Write(dataset);
            var again = Read(xml).Dataset;
            Assert.That(again.Elements.Select(e => (e.Tag, e.Vr)), Is.EqualTo(dataset.Elements.Select(e => (e.Tag, e.Vr))));
            Assert.That(Write(again), Is.EqualTo(xml));
        },
        iter: 300);

    [Test]
    public void Every_file_of_the_corpus_comes_back()
    {
        Corpus.RequireOrSkip();
        foreach (var (file, read) in Corpus.Read())
        {
            var xml = Write(read.Dataset);
            Assert.That(Write(Read(xml).Dataset), Is.EqualTo(xml), file.Name);
        }
    }

    private static XElement Attribute(XElement root, string tag) => root.Elements().Single(e => (string?)e.Attribute("tag") == tag);

    private static string Write(DicomDataset dataset)
    {
        using var target = new MemoryStream();
        DicomXml.Write(target, dataset, "http://x", 1024);
        return Encoding.UTF8.GetString(target.ToArray());
    }

    private static DicomModel Read(string xml)
    {
        using var source = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        var outcome = DicomXmlReader.Read(source);
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }
}
