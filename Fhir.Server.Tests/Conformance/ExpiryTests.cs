namespace Fhir.Server.Tests.Conformance;

/// <summary>What ends by itself; on a server of its own, whose clock is moved.</summary>
[TestFixture]
public sealed class ExpiryTests
{
    private const string Scope = "launch/patient patient/Patient.r patient/ImagingStudy.rs offline_access";
    private SmartWorld world = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => world = await SmartWorld.MakeAsync();

    [OneTimeTearDown]
    public async Task StopAsync() => await world.DisposeAsync();

    [SetUp]
    public async Task SignInAgainAsync()
    {
        world.Ada.ForgetBrowser();
        await world.Ada.SignInAsync();
    }

    [Test]
    public async Task A_code_is_good_for_about_a_minute()
    {
        var request = world.Public.Request(Scope);
        var code = (await world.Public.AuthorizeAsync(request, world.Ada)).Code!;
        world.Server.Clock.Move(TimeSpan.FromSeconds(100));
        (await world.Public.ExchangeAsync(code, request.Pkce.Verifier)).IsRefused("invalid_grant");
    }

    [Test]
    public async Task A_token_ends_when_it_was_said_to_at_FHIR_and_DICOMweb()
    {
        var token = await world.Public.SignInAsync(world.Ada, Scope);
        Assert.That(await StatusAsync(token.AccessToken!), Is.EqualTo((200, 200)));
        world.Server.Clock.Move(TimeSpan.FromSeconds(token.ExpiresIn!.Value - 30));
        Assert.That(await StatusAsync(token.AccessToken!), Is.EqualTo((200, 200)));
        world.Server.Clock.Move(TimeSpan.FromSeconds(31));
        Assert.That(await StatusAsync(token.AccessToken!), Is.EqualTo((401, 401)));
        var fresh = (await world.Public.RefreshAsync(token.RefreshToken!)).Good();
        Assert.That(await StatusAsync(fresh.AccessToken!), Is.EqualTo((200, 200)));
    }

    [Test]
    public async Task Of_an_expired_token_nothing_but_that_is_told()
    {
        var token = await world.Confidential.SignInAsync(world.Ada, Scope);
        world.Server.Clock.Move(TimeSpan.FromSeconds(token.ExpiresIn!.Value + 1));
        Assert.That(System.Text.Json.JsonSerializer.Serialize((await world.Confidential.IntrospectAsync(token.AccessToken!)).Json), Is.EqualTo("""{"active":false}"""));
    }

    [Test]
    public async Task A_token_of_a_backend_ends_within_five_minutes()
    {
        var token = (await world.Backend.BackendAsync("system/ImagingStudy.rs")).Good();
        world.Server.Clock.Move(TimeSpan.FromSeconds(301));
        using var client = world.Server.Make(token.AccessToken);
        Assert.That((int)(await client.GetAsync($"/fhir/ImagingStudy?patient={world.Ada.Record}")).StatusCode, Is.EqualTo(401));
    }

    [Test]
    public async Task A_launch_is_not_good_for_ever()
    {
        var request = world.Public.Request("launch patient/Patient.r", await world.Server.PrepareLaunchAsync(world.Ada.Record));
        world.Server.Clock.Move(TimeSpan.FromMinutes(15));
        var answer = await world.Public.AuthorizeAsync(request, world.Ada);
        Assert.That((answer.Code, answer.Error), Is.EqualTo(((string?)null, "invalid_request")), answer.ToString());
    }

    [Test]
    public async Task An_identifier_of_an_assertion_stays_used_as_long_as_the_assertion_is_good()
    {
        var assertion = await world.Backend.AssertionAsync();
        (string, string)[] fields = [("grant_type", "client_credentials"), ("scope", "system/ImagingStudy.rs"), ("client_assertion_type", App.JwtBearer), ("client_assertion", assertion)];
        (await world.Backend.TokenAsync(fields, Shown.Nothing)).Good();
        world.Server.Clock.Move(TimeSpan.FromMinutes(3));
        (await world.Backend.TokenAsync(fields, Shown.Nothing)).IsRefused("invalid_client", 400, 401);
    }

    private async Task<(int Fhir, int Web)> StatusAsync(string token)
    {
        using var client = world.Server.Make(token);
        return ((int)(await client.GetAsync($"/fhir/Patient/{world.Ada.Record}")).StatusCode, (int)(await client.GetAsync($"{SmartWorld.WebOf(world.Ada)}/studies")).StatusCode);
    }
}
