namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §6: a client that speaks for itself. https://hl7.org/fhir/smart-app-launch/backend-services.html</summary>
[TestFixture]
public sealed class BackendServicesTests : SmartTests
{
    private const string Scope = "system/ImagingStudy.rs";

    [Test]
    public async Task A_signed_assertion_gives_a_token([Values("RS384", "ES384")] string algorithm)
    {
        var backend = await World.BackendAsync("By " + algorithm, "system/*.rs", algorithm, Ada.Record);
        var token = (await backend.BackendAsync(Scope)).Good();
        Assert.That((await GetAsync(token.AccessToken, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids("ImagingStudy"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task What_comes_back_has_all_its_fields_and_no_more()
    {
        var token = (await World.Backend.BackendAsync(Scope)).Good();
        Assert.That(token.String("token_type"), Is.EqualTo("bearer").IgnoreCase);
        Assert.That(token.ExpiresIn, Is.InRange(1, 300));
        Assert.That(token.Scopes, Is.EqualTo(new[] { Scope }));
        Assert.That((token.RefreshToken, token.IdToken, token.Patient), Is.EqualTo(((string?)null, (string?)null, (string?)null)));
        Assert.That((token.CacheControl, token.Pragma), Is.EqualTo(("no-store", "no-cache")));
    }

    [Test]
    public async Task The_token_opens_the_pictures_too()
    {
        var token = (await World.Backend.BackendAsync(Scope)).Good().AccessToken;
        Assert.That(await StatusAsync(token, $"{Web}/studies/{SmartWorld.OnlyMr}", Part10), Is.EqualTo(200));
    }

    [Test]
    public async Task A_scope_it_was_not_registered_for_is_refused()
    {
        var narrow = await World.BackendAsync("Narrow", "system/ImagingStudy.rs", "ES384", Ada.Record);
        (await narrow.BackendAsync("system/Patient.rs")).IsRefused("invalid_scope");
        (await narrow.BackendAsync("system/ImagingStudy.cruds")).IsRefused("invalid_scope");
        (await narrow.BackendAsync("system/*.rs")).IsRefused("invalid_scope");
        (await narrow.BackendAsync("system/ImagingStudy.s")).Good();
    }

    [TestCase("patient/ImagingStudy.rs")]
    [TestCase("user/ImagingStudy.rs")]
    [TestCase("openid fhirUser")]
    [TestCase("launch/patient")]
    public async Task Scopes_of_a_user_are_not_for_it(string scope) => (await World.Backend.BackendAsync(scope)).IsRefused("invalid_scope");

    [Test]
    public async Task It_must_say_what_it_wants()
    {
        var refused = await World.Backend.BackendAsync(null);
        Assert.That((refused.Status, refused.AccessToken), Is.EqualTo((400, (string?)null)), refused.Text);
        Assert.That(refused.Error, Is.EqualTo("invalid_scope").Or.EqualTo("invalid_request"));
    }

    [Test]
    public async Task An_assertion_is_no_token() =>
        Assert.That(await StatusAsync(await World.Backend.AssertionAsync(), $"/fhir/ImagingStudy?patient={Ada.Record}"), Is.EqualTo(401));

    [Test]
    public async Task An_app_of_people_cannot_speak_for_itself()
    {
        Assert.That((await World.Public.BackendAsync(Scope)).AccessToken, Is.Null);
        Assert.That((await World.Confidential.BackendAsync(Scope)).AccessToken, Is.Null);
    }

    [Test]
    public async Task A_disabled_client_is_refused_and_its_token_too()
    {
        var backend = await World.BackendAsync("Disabled", "system/*.rs", "ES384", Ada.Record);
        var token = (await backend.BackendAsync(Scope)).Good().AccessToken;
        await Server.DisableAsync(backend.Id);
        Assert.That(await StatusAsync(token, $"/fhir/ImagingStudy?patient={Ada.Record}"), Is.EqualTo(401));
        Assert.That((await backend.BackendAsync(Scope)).AccessToken, Is.Null);
    }
}
