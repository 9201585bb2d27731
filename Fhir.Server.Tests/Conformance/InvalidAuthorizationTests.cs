namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §2, T3 and T18: what is refused at the authorization endpoint, and how.</summary>
[TestFixture]
public sealed class InvalidAuthorizationTests : SmartTests
{
    private const string Scope = "launch/patient patient/Patient.r";

    [TestCase("https://elsewhere.example/fhir")]
    [TestCase("https://elsewhere.example")]
    [TestCase("/fhir")]
    [TestCase(null)]
    public Task A_wrong_audience_is_refused(string? audience) => IsToldAsync(World.Public.Request(Scope).With("aud", audience), "invalid_request");

    [Test]
    public Task The_host_alone_is_not_the_audience() => IsToldAsync(World.Public.Request(Scope).With("aud", Server.Address), "invalid_request");

    [Test]
    public Task No_challenge_is_refused() =>
        IsToldAsync(World.Public.Request(Scope).With("code_challenge", null).With("code_challenge_method", null), "invalid_request");

    [Test]
    public Task A_plain_challenge_is_refused([Values("plain", null)] string? method)
    {
        var request = World.Public.Request(Scope);
        return IsToldAsync(request.With("code_challenge", request.Pkce.Verifier).With("code_challenge_method", method), "invalid_request");
    }

    [Test]
    public Task An_unknown_method_is_refused() => IsToldAsync(World.Public.Request(Scope).With("code_challenge_method", "S512"), "invalid_request");

    [Test]
    public Task A_client_with_a_secret_needs_a_challenge_too() =>
        IsToldAsync(World.Confidential.Request(Scope).With("code_challenge", null).With("code_challenge_method", null), "invalid_request", app: World.Confidential);

    [Test]
    public Task No_state_is_refused() => IsToldAsync(World.Public.Request(Scope).With("state", null), "invalid_request");

    [TestCase("token")]
    [TestCase("id_token")]
    [TestCase("made_up")]
    public Task Another_response_type_is_refused(string type) => IsToldAsync(World.Public.Request(Scope).With("response_type", type), "unsupported_response_type");

    [TestCase("made-up")]
    [TestCase("patient/Nothing.rs")]
    [TestCase("patient/ImagingStudy.")]
    [TestCase("patient/imagingstudy.rs")]
    [TestCase("system/ImagingStudy.rs")]
    [TestCase("system/*.read")]
    [TestCase("patient/ImagingStudy.rs?modality:in=http://example.org/codes")]
    [TestCase("patient/ImagingStudy.rs?patient.name=Ada")]
    [TestCase("patient/ImagingStudy.rs?_filter=modality eq CT")]
    [TestCase("patient/ImagingStudy.rs?made-up=1")]
    [TestCase("patient/ImagingStudy.rs?modality=")]
    public Task A_scope_there_is_not_is_refused(string scope) => IsToldAsync(World.Public.Request($"{Scope} {scope.Replace(' ', '+')}"), "invalid_scope");

    [Test]
    public async Task A_scope_the_client_was_not_registered_for_is_not_given()
    {
        var app = await World.AppAsync("Registered for little", scopes: "launch/patient patient/Patient.r");
        await IsToldAsync(app.Request("launch/patient patient/Patient.r patient/ImagingStudy.rs"), "invalid_scope", app: app);
    }

    [TestCase("https://elsewhere.example/callback")]
    [TestCase("https://app.example.org/callback/")]
    [TestCase("https://app.example.org/callback/more")]
    [TestCase("https://app.example.org/callbac")]
    [TestCase("https://app.example.org/Callback")]
    [TestCase("https://APP.example.org/callback")]
    [TestCase("https://app.example.org/callback?more=1")]
    [TestCase("https://app.example.org/x/../callback")]
    [TestCase("https://app.example.org:443/callback")]
    [TestCase("https://app.example.org/%63allback")]
    [TestCase("https://app.example.org.elsewhere.example/callback")]
    [TestCase("https://app.example.org@elsewhere.example/callback")]
    [TestCase("http://app.example.org/callback")]
    [TestCase("javascript:alert(1)")]
    [TestCase("")]
    [TestCase(null)]
    public Task Nobody_is_sent_to_an_address_that_is_not_registered(string? redirectUri) => StaysAsync(World.Public.Request(Scope).With("redirect_uri", redirectUri));

    [TestCase("nobody")]
    [TestCase("")]
    [TestCase(null)]
    public Task Nobody_is_sent_away_for_an_unknown_client(string? client) => StaysAsync(World.Public.Request(Scope).With("client_id", client));

    [Test]
    public async Task Nobody_is_sent_away_for_a_disabled_client()
    {
        var app = await World.AppAsync("Disabled app");
        await Server.DisableAsync(app.Id);
        var answer = await app.AuthorizeAsync(app.Request(Scope), Ada);
        Assert.That(answer.Code, Is.Null, answer.ToString());
    }

    [TestCase("http://127.0.0.1:12345/native", true)]
    [TestCase("http://127.0.0.1/native", true)]
    [TestCase("http://127.0.0.1:12345/other", false)]
    [TestCase("http://localhost:12345/native", false)]
    [TestCase("http://127.0.0.1.elsewhere.example:12345/native", false)]
    public async Task Of_a_loopback_address_the_port_alone_may_differ(string redirectUri, bool isTaken)
    {
        var app = await World.AppAsync("Native", redirectUri: "http://127.0.0.1/native");
        var answer = await app.AuthorizeAsync(app.Request(Scope).With("redirect_uri", redirectUri), Ada);
        Assert.That(answer.Code is not null, Is.EqualTo(isTaken), answer.ToString());
    }

    [Test]
    public async Task What_is_said_of_an_error_cannot_be_made_into_markup()
    {
        var answer = await World.Public.AuthorizeAsync(World.Public.Request(Scope).With("client_id", "<script>alert(1)</script>"), Ada);
        Assert.That(answer.Last.Text, Does.Not.Contain("<script>alert"));
    }

    private static async Task StaysAsync(AuthorizationRequest request)
    {
        var answer = await World.Public.AuthorizeAsync(request, Ada);
        Assert.That(answer.Last.Left, Is.Null, answer.ToString());
        Assert.That(answer.Last.Status, Is.InRange(400, 499), answer.ToString());
    }
}
