using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#mime-type and #ops</summary>
[TestFixture]
public sealed class NegotiationTests : RestTests
{
    [TestCase("application/fhir+json")]
    [TestCase("application/json")]
    [TestCase("APPLICATION/FHIR+JSON; charset=UTF-8")]
    [TestCase("application/fhir+json; fhirVersion=4.0")]
    [TestCase("text/html, application/xhtml+xml, */*;q=0.8")]
    [TestCase("Application/*")]
    [TestCase("application/fhir+json, application/fhir+xml")]
    [TestCase("application/fhir+xml;q=0.1, application/fhir+json;q=0.2")]
    [TestCase("application/fhir+xml;q=0, */*")]
    [TestCase("text/json")]
    public async Task Whoever_takes_JSON_gets_FHIR_JSON(string accept)
    {
        var answer = await GetAsync($"Patient/{await NewPatientAsync()}", ("Accept", accept));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.ContentHeaders.ContentType?.ToString(), Is.EqualTo("application/fhir+json; charset=utf-8"));
    }

    [TestCase("text/html")]
    [TestCase("image/*")]
    [TestCase("application/fhir+json;q=0")]
    [TestCase("application/fhir+json;q=0, application/fhir+xml;q=0, */*")]
    [TestCase("application/fhir+json; fhirVersion=3.0")]
    public async Task Whoever_takes_none_gets_406(string accept)
    {
        Assert.That((await GetAsync("metadata", ("Accept", accept))).Status, Is.EqualTo(HttpStatusCode.NotAcceptable));
        var id = NewId();
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id), ("Accept", accept))).Status, Is.EqualTo(HttpStatusCode.NotAcceptable));
        Assert.That((await GetAsync($"Patient/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound), "nothing was written");
    }

    [TestCase("json", HttpStatusCode.OK)]
    [TestCase("application/json", HttpStatusCode.OK)]
    [TestCase("application/fhir%2Bjson", HttpStatusCode.OK)]
    [TestCase("application/fhir+json", HttpStatusCode.OK)]
    [TestCase("application/fhir%2Bjson;charset=utf-8", HttpStatusCode.OK)]
    [TestCase("html", HttpStatusCode.NotAcceptable)]
    [TestCase("text/turtle", HttpStatusCode.NotAcceptable)]
    public async Task The_format_in_the_address_goes_before_Accept(string format, HttpStatusCode status)
    {
        var patient = await NewPatientAsync();
        var accept = ("Accept", status == HttpStatusCode.OK ? "text/html" : "application/fhir+json");
        Assert.That((await GetAsync($"Patient/{patient}?_format={format}", accept)).Status, Is.EqualTo(status));
        Assert.That((await GetAsync($"Patient?_id={patient}&_format={format}", accept)).Status, Is.EqualTo(status));
    }

    [TestCase("application/fhir+json", HttpStatusCode.Created)]
    [TestCase("application/json; charset=utf-8", HttpStatusCode.Created)]
    [TestCase("application/json; charset=\"UTF-8\"", HttpStatusCode.Created)]
    [TestCase("application/fhir+json; fhirVersion=4.0", HttpStatusCode.Created)]
    [TestCase("application/fhir+xml", HttpStatusCode.BadRequest)]
    [TestCase("application/fhir+json; fhirVersion=5.0", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json-patch+json", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json; charset=latin1", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/json; charset=utf-16", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("nonsense", HttpStatusCode.UnsupportedMediaType)]
    [TestCase("application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_body_is_JSON_in_UTF_8(string type, HttpStatusCode status)
    {
        var id = NewId();
        foreach (var (method, path) in new[] { (HttpMethod.Put, $"Patient/{id}"), (HttpMethod.Post, "Patient") })
        {
            using var content = Bytes(Encoding.UTF8.GetBytes(PatientJson(id)), type);
            Assert.That((await SendAsync(Phr.Client, method, path, content)).Status, Is.EqualTo(status));
        }
    }

    [Test]
    public async Task A_body_that_does_not_say_what_it_is_is_415()
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(PatientJson("x")));
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Post, "Patient", content)).Status, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("return=minimal", "")]
    [TestCase("handling=strict, return=minimal", "")]
    [TestCase("Return=Minimal; foo=bar", "")]
    [TestCase("return=representation", "Patient")]
    [TestCase("return=OperationOutcome", "OperationOutcome")]
    [TestCase("return=whatever", "Patient")]
    public async Task What_comes_back_is_what_was_preferred_and_the_headers_come_always(string prefer, string resourceType)
    {
        var id = NewId();
        foreach (var (method, path, status) in new[]
        {
            (HttpMethod.Put, $"Patient/{id}", HttpStatusCode.Created), (HttpMethod.Put, $"Patient/{id}", HttpStatusCode.OK),
            (HttpMethod.Post, "Patient", HttpStatusCode.Created),
        })
        {
            var answer = await SendAsync(method, path, PatientJson(id), ("Prefer", prefer));
            Assert.Multiple(() =>
            {
                Assert.That(answer.Status, Is.EqualTo(status));
                Assert.That(answer["resourceType"] ?? "", Is.EqualTo(resourceType));
                Assert.That(answer.ETag, Is.EqualTo("W/\"1\""));
                Assert.That(answer.ContentHeaders.LastModified, Is.Not.Null);
                Assert.That(answer.Headers.Location?.ToString(), Does.Match($@"\A{Phr.Address}/fhir/Patient/[A-Za-z0-9\-\.]{{1,64}}/_history/1\z"));
            });
        }
    }
}
