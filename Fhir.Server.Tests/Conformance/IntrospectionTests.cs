using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §9. https://hl7.org/fhir/smart-app-launch/token-introspection.html</summary>
[TestFixture]
public sealed class IntrospectionTests : SmartTests
{
    private const string Scope = "openid fhirUser launch/patient patient/Patient.r patient/ImagingStudy.rs offline_access";

    [Test]
    public async Task A_good_token_is_told_with_all_that_was_told_to_the_app()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        var told = (await World.Confidential.IntrospectAsync(token.AccessToken!)).Json;
        var claims = TokenAnswer.Part(token.IdToken!, 1);
        Assert.That(told.GetProperty("active").GetBoolean());
        Assert.That(told.GetProperty("scope").GetString()!.Split(' '), Is.EquivalentTo(token.Scopes));
        Assert.That(told.GetProperty("client_id").GetString(), Is.EqualTo(World.Confidential.Id));
        Assert.That(told.GetProperty("exp").GetInt64(), Is.EqualTo(Server.Clock.GetUtcNow().ToUnixTimeSeconds() + token.ExpiresIn!.Value).Within(60));
        Assert.That(told.GetProperty("patient").GetString(), Is.EqualTo(Ada.Record));
        Assert.That(told.GetProperty("iss").GetString(), Is.EqualTo(claims.GetProperty("iss").GetString()));
        Assert.That(told.GetProperty("sub").GetString(), Is.EqualTo(claims.GetProperty("sub").GetString()));
        Assert.That(told.GetProperty("fhirUser").GetString(), Is.EqualTo(claims.GetProperty("fhirUser").GetString()));
    }

    [Test]
    public async Task The_context_of_the_launch_is_told_too()
    {
        var launch = await Server.PrepareLaunchAsync(Ada.Record, World.StudyIds[SmartWorld.CtMr]);
        var token = await World.Confidential.SignInAsync(Ada, "launch launch/imagingstudy patient/Patient.r", launch: launch);
        var told = (await World.Confidential.IntrospectAsync(token.AccessToken!)).Json;
        Assert.That(told.GetProperty("fhirContext").GetRawText(), Does.Contain("ImagingStudy/" + World.StudyIds[SmartWorld.CtMr]));
    }

    [TestCase("made-up")]
    [TestCase("eyJhbGciOiJub25lIn0.e30.")]
    public async Task Of_an_unknown_token_nothing_but_that_is_told(string token) =>
        Assert.That(Compact(await World.Confidential.IntrospectAsync(token)), Is.EqualTo("""{"active":false}"""));

    [Test]
    public async Task Of_a_revoked_token_nothing_but_that_is_told()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        await World.Confidential.RevokeAsync(token.AccessToken!);
        Assert.That(Compact(await World.Confidential.IntrospectAsync(token.AccessToken!)), Is.EqualTo("""{"active":false}"""));
    }

    [Test]
    public async Task A_stranger_is_told_nothing()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        var refused = await World.Confidential.IntrospectAsync(token.AccessToken!, Shown.Nothing);
        Assert.That((refused.Status, refused.Find("active")), Is.EqualTo((401, (JsonElement?)null)).Or.EqualTo((400, (JsonElement?)null)), refused.Text);
    }

    [Test]
    public async Task A_wrong_secret_is_told_nothing()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        var liar = new App(Server, World.Confidential.Id, SmartWorld.Callback, "wrong");
        (await liar.IntrospectAsync(token.AccessToken!)).IsRefused("invalid_client", 401);
    }

    [Test]
    public async Task A_resource_server_is_told_of_tokens_of_others_by_its_own_token()
    {
        var key = World.Keep(ClientKey.Make("ES384"));
        var registered = await Server.RegisterAsync(new Registration("Archive", Kind.Asymmetric)
        {
            Scopes = "system/ImagingStudy.rs", Jwks = ClientKey.Set(key), IsResourceServer = true, Records = [Ada.Record],
        });
        var archive = new App(Server, registered.Id, SmartWorld.Callback, null, key);
        var own = (await archive.BackendAsync("system/ImagingStudy.rs")).Good().AccessToken!;
        var token = await World.Public.SignInAsync(Ada, Scope);
        using var body = new FormUrlEncodedContent([KeyValuePair.Create("token", token.AccessToken!)]);
        var told = await SendAsync(HttpMethod.Post, own, await archive.EndpointAsync("introspection_endpoint"), body);
        Assert.That(told.Status, Is.EqualTo(200), told.Text);
        Assert.That((told.Json.GetProperty("active").GetBoolean(), told.Json.GetProperty("patient").GetString()), Is.EqualTo((true, Ada.Record)));
    }

    [Test]
    public async Task A_token_of_a_person_does_not_introspect()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        using var body = new FormUrlEncodedContent([KeyValuePair.Create("token", token.AccessToken!)]);
        var refused = await SendAsync(HttpMethod.Post, token.AccessToken, await World.Public.EndpointAsync("introspection_endpoint"), body);
        Assert.That(refused.Status, Is.InRange(400, 403), refused.Text);
    }

    private static string Compact(TokenAnswer answer) => JsonSerializer.Serialize(answer.Json);
}
