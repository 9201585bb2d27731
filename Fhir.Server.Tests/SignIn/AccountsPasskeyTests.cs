using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Passkeys, as the script of the pages asks for them.</summary>
[TestFixture]
public sealed partial class AccountsPasskeyTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task A_passkey_signs_in_without_a_password_and_not_once_it_was_removed()
    {
        using var owner = await server.SignedInAsync("key@example.org");
        using var passkey = new SoftPasskey();
        Assert.That(await AddAsync(owner, passkey), Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await owner.GetAsync("/account/passkeys")).Html, Does.Contain("My phone"));
        for (var i = 0; i < 2; i++)
        {
            using var browser = new Browser(server);
            var (status, goTo) = await SignInAsync(browser, options => passkey.Use(options, server.Address), "/account/sessions");
            Assert.That((status, goTo), Is.EqualTo((HttpStatusCode.OK, "/account/sessions")));
            Assert.That((await browser.GetAsync("/account")).Html, Does.Contain("key@example.org"));
        }
        await owner.SendAsync("/account/passkeys", "/account/passkeys/remove");
        using var late = new Browser(server);
        Assert.That((await SignInAsync(late, options => passkey.Use(options, server.Address))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_signature_for_another_origin_without_verification_or_of_another_challenge_is_worth_nothing()
    {
        using var owner = await server.SignedInAsync("strict@example.org");
        using var passkey = new SoftPasskey();
        await AddAsync(owner, passkey);
        string? before = null;
        foreach (var use in new Func<string, string>[]
        {
            options => before = passkey.Use(options, "https://evil.example"), options => passkey.Use(options, server.Address, verify: false), _ => before!,
        })
        {
            using var browser = new Browser(server);
            Assert.That((await SignInAsync(browser, use)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That((await browser.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
        }
    }

    [Test]
    public async Task A_passkey_nobody_added_signs_nobody_in()
    {
        using var browser = new Browser(server);
        using var passkey = new SoftPasskey();
        Assert.That((await SignInAsync(browser, options => passkey.Use(options, server.Address))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Adding_one_needs_a_session_and_the_challenge_of_this_browser()
    {
        using var nobody = new Browser(server);
        using var passkey = new SoftPasskey();
        var page = await nobody.GetAsync("/account/sign-in");
        Assert.That((await JsonAsync(nobody, page, "/account/passkeys/options", new { })).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var one = await server.SignedInAsync("one@example.org");
        using var two = await server.SignedInAsync("two@example.org");
        var (_, options) = await JsonAsync(one, await one.GetAsync("/account/passkeys"), "/account/passkeys/options", new { });
        var foreign = await JsonAsync(two, await two.GetAsync("/account/passkeys"), "/account/passkeys", new { credential = passkey.Make(options, server.Address), name = "x" });
        Assert.That(foreign.Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private async Task<HttpStatusCode> AddAsync(Browser browser, SoftPasskey passkey)
    {
        var page = await browser.GetAsync("/account/passkeys");
        var (status, options) = await JsonAsync(browser, page, "/account/passkeys/options", new { });
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        return (await JsonAsync(browser, page, "/account/passkeys", new { credential = passkey.Make(options, server.Address), name = "My phone" })).Status;
    }

    private async Task<(HttpStatusCode Status, string? GoTo)> SignInAsync(Browser browser, Func<string, string> use, string returnUrl = "/account")
    {
        var page = await browser.GetAsync("/account/sign-in");
        var (asked, options) = await JsonAsync(browser, page, "/account/sign-in/passkey-options", new { });
        Assert.That(asked, Is.EqualTo(HttpStatusCode.OK));
        var (status, body) = await JsonAsync(browser, page, "/account/sign-in/passkey", new { credential = use(options), returnUrl });
        return (status, status == HttpStatusCode.OK ? JsonDocument.Parse(body).RootElement.GetProperty("goTo").GetString() : null);
    }

    private async Task<(HttpStatusCode Status, string Body)> JsonAsync(Browser browser, Page page, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Form-Token", WebUtility.HtmlDecode(Token().Match(page.Html).Groups[1].Value));
        request.Headers.Add("Origin", server.Address);
        using var answer = await browser.Client.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("data-form-token=\"([^\"]+)\"")]
    private static partial Regex Token();
}
