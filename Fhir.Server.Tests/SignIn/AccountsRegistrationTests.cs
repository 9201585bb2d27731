using System.Net;
using System.Text.Json;
using Fhir.Server.Storage.Accounts;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Registration, confirming an address, choosing a new password.</summary>
[TestFixture]
public sealed class AccountsRegistrationTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task A_patient_registers_confirms_signs_in_and_has_a_record()
    {
        using var browser = await server.SignedInAsync("first@example.org", "Ana María", "Núñez", "1991-02-28");
        var account = (await server.AccountAsync("first@example.org"))!;
        Assert.That(account.FhirUser, Is.EqualTo($"Patient/{account.Record}"));
        Assert.That(account.Assurance, Is.EqualTo(AssuranceLevel.EmailConfirmed));
        Assert.That((account.Given, account.Family, account.BirthDate, account.Gender), Is.EqualTo(((string?)null, (string?)null, (string?)null, (string?)null)), "It is in the record now.");
        using var patient = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/" + account.FhirUser));
        Assert.That(patient.RootElement.GetProperty("name")[0].GetProperty("family").GetString(), Is.EqualTo("Núñez"));
        Assert.That(patient.RootElement.GetProperty("name")[0].GetProperty("given").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { "Ana", "María" }));
        Assert.That(patient.RootElement.GetProperty("birthDate").GetString(), Is.EqualTo("1991-02-28"));
        Assert.That(patient.RootElement.GetProperty("gender").GetString(), Is.EqualTo("female"));
        var page = await browser.GetAsync("/account");
        Assert.That(page.Html, Does.Contain("Ana María Núñez").And.Contain("first@example.org"));
        await browser.SignInAsync("first@example.org", SmartServer.Password);
        using var again = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/" + account.FhirUser));
        Assert.That(again.RootElement.GetProperty("meta").GetProperty("versionId").GetString(), Is.EqualTo("1"), "A second sign-in makes nothing.");
    }

    [Test]
    public async Task A_known_address_gets_the_answer_of_an_unknown_one_and_its_owner_is_told()
    {
        await server.RegisterAsync("known@example.org");
        var before = (await server.AccountAsync("known@example.org"))!;
        using var browser = new Browser(server);
        var known = await RegisterAsync(browser, "known@example.org", "other password here");
        var unknown = await RegisterAsync(browser, "unknown@example.org", "other password here");
        Assert.That((known.Status, Without(known.Html)), Is.EqualTo((unknown.Status, Without(unknown.Html))));
        var after = (await server.AccountAsync("known@example.org"))!;
        Assert.That(after.PasswordHash, Is.EqualTo(before.PasswordHash));
        Assert.That(Mailbox.Of(server, "known@example.org")[^1], Does.Contain("has one already").And.Contain("/account/reset?"));
    }

    [Test]
    public async Task Nobody_signs_in_before_the_address_is_confirmed()
    {
        using var browser = new Browser(server);
        await RegisterAsync(browser, "early@example.org", SmartServer.Password);
        var page = await browser.SignInAsync("early@example.org", SmartServer.Password);
        Assert.That(page.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(Mailbox.Of(server, "early@example.org"), Has.Count.EqualTo(2), "The message is sent once more.");
        var wrong = await browser.SignInAsync("early@example.org", "not this password");
        Assert.That(wrong.Html, Does.Not.Contain("Confirm your address"), "Only who knows the password is told.");
    }

    [Test]
    public async Task A_password_somebody_else_chose_for_an_address_is_not_confirmed_by_its_owner()
    {
        using var stranger = new Browser(server);
        await RegisterAsync(stranger, "victim@example.org", "password of a stranger");
        var strangersLink = Mailbox.LastLink(server, "victim@example.org");
        using var owner = new Browser(server);
        var refused = await owner.SendAsync(strangersLink, "/account/confirm", ("password", SmartServer.Password));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await RegisterAsync(owner, "victim@example.org", SmartServer.Password);
        var old = await owner.SendAsync(strangersLink, "/account/confirm", ("password", "password of a stranger"));
        Assert.That(old.Status, Is.EqualTo(HttpStatusCode.BadRequest), "The first registration is gone.");
        var confirmed = await owner.SendAsync(Mailbox.LastLink(server, "victim@example.org"), "/account/confirm", ("password", SmartServer.Password));
        Assert.That(confirmed.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await stranger.SignInAsync("victim@example.org", "password of a stranger")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await owner.SignInAsync("victim@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"));
    }

    [TestCase("password", "short")]
    [TestCase("password", "password1234")]
    [TestCase("password", "aaaaaaaaaaaaaaaa")]
    [TestCase("password", "reader-of-books")]
    [TestCase("email", "not an address")]
    [TestCase("email", "a@b@c")]
    [TestCase("given", "")]
    [TestCase("birthDate", "2999-01-01")]
    [TestCase("birthDate", "")]
    public async Task What_is_wrong_is_told_at_its_field(string field, string value)
    {
        using var browser = new Browser(server);
        var page = await browser.SendAsync(
            "/account/register", "/account/register",
            [.. new[] { ("email", "reader-of-books@example.org"), ("password", SmartServer.Password), ("given", "A"), ("family", "B"), ("birthDate", "1980-01-01") }.Where(one => one.Item1 != field), (field, value)]);
        Assert.That(page.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(page.Html, Does.Contain($"id=\"{field}-problem\"").And.Contain("aria-invalid=\"true\""));
        Assert.That(page.Html, Does.Not.Contain("value=\"" + SmartServer.Password), "A password is never sent back.");
    }

    [Test]
    public async Task A_forgotten_password_is_replaced_once_and_every_session_ends()
    {
        using var elsewhere = await server.SignedInAsync("forgetful@example.org");
        using var browser = new Browser(server);
        var known = await browser.SendAsync("/account/forgotten", "/account/forgotten", ("email", "forgetful@example.org"));
        var unknown = await browser.SendAsync("/account/forgotten", "/account/forgotten", ("email", "nobody@example.org"));
        Assert.That((known.Status, Without(known.Html)), Is.EqualTo((unknown.Status, Without(unknown.Html))));
        Assert.That(Mailbox.Of(server, "nobody@example.org"), Is.Empty);
        var link = Mailbox.LastLink(server, "forgetful@example.org");
        var done = await browser.SendAsync(link, "/account/reset", ("password", "another quiet river"));
        Assert.That(done.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await elsewhere.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect), "Sessions of the old password are over.");
        Assert.That((await browser.SendAsync(link, "/account/reset", ("password", "a third quiet river"))).Status, Is.EqualTo(HttpStatusCode.BadRequest), "A link works once.");
        Assert.That((await browser.SignInAsync("forgetful@example.org", "another quiet river")).Location, Is.EqualTo("/account"));
        Assert.That(Mailbox.Of(server, "forgetful@example.org")[^1], Does.Contain("was changed"));
    }

    [Test]
    public async Task Who_acts_only_for_others_gets_no_record()
    {
        using var browser = new Browser(server);
        await browser.SendAsync(
            "/account/register", "/account/register", ("email", "helper@example.org"), ("password", SmartServer.Password), ("given", "H"), ("family", "K"), ("role", "others"));
        var account = (await server.AccountAsync("helper@example.org"))!;
        Assert.That((account.Kind, account.Record, account.FhirUser), Is.EqualTo((AccountKind.RelatedPerson, (string?)null, (string?)null)));
    }

    private static Task<Page> RegisterAsync(Browser browser, string email, string password) => browser.SendAsync(
        "/account/register", "/account/register", ("email", email), ("password", password), ("given", "Some"), ("family", "Body"), ("birthDate", "1970-01-01"));

    private static string Without(string html) => System.Text.RegularExpressions.Regex.Replace(html, "value=\"[^\"]*\"", "");
}
