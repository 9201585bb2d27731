using System.Net;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Sessions and devices; changing the password.</summary>
[TestFixture]
public sealed class AccountsSessionsTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task Every_device_is_listed_and_one_can_be_signed_out_from_another()
    {
        using var phone = await server.SignedInAsync("two@example.org");
        using var desk = new Browser(server);
        desk.Client.DefaultRequestHeaders.UserAgent.ParseAdd("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        await desk.SignInAsync("two@example.org", SmartServer.Password);
        var page = await desk.GetAsync("/account/sessions");
        Assert.That(page.Html, Does.Contain("Firefox, Linux").And.Contain("127.0.0.0/24"));
        await desk.SendAsync(page, "/account/sessions/end");
        Assert.That((await phone.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That((await desk.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Sign_out_everywhere_ends_all_others()
    {
        using var here = await server.SignedInAsync("many@example.org");
        var others = new List<Browser>();
        for (var i = 0; i < 3; i++)
        {
            others.Add(new Browser(server));
            await others[^1].SignInAsync("many@example.org", SmartServer.Password);
        }
        await here.SendAsync("/account/sessions", "/account/sessions/end-others");
        foreach (var other in others)
        {
            Assert.That((await other.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
            other.Dispose();
        }
        Assert.That((await here.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Nobody_ends_sessions_of_others()
    {
        using var mine = await server.SignedInAsync("mine@example.org");
        using var theirs = await server.SignedInAsync("theirs@example.org");
        await using var scope = server.Services.CreateAsyncScope();
        var account = (await server.AccountAsync("mine@example.org"))!;
        var session = (await scope.ServiceProvider.GetRequiredService<Sessions>().OfAsync(account, default))[0].Id;
        var page = await theirs.GetAsync("/account");
        var token = System.Text.RegularExpressions.Regex.Match(page.Html, "name=\"form-token\" value=\"([^\"]*)\"").Groups[1].Value;
        await theirs.PostAsync("/account/sessions/end", ("form-token", token), ("session", session));
        Assert.That((await mine.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Changing_the_password_needs_the_current_one_and_ends_other_sessions()
    {
        using var here = await server.SignedInAsync("changes@example.org");
        using var there = new Browser(server);
        await there.SignInAsync("changes@example.org", SmartServer.Password);
        var wrong = await here.SendAsync("/account/password", "/account/password", ("current", "not the password"), ("new", "a wholly new river"));
        Assert.That(wrong.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await there.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        var right = await here.SendAsync("/account/password", "/account/password", ("current", SmartServer.Password), ("new", "a wholly new river"));
        Assert.That(right.Status, Is.EqualTo(HttpStatusCode.OK), right.Html);
        Assert.That((await there.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        Assert.That((await here.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await there.SignInAsync("changes@example.org", "a wholly new river")).Location, Is.EqualTo("/account"));
    }

    [TestCase("\"LastSeen\" = \"LastSeen\" - 7201000000", TestName = "A_session_ends_that_was_idle_too_long")]
    [TestCase("\"Expires\" = \"Expires\" - 43201000000", TestName = "A_session_ends_that_lasted_too_long")]
    public async Task A_session_ends(string change)
    {
        var email = $"{Guid.NewGuid():N}@example.org";
        using var browser = await server.SignedInAsync(email);
        var account = (await server.AccountAsync(email))!;
        Assert.That(await AccountsStatements.RunAsync(server, $"UPDATE session SET {change} WHERE \"Account\" = '{account.Id}'"), Is.EqualTo(1));
        Assert.That((await browser.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
    }
}
