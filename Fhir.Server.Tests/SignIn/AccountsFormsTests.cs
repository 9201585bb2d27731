using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>What holds for every page: form tokens, headers, languages, encoding.</summary>
[TestFixture]
public sealed class AccountsFormsTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task No_form_does_anything_without_its_token()
    {
        using var browser = await server.SignedInAsync("forms@example.org");
        var posts = server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(one => one.RoutePattern.RawText!.StartsWith("/account", StringComparison.Ordinal))
            .Where(one => one.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST"))
            .Select(one => one.RoutePattern.RawText!.Replace("{provider}", "x", StringComparison.Ordinal).Replace("{id}", "x", StringComparison.Ordinal)).ToList();
        Assert.That(posts, Has.Count.GreaterThan(15));
        foreach (var path in posts)
        {
            using var none = await browser.Client.PostAsync(path, path.Contains("passkey", StringComparison.Ordinal) && !path.EndsWith("remove", StringComparison.Ordinal)
                ? new StringContent("{}", System.Text.Encoding.UTF8, "application/json")
                : new FormUrlEncodedContent([new("email", "forms@example.org")]));
            Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), path);
            Assert.That(await none.Content.ReadAsStringAsync(), Does.Contain("open too long"), path);
        }
    }

    [Test]
    public async Task A_token_of_before_the_sign_in_and_one_of_another_browser_are_worth_nothing()
    {
        using var browser = new Browser(server);
        await server.RegisterAsync("token@example.org");
        var before = await browser.GetAsync("/account/register");
        await browser.SignInAsync("token@example.org", SmartServer.Password);
        Assert.That((await browser.SendAsync(before, "/account/register", ("email", "x@example.org"))).Html, Does.Contain("open too long"));
        using var other = new Browser(server);
        var foreign = await other.GetAsync("/account/forgotten");
        using var third = new Browser(server);
        Assert.That((await third.SendAsync(foreign, "/account/forgotten", ("email", "x@example.org"))).Html, Does.Contain("open too long"));
    }

    [TestCase("/account/sign-in", false)]
    [TestCase("/account/register", true)]
    [TestCase("/account/forgotten", true)]
    public async Task Pages_come_with_strict_headers(string path, bool formsStayHere)
    {
        using var answer = await server.Client.GetAsync(path);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.That(policy, Does.Contain("default-src 'none'").And.Contain("frame-ancestors 'none'").And.Contain("base-uri 'none'").And.Not.Contain("unsafe"));
        Assert.That(policy.Contains("form-action 'self'", StringComparison.Ordinal), Is.EqualTo(formsStayHere));
        Assert.That(answer.Headers.GetValues("Referrer-Policy").Single(), Is.EqualTo("no-referrer"));
        Assert.That(answer.Headers.GetValues("X-Frame-Options").Single(), Is.EqualTo("DENY"));
        Assert.That(answer.Headers.CacheControl!.NoStore);
        Assert.That(answer.Headers.Contains("Strict-Transport-Security"), Is.False, "Over plain HTTP it says nothing.");
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain("style=").And.Not.Match("<script(?! src)").And.Not.Match(" on[a-z]+="));
    }

    [Test]
    public async Task Fhir_keeps_its_own_headers()
    {
        using var answer = await server.Client.GetAsync("/fhir/metadata");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Headers.Contains("Content-Security-Policy"), Is.False);
    }

    [Test]
    public async Task The_language_is_the_browsers_until_another_is_chosen()
    {
        using var browser = new Browser(server, "fr, es-MX;q=0.9, en;q=0.5");
        var page = await browser.GetAsync("/account/sign-in");
        Assert.That(page.Html, Does.Contain("<html lang=\"es\">").And.Contain("Iniciar sesión"));
        var chosen = await browser.GetAsync("/account/language?to=en&returnUrl=%2Faccount%2Fsign-in");
        Assert.That(chosen.Location, Is.EqualTo("/account/sign-in"));
        Assert.That((await browser.GetAsync("/account/sign-in")).Html, Does.Contain("<html lang=\"en\">").And.Contain("Sign in"));
        Assert.That((await browser.GetAsync("/account/language?to=en&returnUrl=//evil.example")).Location, Is.EqualTo("/account"));
    }

    [Test]
    public async Task What_people_type_is_text_wherever_it_appears()
    {
        const string Nasty = "<b>\"'&x";
        using var browser = new Browser(server);
        var page = await browser.SignInAsync(Nasty, "wrong password");
        Assert.That(page.Html, Does.Not.Contain("<b>").And.Contain("&lt;b&gt;&quot;&#x27;&amp;x"));
        using var named = await server.SignedInAsync("named@example.org", Nasty, "O'Hara");
        Assert.That((await named.GetAsync("/account")).Html, Does.Not.Contain("<b>").And.Contain("&lt;b&gt;"));
    }

    [Test]
    public async Task In_open_mode_there_are_no_accounts()
    {
        await using var open = PhrServer.Start();
        using var answer = await open.Client.GetAsync("/account/sign-in");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(File.Exists(Path.Combine(open.Folder, "accounts.db")), Is.False);
    }

    [Test]
    public async Task Every_page_has_one_title_one_main_part_and_a_label_for_every_field()
    {
        using var browser = await server.SignedInAsync("labels@example.org");
        foreach (var path in new[]
        {
            "/account", "/account/password", "/account/sessions", "/account/authenticator", "/account/passkeys", "/account/links", "/account/proxies", "/account/acting-for",
            "/account/register", "/account/forgotten", "/account/setup", "/account/confirm", "/account/reset", "/account/sign-in?again=true",
        })
        {
            var page = await browser.GetAsync(path);
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK), path);
            Assert.That(page.Html.Split("<h1>"), Has.Length.EqualTo(2), path);
            Assert.That(page.Html.Split("<main"), Has.Length.EqualTo(2), path);
            foreach (System.Text.RegularExpressions.Match field in System.Text.RegularExpressions.Regex.Matches(page.Html, "<(input|select) id=\"([^\"]+)\""))
            {
                Assert.That(page.Html, Does.Contain($"<label for=\"{field.Groups[2].Value}\""), path);
            }
        }
    }
}
