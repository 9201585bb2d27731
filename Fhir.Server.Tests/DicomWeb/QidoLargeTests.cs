using System.Net;
using System.Xml.Linq;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Searches whose answers are large, and values that are: what they may take, and that nothing is lost.</summary>
[TestFixture]
public sealed class QidoLargeTests
{
    private const string Study = "1.2.276.6.1";
    private const int Many = 230;
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/l1", """{"resourceType":"Patient","id":"l1"}""");
        var files = Enumerable.Range(1, Many).Select(number => new TestDicom(Study, Study + ".1", $"{Study}.1.{number}")
        {
            InstanceNumber = number,
            Further = data => data.Add(T("KVP"), $"{number}").Add(T("PatientComments"), new string('a', 9000) + "b" + new string('a', 3000) + "c"),
        }.ToBytes());
        Assert.That((await server.StowAsync("/dicomweb/patients/l1", files)).StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted));
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task Each_result_of_a_long_page_has_the_included_attributes_of_its_own_instance()
    {
        var path = $"/dicomweb/studies/{Study}/instances?includefield=KVP";
        var rows = (await server.Client.JsonAsync(path)).EnumerateArray().ToList();
        Assert.That(rows.Select(row => (row.Value("00080018"), row.Value("00180060"))), Is.EqualTo(Enumerable.Range(1, Many).Select(number => ($"{Study}.1.{number}", $"{number}"))));
        const string Xml = "multipart/related; type=\"application/dicom+xml\"";
        using var answer = await server.Client.GetAsync(path, Xml);
        var parts = (await answer.PartsAsync()).Select(part => XDocument.Load(new MemoryStream(part.Body)).Root!.Elements().Single(one => one.Attribute("tag")!.Value == "00180060").Value);
        Assert.That(parts, Is.EqualTo(Enumerable.Range(1, Many).Select(number => $"{number}")));
        using var head = await server.Client.HeadAsync(path, Xml);
        Assert.That((head.StatusCode, head.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "multipart/related")));
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task XML_begins_before_all_of_it_is_made()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/dicomweb/studies/{Study}/instances?includefield=all");
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=\"application/dicom+xml\"");
        using var answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(answer.Content.Headers.ContentLength, Is.Null, "a length is known only when all has been made");
    }

    [TestCase("PatientComments=*ab*", 1)]
    [TestCase("PatientComments=aaa*", 1)]
    [TestCase("PatientComments=*c", 0)]
    public async Task A_very_long_value_is_matched_by_its_first_10240_characters(string key, int found) =>
        Assert.That((await server.Client.JsonAsync($"/dicomweb/studies?{key}")).GetArrayLength(), Is.EqualTo(found));

    [TestCase("PatientComments", 1024, 200)]
    [TestCase("PatientComments", 1025, 400)]
    [TestCase("PatientName", 1025, 400)]
    [TestCase("PatientID", 1025, 400)]
    public async Task A_text_longer_than_is_matched_is_400(string keyword, int length, int status)
    {
        foreach (var end in new[] { "", "*" })
        {
            using var answer = await server.Client.GetAsync($"/dicomweb/studies?{keyword}={new string('a', length - end.Length)}{end}", "application/dicom+json");
            Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        }
    }

    private static DicomTag T(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new ArgumentException(keyword);
}
