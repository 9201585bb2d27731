using System.Net;
using System.Text;
using System.Xml.Linq;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Odd values are kept and told of; the answer comes in JSON or XML. PS3.18 §10.5.3 and Annex I</summary>
[TestFixture]
public sealed class StowWarningTests
{
    private const string Base = "/dicomweb/patients/w1";
    private readonly FreshUids uids = new("1.2.276.13");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/w1", """{"resourceType":"Patient","id":"w1"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("00080020", "DA", "20261301", "date")]
    [TestCase("00080020", "DA", "2026.01.02", "date")]
    [TestCase("00080030", "TM", "2561", "time")]
    [TestCase("00080030", "TM", "10:11:12", "time")]
    [TestCase("0008002A", "DT", "20260102250000", "date and time")]
    [TestCase("00081155", "UI", "1.2.03", "UID")]
    [TestCase("00080008", "CS", "lower case", "code")]
    [TestCase("00101010", "AS", "44", "age")]
    [TestCase("00280030", "DS", "0.12345678901234567", "number")]
    [TestCase("00201208", "IS", "1.5", "whole number")]
    [TestCase("00100020", "LO", "12345678901234567890123456789012345678901234567890123456789012345", "64")]
    [TestCase("00080050", "SH", "12345678901234567", "16")]
    [TestCase("00081040", "LO", "", null)]
    [TestCase("00080030", "TM", "235960.123456", null)]
    [TestCase("0008002A", "DT", "20260102101112.5+0100", null)]
    [TestCase("00280030", "DS", " 0.5\\-1.5E-3 ", null)]
    public async Task A_value_against_its_representation_is_kept_and_named_with_the_reason(string tag, string vr, string value, string? reason)
    {
        var (isTag, isVr) = (DicomTag.TryParse(tag, out var parsed), DicomVrTraits.TryParse(vr, out var representation));
        Assert.That(isTag && isVr);
        var dicom = uids.Dicom() with { Further = data => data.AddBytes(parsed, representation, Encoding.ASCII.GetBytes(value)) };
        var answer = await server.StowAsync(Base, dicom.ToBytes());
        var item = (await answer.JsonAsync()).Items("00081199").Single();
        Assert.That(answer.StatusCode, Is.EqualTo(reason is null ? HttpStatusCode.OK : HttpStatusCode.Accepted));
        Assert.That(item.Value("00081196"), Is.EqualTo(reason is null ? null : $"{0xB007}"));
        var faults = item.Items("00741048");
        Assert.That(faults.Select(fault => fault.Value("00720026")), Is.EqualTo(reason is null ? [] : new[] { tag }));
        if (reason is not null)
        {
            Assert.That(faults[0].Value("00000902"), Does.Contain(reason));
            Assert.That(faults[0].Value("00000902"), Does.Not.Contain(value), "never the value");
            Assert.That(faults[0].Value("00000902")!.Length, Is.AtMost(64));
        }
        var back = await server.Client.GetAsync(item.Value("00081190")!, "application/dicom");
        Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(dicom.ToBytes()));
    }

    [Test]
    public async Task A_value_within_sequences_is_named_by_its_way_and_one_of_a_wrong_length_by_its_tag()
    {
        var inner = new DicomDataset().AddBytes(new DicomTag(0x00400007), DicomVr.LO, Encoding.ASCII.GetBytes(new string('x', 70)));
        var dicom = uids.Dicom() with
        {
            Further = data => data.AddSequence(new DicomTag(0x00400275), new DicomDataset(), new DicomDataset().AddSequence(new DicomTag(0x00400008), inner))
                .Add(new DicomElement(new DicomTag(0x00280106), DicomVr.US, new byte[4])).Add(new DicomElement(new DicomTag(0x00081161), DicomVr.UL, new byte[6])),
        };
        var json = await (await server.StowAsync(Base, dicom.ToBytes())).JsonAsync();
        var faults = json.Items("00081199").Single().Items("00741048");
        Assert.That(faults.Select(fault => fault.Value("00720026")), Is.EqualTo(new[] { "00081161", "00400007" }));
        Assert.That(faults[1].Values("00720052"), Is.EqualTo(new[] { "00400275", "00400008" }));
        Assert.That(faults[1].Values("00741057"), Is.EqualTo(new[] { "2", "1" }));
    }

    [Test]
    public async Task What_an_image_needs_and_has_not_is_named()
    {
        var dicom = uids.Dicom() with { Further = data => { data.Remove(DicomTag.BitsStored); data.Remove(DicomTag.Modality); } };
        var answer = await server.StowAsync(Base, dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        var faults = (await answer.JsonAsync()).Items("00081199").Single().Items("00741048");
        Assert.That(faults.Select(fault => fault.Value("00720026")), Is.EquivalentTo(new[] { "00080060", "00280101" }));
    }

    [Test]
    public async Task A_thousand_faults_are_told_of_by_some_dozens()
    {
        var dicom = uids.Dicom() with
        {
            Further = data => data.AddSequence(new DicomTag(0x00081199), [.. Enumerable.Range(0, 1000).Select(_ => new DicomDataset().AddBytes(new DicomTag(0x00081155), DicomVr.UI, "no"u8.ToArray()))]),
        };
        var json = await (await server.StowAsync(Base, dicom.ToBytes())).JsonAsync();
        Assert.That(json.Items("00081199").Single().Items("00741048"), Has.Length.EqualTo(32));
    }

    [Test]
    public async Task The_answer_in_XML_says_the_same_as_in_JSON()
    {
        var (good, odd, bad) = (uids.Dicom(), uids.Dicom() with { StudyDate = "yesterday" }, uids.Dicom() with { Series = "no" });
        using var content = PhrServer.Multipart(good.ToBytes(), odd.ToBytes(), bad.ToBytes());
        using var request = new HttpRequestMessage(HttpMethod.Post, Base + "/studies") { Content = content };
        request.Headers.TryAddWithoutValidation("Accept", "application/dicom+xml, application/dicom+json;q=0.5");
        using var answer = await server.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/dicom+xml"));
        using var body = await answer.Content.ReadAsStreamAsync();
        var model = DicomXmlReader.Read(body);
        Assert.That(model.Problem, Is.Null);
        var stored = model.Value.Dataset.Items(new DicomTag(0x00081199));
        Assert.That(stored.Select(item => item.GetString(DicomTag.ReferencedSOPInstanceUID)), Is.EqualTo(new[] { good.Sop, odd.Sop }));
        Assert.That(stored[0].GetString(DicomTag.RetrieveURL), Is.EqualTo($"{server.Address}{Base}/studies/{good.Study}/series/{good.Series}/instances/{good.Sop}"));
        Assert.That(stored[1].GetInt32(new DicomTag(0x00081196)), Is.EqualTo(0xB007));
        Assert.That(model.Value.Dataset.Items(new DicomTag(0x00081198)).Single().GetInt32(new DicomTag(0x00081197)), Is.EqualTo(0xA900));
    }
}
