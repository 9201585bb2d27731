using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Backend services: https://hl7.org/fhir/smart-app-launch/backend-services.html</summary>
[TestFixture]
public sealed class OAuthBackendTests
{
    private const string Scope = "system/ImagingStudy.rs";
    private OAuthWorld world = null!;
    private RawApp app = null!;

    [OneTimeSetUp]
    public async Task OpenAsync()
    {
        world = await OAuthWorld.GetAsync();
        app = new RawApp(world, "backend");
    }

    [TestCase("RS384")]
    [TestCase("ES384")]
    public async Task An_assertion_gives_a_short_token_without_a_refresh_token(string algorithm)
    {
        using var answer = await app.PostAsync("/oauth/token", Form(world.Backend.Assert(world.Token, algorithm)));
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), json.ToString());
        Assert.That(json.GetProperty("expires_in").GetInt32(), Is.LessThanOrEqualTo(300));
        Assert.That(json.GetProperty("scope").GetString(), Is.EqualTo(Scope));
        Assert.That(json.GetProperty("token_type").GetString(), Is.EqualTo("Bearer").IgnoreCase);
        Assert.That(json.TryGetProperty("refresh_token", out _), Is.False);
        Assert.That(json.TryGetProperty("patient", out _), Is.False);
    }

    [Test]
    public async Task It_reaches_the_records_it_was_allowed_and_no_others()
    {
        var token = (await app.GoodAsync("/oauth/token", Form(world.Backend.Assert(world.Token)))).GetProperty("access_token").GetString();
        Assert.That(await world.GetAsync("/fhir/ImagingStudy?patient=ada", token), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await world.GetAsync("/fhir/ImagingStudy?patient=bert", token), Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("iss", "nobody")]
    [TestCase("iss", null)]
    [TestCase("sub", "app")]
    [TestCase("sub", null)]
    [TestCase("aud", "https://elsewhere.example/token")]
    [TestCase("aud", null)]
    [TestCase("jti", null)]
    [TestCase("exp", null)]
    public async Task An_assertion_that_says_something_else_is_refused(string claim, string? value) =>
        await RefusedAsync(world.Backend.Assert(world.Token, claims: new() { [claim] = value }));

    [TestCase(3600)]
    [TestCase(360)]
    [TestCase(-1)]
    public async Task An_assertion_that_ends_too_late_or_has_ended_is_refused(int seconds) =>
        await RefusedAsync(world.Backend.Assert(world.Token, claims: new() { ["exp"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + seconds }));

    [TestCase("typ", "client-authentication+jwt")]
    [TestCase("alg", "none")]
    [TestCase("kid", "unknown")]
    [TestCase("kid", null)]
    [TestCase("kid", "rsa-1")]
    [TestCase("jku", "https://elsewhere.example/jwks.json")]
    public async Task An_assertion_with_another_head_is_refused(string header, string? value) =>
        await RefusedAsync(world.Backend.Assert(world.Token, headers: new() { [header] = value }));

    [Test]
    public async Task An_assertion_by_a_weaker_algorithm_is_refused() => await RefusedAsync(world.Backend.Assert(world.Token, "RS256"));

    [Test]
    public async Task An_assertion_somebody_else_signed_is_refused()
    {
        using var stranger = new SigningClient("backend");
        await RefusedAsync(world.Backend.Assert(world.Token, signer: stranger));
    }

    [Test]
    public async Task An_assertion_is_good_once()
    {
        var assertion = world.Backend.Assert(world.Token);
        await app.GoodAsync("/oauth/token", Form(assertion));
        await RefusedAsync(assertion);
    }

    [Test]
    public async Task Another_type_of_assertion_is_refused()
    {
        var form = Form(world.Backend.Assert(world.Token));
        form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
        using var answer = await app.PostAsync("/oauth/token", form);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest).Or.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Without_an_assertion_there_is_no_token()
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = Scope, ["client_id"] = "backend" };
        using var answer = await app.PostAsync("/oauth/token", form);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest).Or.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task A_client_with_a_secret_does_not_speak_for_itself()
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["scope"] = "system/ImagingStudy.rs" };
        Assert.That(await new RawApp(world, "secret").RefusedAsync("/oauth/token", form, basic: world.Secret), Is.EqualTo("unauthorized_client"));
    }

    [TestCase("system/Observation.rs")]
    [TestCase("system/ImagingStudy.cruds")]
    [TestCase("system/*.rs")]
    [TestCase("patient/ImagingStudy.rs")]
    [TestCase("system/ImagingStudy.rs openid")]
    [TestCase("bogus")]
    [TestCase("")]
    public async Task Scopes_beyond_the_registered_ones_are_refused(string scope) =>
        Assert.That(await app.RefusedAsync("/oauth/token", Form(world.Backend.Assert(world.Token), scope)), Is.EqualTo("invalid_scope"));

    [Test]
    public async Task Keys_are_fetched_from_their_address_and_kept_no_longer_than_it_says()
    {
        using var client = new SigningClient("remote");
        var (fetched, keys) = (0, client.PublicKeys);
        var builder = WebApplication.CreateSlimBuilder();
        await using var site = builder.Build();
        site.Urls.Add("http://127.0.0.1:0");
        site.MapGet("/jwks.json", (HttpResponse response) =>
        {
            fetched++;
            response.Headers.CacheControl = "max-age=60";
            return Results.Text(keys, "application/json");
        });
        site.MapGet("/unkept.json", (HttpResponse response) =>
        {
            fetched++;
            response.Headers.CacheControl = "no-store";
            return Results.Text(keys, "application/json");
        });
        await site.StartAsync();
        var address = site.Urls.First();
        foreach (var (path, expected) in new[] { ("/jwks.json", 1), ("/unkept.json", 2) })
        {
            var id = "remote" + path.Length;
            using var signer = new SigningClient(id);
            (fetched, keys) = (0, signer.PublicKeys);
            await world.OperateAsync("clients", new { id, name = "Remote", kind = 2, jwksUri = address + path, scopes = Scope });
            for (var i = 0; i < 2; i++)
            {
                await app.GoodAsync("/oauth/token", Form(signer.Assert(world.Token, headers: new() { ["jku"] = address + path })));
            }
            Assert.That(fetched, Is.EqualTo(expected), path);
        }
    }

    [Test]
    public void Addresses_inside_are_not_asked_for_keys()
    {
        foreach (var inside in new[] { "10.1.2.3", "192.168.0.1", "172.20.0.1", "169.254.169.254", "127.0.0.1", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "0.0.0.0" })
        {
            Assert.That(Server.SignIn.Clients.PublicHosts.IsAllowed(IPAddress.Parse(inside), allowLoopback: false), Is.False, inside);
        }
        Assert.That(Server.SignIn.Clients.PublicHosts.IsAllowed(IPAddress.Parse("203.0.113.7"), allowLoopback: false), Is.True);
    }

    private static Dictionary<string, string> Form(string assertion, string scope = Scope) => new()
    {
        ["grant_type"] = "client_credentials", ["scope"] = scope, ["client_assertion_type"] = SigningClient.AssertionType, ["client_assertion"] = assertion,
    };

    private async Task RefusedAsync(string assertion) =>
        Assert.That(await app.RefusedAsync("/oauth/token", Form(assertion), HttpStatusCode.Unauthorized), Is.EqualTo("invalid_client"));
}
