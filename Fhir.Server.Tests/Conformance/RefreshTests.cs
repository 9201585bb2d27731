namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §4: access goes on. https://hl7.org/fhir/smart-app-launch/app-launch.html#refresh-access-token</summary>
[TestFixture]
public sealed class RefreshTests : SmartTests
{
    private const string Scope = "launch/patient offline_access patient/Patient.r patient/ImagingStudy.rs";

    [Test]
    public async Task A_refresh_token_comes_with_offline_and_with_online_access([Values("offline_access", "online_access")] string scope)
    {
        var token = await World.Public.SignInAsync(Ada, $"launch/patient {scope} patient/Patient.r");
        Assert.That(token.RefreshToken, Is.Not.Null, token.Text);
        (await World.Public.RefreshAsync(token.RefreshToken!)).Good();
    }

    [Test]
    public async Task What_comes_back_has_all_its_fields()
    {
        var fresh = await RefreshedAsync(World.Public);
        Assert.That(fresh.String("token_type"), Is.EqualTo("Bearer").IgnoreCase);
        Assert.That(fresh.ExpiresIn, Is.InRange(1, 3600));
        Assert.That(fresh.Scopes, Is.EquivalentTo(Scope.Split(' ')));
        Assert.That((fresh.CacheControl, fresh.Pragma), Is.EqualTo(("no-store", "no-cache")));
    }

    [Test]
    public async Task The_new_token_reads_what_the_old_one_did()
    {
        var first = await World.Public.SignInAsync(Ada, Scope);
        var fresh = (await World.Public.RefreshAsync(first.RefreshToken!)).Good();
        Assert.That(fresh.AccessToken, Is.Not.EqualTo(first.AccessToken));
        Assert.That((await GetAsync(fresh.AccessToken, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_narrower_scope_is_given_and_kept_to()
    {
        var fresh = await RefreshedAsync(World.Public, "patient/Patient.r");
        Assert.That(fresh.Scopes, Does.Contain("patient/Patient.r").And.Not.Contain("patient/ImagingStudy.rs"));
        Assert.That(await StatusAsync(fresh.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(200));
        Assert.That(await StatusAsync(fresh.AccessToken, $"/fhir/ImagingStudy?patient={Ada.Record}"), Is.EqualTo(403));
    }

    [TestCase("patient/Patient.r patient/DiagnosticReport.rs")]
    [TestCase("patient/Patient.rs")]
    [TestCase("patient/*.rs")]
    public async Task A_wider_scope_is_refused(string scope)
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        (await World.Public.RefreshAsync(token.RefreshToken!, scope)).IsRefused("invalid_scope");
    }

    [Test]
    public async Task What_the_person_did_not_allow_is_not_gained_by_a_refresh()
    {
        var app = await World.AppAsync("Wants the reports");
        var token = await app.SignInAsync(Ada, Scope + " patient/DiagnosticReport.rs", Choice.Without("patient/DiagnosticReport.rs"));
        (await app.RefreshAsync(token.RefreshToken!, "patient/DiagnosticReport.rs")).IsRefused("invalid_scope");
        Assert.That((await app.RefreshAsync(token.RefreshToken!)).Good().Scopes, Does.Not.Contain("patient/DiagnosticReport.rs"));
    }

    [TestCase("made-up")]
    [TestCase("")]
    public async Task A_bad_refresh_token_is_refused(string token) =>
        Assert.That((await World.Public.RefreshAsync(token)).Status, Is.EqualTo(400).Or.EqualTo(401));

    [Test]
    public async Task A_public_client_may_leave_out_its_id()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        (await World.Public.RefreshAsync(token.RefreshToken!, shown: Shown.Nothing)).Good();
    }

    [Test]
    public async Task A_client_with_a_secret_must_show_it()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        (await World.Confidential.RefreshAsync(token.RefreshToken!, shown: Shown.Nothing)).IsRefused("invalid_client", 400, 401);
        (await World.Confidential.RefreshAsync(token.RefreshToken!, shown: Shown.ClientId)).IsRefused("invalid_client", 400, 401);
        (await World.Confidential.RefreshAsync(token.RefreshToken!)).Good();
    }

    [Test]
    public async Task Another_client_has_no_use_for_it()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        (await World.Confidential.RefreshAsync(token.RefreshToken!)).IsRefused("invalid_grant");
    }

    [Test]
    public async Task A_public_client_that_shows_one_again_loses_the_family()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        var fresh = (await World.Public.RefreshAsync(token.RefreshToken!)).Good();
        Assert.That(fresh.RefreshToken, Is.Not.Null.And.Not.EqualTo(token.RefreshToken));
        (await World.Public.RefreshAsync(token.RefreshToken!)).IsRefused("invalid_grant");
        (await World.Public.RefreshAsync(fresh.RefreshToken!)).IsRefused("invalid_grant");
        Assert.That(await StatusAsync(fresh.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(401));
    }

    [Test]
    public async Task A_refresh_token_opens_nothing()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        Assert.That(await StatusAsync(token.RefreshToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(401));
    }

    [TestCase("offline_access", true)]
    [TestCase("online_access", false)]
    public async Task Signing_out_ends_online_access_alone(string scope, bool goesOn)
    {
        using var person = new Person(Server, Ada.Email, Ada.Password) { Record = Ada.Record };
        var token = await World.Public.SignInAsync(person, $"launch/patient {scope} patient/Patient.r");
        await person.SignOutAsync();
        if (goesOn)
        {
            (await World.Public.RefreshAsync(token.RefreshToken!)).Good();
        }
        else
        {
            Assert.That((await World.Public.RefreshAsync(token.RefreshToken!)).Error, Is.EqualTo("invalid_grant"));
        }
    }

    [Test]
    public async Task The_launch_stays_what_it_was()
    {
        var token = await World.Public.SignInAsync(
            Ada, "launch offline_access patient/Patient.r", launch: await Server.PrepareLaunchAsync(Ada.Record, World.StudyIds[SmartWorld.CtMr]));
        var fresh = (await World.Public.RefreshAsync(token.RefreshToken!)).Good();
        Assert.That(fresh.Patient, Is.AnyOf(null, Ada.Record));
        Assert.That(await StatusAsync(fresh.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(200));
    }

    private static async Task<TokenAnswer> RefreshedAsync(App app, string? scope = null) =>
        (await app.RefreshAsync((await app.SignInAsync(Ada, Scope)).RefreshToken!, scope)).Good();
}
