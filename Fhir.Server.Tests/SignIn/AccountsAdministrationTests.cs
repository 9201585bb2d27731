using System.Net;
using System.Text.Json;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>The first administrator, and what administrators do with accounts.</summary>
[TestFixture]
public sealed class AccountsAdministrationTests
{
    private PhrServer server = null!;

    [SetUp]
    public async Task Open()
    {
        server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));
        // The start prints a code of its own.
        for (var wait = 0; wait < 200 && await AccountsStatements.RunAsync(server, "UPDATE one_time_code SET \"Made\" = \"Made\"") == 0; wait++)
        {
            await Task.Delay(50);
        }
    }

    [TearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task The_first_administrator_is_made_with_the_code_of_the_last_start_and_no_second_one()
    {
        var (old, code) = (await CodeAsync(), await CodeAsync());
        using var browser = new Browser(server);
        foreach (var wrong in new[] { "guessed", old! })
        {
            Assert.That((await SetUpAsync(browser, wrong, "root@example.org")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        }
        Assert.That((await SetUpAsync(browser, code!, "root@example.org")).Location, Is.EqualTo("/account/sign-in"));
        Assert.That((await SetUpAsync(browser, code!, "second@example.org")).Status, Is.EqualTo(HttpStatusCode.BadRequest), "It works once.");
        Assert.That(await CodeAsync(), Is.Null, "With an administrator none is made.");
        Assert.That((await browser.SignInAsync("root@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"));
        Assert.That((await browser.GetAsync("/account/admin/accounts")).Html, Does.Contain("root@example.org"));
    }

    [Test]
    public async Task Nobody_else_opens_the_pages_of_administrators()
    {
        using var browser = await server.SignedInAsync("plain@example.org");
        var account = (await server.AccountAsync("plain@example.org"))!;
        Assert.That((await browser.GetAsync("/account/admin/accounts")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await browser.GetAsync($"/account/admin/accounts/{account.Id}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var nobody = new Browser(server);
        Assert.That((await nobody.GetAsync("/account/admin/accounts")).Location, Does.StartWith("/account/sign-in?"));
    }

    [Test]
    public async Task A_disabled_account_is_out_at_its_next_request_and_comes_back_when_enabled()
    {
        using var person = await server.SignedInAsync("person@example.org");
        using var admin = await AdministratorAsync();
        var page = "/account/admin/accounts/" + (await server.AccountAsync("person@example.org"))!.Id;
        await admin.SendAsync(page, page + "/disable");
        Assert.That((await person.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That((await person.SignInAsync("person@example.org", SmartServer.Password)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await admin.SendAsync(page, page + "/enable");
        Assert.That((await person.SignInAsync("person@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"));
    }

    [Test]
    public async Task An_account_is_made_a_practitioners_of_an_organization_that_exists()
    {
        await server.PutAsync("/fhir/Organization/lakeside", """{"resourceType":"Organization","id":"lakeside","name":"Lakeside"}""");
        var doctor = await server.MakeAsync("doctor@example.org", AccountKind.RelatedPerson);
        using var admin = await AdministratorAsync();
        var page = "/account/admin/accounts/" + doctor.Id;
        var unknown = await admin.SendAsync(page, page + "/kind", ("kind", "Practitioner"), ("organization", "nowhere"));
        Assert.That(unknown.Html, Does.Contain("There is no such Organization"));
        var saved = await admin.SendAsync(page, page + "/kind", ("kind", "Practitioner"), ("organization", "lakeside"), ("checked", "yes"));
        Assert.That(saved.Status, Is.EqualTo(HttpStatusCode.OK), saved.Html);
        var account = (await server.AccountAsync("doctor@example.org"))!;
        Assert.That((account.Kind, account.Organization, account.Assurance), Is.EqualTo((AccountKind.Practitioner, "lakeside", AssuranceLevel.IdentityProofed)));
        using var practitioner = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/" + account.FhirUser));
        Assert.That(practitioner.RootElement.GetProperty("name")[0].GetProperty("text").GetString(), Is.EqualTo("doctor"));
    }

    [Test]
    public async Task A_patient_stays_a_patient()
    {
        await server.PutAsync("/fhir/Organization/lakeside", """{"resourceType":"Organization","id":"lakeside"}""");
        using var patient = await server.SignedInAsync("patient@example.org");
        var account = (await server.AccountAsync("patient@example.org"))!;
        await using var scope = server.Services.CreateAsyncScope();
        var answer = await scope.ServiceProvider.GetRequiredService<AccountAdministration>()
            .MakeAsync(account, new RoleOrder(AccountKind.Practitioner, "lakeside", "", false), account, default);
        Assert.That(answer, Is.EqualTo(RoleAnswer.HasRecord));
    }

    private async Task<string?> CodeAsync()
    {
        await using var scope = server.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<FirstAdministrator>().MakeCodeAsync(default);
    }

    private async Task<Browser> AdministratorAsync()
    {
        await server.MakeAsync("admin@example.org", AccountKind.Administrator);
        var browser = new Browser(server);
        await browser.SignInAsync("admin@example.org", SmartServer.Password);
        return browser;
    }

    private static Task<Page> SetUpAsync(Browser browser, string code, string email) => browser.SendAsync(
        "/account/setup", "/account/setup", ("code", code), ("email", email), ("name", "Root"), ("password", SmartServer.Password));
}
