namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §9: pages of other origins.</summary>
[TestFixture]
public sealed class CrossOriginTests : SmartTests
{
    private const string Registered = "https://app.example.org";
    private const string Stranger = "https://stranger.example";

    [TestCase("/fhir/.well-known/smart-configuration")]
    [TestCase("/fhir/metadata")]
    public async Task Every_page_may_read_what_the_server_offers(string path) =>
        Assert.That(Allowed(await GetAsync(null, path, null, ("Origin", Stranger))), Is.EqualTo("*").Or.EqualTo(Stranger));

    [Test]
    public async Task The_token_endpoint_answers_pages_of_registered_origins_alone()
    {
        var address = await World.Public.EndpointAsync("token_endpoint");
        Assert.That(Allowed(await PreflightAsync(address, "POST", "content-type", Registered)), Is.EqualTo(Registered));
        Assert.That(Allowed(await PreflightAsync(address, "POST", "content-type", Stranger)), Is.Null);
        using var body = new FormUrlEncodedContent([KeyValuePair.Create("grant_type", "refresh_token")]);
        var told = await SendAsync(HttpMethod.Post, null, address, body, null, ("Origin", Registered));
        Assert.That((told.Status, Allowed(told)), Is.EqualTo((400, Registered)));
    }

    [TestCase("/fhir/ImagingStudy?patient={ada}", null)]
    [TestCase("/dicomweb/patients/{ada}/studies", DicomJson)]
    public async Task The_API_answers_pages_of_registered_origins_alone(string path, string? accept)
    {
        var (here, token) = (path.Replace("{ada}", Ada.Record, StringComparison.Ordinal), await TokenAsync("launch/patient patient/*.rs"));
        Assert.That(Allowed(await PreflightAsync(here, "GET", "authorization,accept", Registered)), Is.EqualTo(Registered));
        Assert.That(Allowed(await PreflightAsync(here, "GET", "authorization,accept", Stranger)), Is.Null);
        Assert.That(Allowed(await GetAsync(token, here, accept, ("Origin", Registered))), Is.EqualTo(Registered));
        Assert.That(Allowed(await GetAsync(token, here, accept, ("Origin", Stranger))), Is.Null);
    }

    [Test]
    public async Task A_preflight_allows_what_apps_send()
    {
        var reply = await PreflightAsync("/fhir/Patient", "GET", "authorization,if-match,prefer", Registered);
        var allowed = reply.Headers.GetValueOrDefault("access-control-allow-headers", "").ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        Assert.That(allowed.Contains("*") || new[] { "authorization", "if-match", "prefer" }.All(allowed.Contains), reply.Headers.GetValueOrDefault("access-control-allow-headers"));
    }

    [TestCase("/fhir/Patient/{ada}")]
    [TestCase("/dicomweb/patients/{ada}/studies")]
    public async Task A_page_can_read_why_it_was_refused(string path)
    {
        var reply = await GetAsync("made-up", path.Replace("{ada}", Ada.Record, StringComparison.Ordinal), null, ("Origin", Registered));
        Assert.That((reply.Status, Allowed(reply)), Is.EqualTo((401, Registered)));
    }

    [Test]
    public async Task A_page_can_read_the_headers_it_needs()
    {
        var reply = await GetAsync(await TokenAsync("launch/patient patient/Patient.r"), $"/fhir/Patient/{Ada.Record}", null, ("Origin", Registered));
        var exposed = reply.Headers.GetValueOrDefault("access-control-expose-headers", "").ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        Assert.That(exposed, Is.SupersetOf(new[] { "location", "etag", "retry-after", "content-location" }));
    }

    [Test]
    public async Task No_page_sends_the_cookies_of_a_person_along()
    {
        foreach (var path in new[] { "/fhir/.well-known/smart-configuration", "/fhir/Patient", await World.Public.EndpointAsync("authorization_endpoint") })
        {
            var reply = await GetAsync(null, path, null, ("Origin", Registered));
            Assert.That(reply.Headers.GetValueOrDefault("access-control-allow-credentials"), Is.Null, path);
        }
    }

    [Test]
    public async Task The_pages_of_the_server_are_for_no_other_page([Values("/account/sign-in", "/account")] string path) =>
        Assert.That(Allowed(await GetAsync(null, path, null, ("Origin", Registered))), Is.Null);

    private static string? Allowed(Reply reply) => reply.Headers.GetValueOrDefault("access-control-allow-origin");

    private static Task<Reply> PreflightAsync(string path, string method, string headers, string origin) => SendAsync(
        HttpMethod.Options, null, path, null, null, ("Origin", origin), ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
}
