using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/binary.html#rest, of what somebody sends.</summary>
[TestFixture]
public sealed class BinaryTests : RestTests
{
    private static async Task<HttpResponseMessage> AskAsync(HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, "/fhir/" + path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await Phr.Client.SendAsync(request);
    }

    [Test]
    public async Task Bytes_that_are_sent_as_they_are_are_given_as_they_are_and_as_a_resource_when_that_is_named()
    {
        var bytes = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var patient = await NewPatientAsync();
        using var content = Bytes(bytes, "application/pdf");
        var created = await SendAsync(Phr.Client, HttpMethod.Post, "Binary", content, ("X-Security-Context", $"Patient/{patient}"));
        Assert.That((created.Status, created["contentType"], created["securityContext.reference"]), Is.EqualTo((HttpStatusCode.Created, "application/pdf", $"Patient/{patient}")));
        var path = $"Binary/{created["id"]}";
        using (var read = await AskAsync(HttpMethod.Get, path))
        {
            Assert.Multiple(() =>
            {
                Assert.That(read.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/pdf"));
                Assert.That(read.Headers.ETag?.ToString(), Is.EqualTo("W/\"1\""));
                Assert.That(read.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'"));
            });
            Assert.That(await read.Content.ReadAsByteArrayAsync(), Is.EqualTo(bytes));
        }
        using (var known = await AskAsync(HttpMethod.Get, path, null, ("If-None-Match", "W/\"1\"")))
        {
            Assert.That(known.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        }
        Assert.That((await GetAsync(path, ("Accept", "application/fhir+json")))["data"], Is.EqualTo(Convert.ToBase64String(bytes)));
        Assert.That((await XmlAnswer.GetAsync(path))["data"], Is.EqualTo(Convert.ToBase64String(bytes)));
    }

    [Test]
    public async Task A_resource_is_read_as_its_bytes_and_updated_by_bytes()
    {
        var id = NewId("b");
        var json = $$"""{"resourceType":"Binary","id":"{{id}}","contentType":"text/plain; charset=utf-8","data":"{{Convert.ToBase64String("größer"u8)}}"}""";
        Assert.That((await PutAsync($"Binary/{id}", json)).Status, Is.EqualTo(HttpStatusCode.Created));
        using (var read = await AskAsync(HttpMethod.Get, $"Binary/{id}"))
        {
            Assert.That(await read.Content.ReadAsStringAsync(), Is.EqualTo("größer"));
        }
        using var next = Bytes("kleiner"u8.ToArray(), "text/plain");
        using (var put = await AskAsync(HttpMethod.Put, $"Binary/{id}", next))
        {
            Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK), await put.Content.ReadAsStringAsync());
        }
        using (var read = await AskAsync(HttpMethod.Get, $"Binary/{id}"))
        {
            Assert.That((await read.Content.ReadAsStringAsync(), read.Headers.ETag?.ToString()), Is.EqualTo(("kleiner", "W/\"2\"")));
        }
    }

    [TestCase("text/html")]
    [TestCase("image/svg+xml")]
    public async Task A_page_that_was_sent_acts_in_nobodys_name(string type)
    {
        using var content = Bytes("<script>alert(1)</script>"u8.ToArray(), type);
        var created = await SendAsync(Phr.Client, HttpMethod.Post, "Binary", content);
        using var read = await AskAsync(HttpMethod.Get, $"Binary/{created["id"]}");
        Assert.That(read.Headers.GetValues("Content-Security-Policy").Single(), Is.EqualTo("default-src 'none'; sandbox"));
        Assert.That(read.Headers.GetValues("X-Content-Type-Options").Single(), Is.EqualTo("nosniff"));
    }

    [Test]
    public async Task A_type_that_is_none_is_given_as_bytes_of_no_type()
    {
        var created = await PostAsync("Binary", """{"resourceType":"Binary","contentType":"größe","data":"AQ=="}""");
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Created));
        using var read = await AskAsync(HttpMethod.Get, $"Binary/{created["id"]}");
        Assert.That((read.StatusCode, read.Content.Headers.ContentType?.ToString()), Is.EqualTo((HttpStatusCode.OK, "application/octet-stream")));
    }

    [Test]
    public async Task A_Binary_about_a_patient_is_hidden_with_that_patient()
    {
        var patient = await NewPatientAsync();
        using var content = Bytes("secret"u8.ToArray(), "text/plain");
        var created = await SendAsync(Phr.Client, HttpMethod.Post, "Binary", content, ("X-Security-Context", $"Patient/{patient}"));
        using var other = Phr.As(Fhir.Server.Access.Reach.Of(new Fhir.Server.Access.ReachedRecord(await NewPatientAsync())));
        using var hidden = await other.GetAsync($"/fhir/Binary/{created["id"]}");
        using var unknown = await other.GetAsync("/fhir/Binary/never-was");
        Assert.That(hidden.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await hidden.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        using var own = Phr.As(Fhir.Server.Access.Reach.Of(new Fhir.Server.Access.ReachedRecord(patient)));
        Assert.That(Encoding.UTF8.GetString(await own.GetByteArrayAsync($"/fhir/Binary/{created["id"]}")), Is.EqualTo("secret"));
    }
}
