using System.Net;

namespace Fhir.Server.Tests.Hosting;

/// <summary>Open mode answers this machine alone, and pages of this machine alone.</summary>
[TestFixture]
public sealed class OpenModeTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void StartServer() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task StopServerAsync() => await server.DisposeAsync();

    [TestCase("rebound.example")]
    [TestCase("192.168.1.20:5080")]
    [TestCase("127.0.0.1.example")]
    [TestCase("localhost.example")]
    public async Task A_Host_that_is_not_loopback_is_refused(string host) =>
        Assert.That(await StatusAsync("Host", host), Is.EqualTo(HttpStatusCode.Forbidden));

    [TestCase("X-Forwarded-For", "10.0.0.1")]
    [TestCase("X-Forwarded-Host", "phr.example.org")]
    [TestCase("Forwarded", "for=10.0.0.1")]
    [TestCase("Via", "1.1 proxy")]
    public async Task A_request_that_was_forwarded_is_refused(string header, string value) =>
        Assert.That(await StatusAsync(header, value), Is.EqualTo(HttpStatusCode.Forbidden));

    [TestCase("https://evil.example", HttpStatusCode.Forbidden)]
    [TestCase("null", HttpStatusCode.Forbidden)]
    [TestCase("http://localhost:3000", HttpStatusCode.OK)]
    [TestCase("http://127.0.0.1:8080", HttpStatusCode.OK)]
    public async Task Pages_of_other_origins_are_refused_and_those_of_this_machine_answered(string origin, HttpStatusCode expected) =>
        Assert.That(await StatusAsync("Origin", origin), Is.EqualTo(expected));

    [Test]
    public async Task A_preflight_is_answered_without_credentials_and_exposes_what_viewers_read()
    {
        using var preflight = new HttpRequestMessage(HttpMethod.Options, "/dicomweb/studies");
        preflight.Headers.Add("Origin", "http://localhost:3000");
        preflight.Headers.Add("Access-Control-Request-Method", "GET");
        preflight.Headers.Add("Access-Control-Request-Headers", "authorization,accept,range");
        using var allowed = await server.Client.SendAsync(preflight);
        Assert.That(allowed.IsSuccessStatusCode, Is.True);
        Assert.That(allowed.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { "http://localhost:3000" }));
        Assert.That(string.Join(',', allowed.Headers.GetValues("Access-Control-Allow-Headers")).ToLowerInvariant(), Does.Contain("authorization").And.Contain("range"));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/dicomweb/studies");
        request.Headers.Add("Origin", "http://localhost:3000");
        using var answer = await server.Client.SendAsync(request);
        Assert.That(string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers")), Does.Contain("ETag").And.Contain("Warning").And.Contain("Content-Range"));
    }

    [Test]
    public async Task A_wrong_operator_key_is_401_and_says_so_to_pages_too()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fhir/Patient");
        request.Headers.TryAddWithoutValidation("Authorization", "Operator 00ff");
        request.Headers.Add("Origin", "http://localhost:3000");
        using var answer = await server.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Origin"), Is.True);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("OperationOutcome"));
    }

    [TestCase("/")]
    [TestCase("/healthz/live")]
    [TestCase("/healthz/ready")]
    public async Task A_newcomer_finds_the_landing_page_and_operations_their_health(string path)
    {
        using var answer = await server.Client.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    private async Task<HttpStatusCode> StatusAsync(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fhir/Patient");
        request.Headers.TryAddWithoutValidation(header, value);
        using var answer = await server.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
