using System.Net;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Accounts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Signing in and out, and everything that must not work.</summary>
[TestFixture]
public sealed class AccountsSignInTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"), ("SignIn:LockoutAttempts", "3"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task Without_a_session_the_account_page_leads_to_sign_in_and_back()
    {
        await server.RegisterAsync("back@example.org");
        using var browser = new Browser(server);
        var page = await browser.GetAsync("/account/sessions");
        Assert.That(page.Location, Is.EqualTo("/account/sign-in?returnUrl=%2Faccount%2Fsessions"));
        var done = await browser.SendAsync(page.Location!, "/account/sign-in", ("email", "back@example.org"), ("password", SmartServer.Password));
        Assert.That(done.Location, Is.EqualTo("/account/sessions"));
    }

    [TestCase("https://evil.example/")]
    [TestCase("//evil.example/")]
    [TestCase("/\\evil.example/")]
    [TestCase("javascript:alert(1)")]
    [TestCase("/a\r\nSet-Cookie: x=y")]
    public async Task Nobody_is_sent_on_to_another_server(string address)
    {
        using var browser = new Browser(server);
        await server.MakeIfMissingAsync("local@example.org");
        var done = await browser.SignInAsync("local@example.org", SmartServer.Password, address);
        Assert.That((done.Status, done.Location), Is.EqualTo((HttpStatusCode.Redirect, "/account")));
    }

    [Test]
    public async Task A_wrong_password_an_unknown_address_and_a_disabled_account_answer_alike()
    {
        await server.MakeAsync("one@example.org", AccountKind.RelatedPerson);
        var disabled = await server.MakeAsync("off@example.org", AccountKind.RelatedPerson);
        await using (var scope = server.Services.CreateAsyncScope())
        {
            Assert.That(await scope.ServiceProvider.GetRequiredService<AccountAdministration>().SwitchAsync(disabled.Id, true, default));
        }
        using var browser = new Browser(server);
        var answers = new List<(HttpStatusCode, string)>();
        foreach (var (email, password) in new[] { ("one@example.org", "wrong password"), ("two@example.org", SmartServer.Password), ("off@example.org", SmartServer.Password) })
        {
            var page = await browser.SignInAsync(email, password);
            answers.Add((page.Status, System.Text.RegularExpressions.Regex.Replace(page.Html, "(value|form-token)=\"[^\"]*\"", "")));
        }
        Assert.That(answers.Distinct().ToList(), Has.Count.EqualTo(1));
        Assert.That(answers[0].Item1, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task After_several_wrong_passwords_the_right_one_does_not_work_either()
    {
        await server.MakeAsync("rests@example.org", AccountKind.RelatedPerson);
        using var browser = new Browser(server);
        for (var i = 0; i < 3; i++)
        {
            await browser.SignInAsync("rests@example.org", "wrong password");
        }
        Assert.That((await browser.SignInAsync("rests@example.org", SmartServer.Password)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await using var scope = server.Services.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<Account>>();
        await users.SetLockoutEndDateAsync((await users.FindByEmailAsync("rests@example.org"))!, DateTimeOffset.UtcNow.AddSeconds(-1));
        Assert.That((await browser.SignInAsync("rests@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"), "It rests for a while only.");
    }

    [Test]
    public async Task Too_many_attempts_at_one_account_are_429_whether_or_not_it_exists()
    {
        await using var strict = SmartServer.Start(("SignIn:AttemptsPerAccount", "3"), ("SignIn:AttemptsPerAddress", "10000"));
        await strict.MakeAsync("there@example.org", AccountKind.RelatedPerson);
        using var browser = new Browser(strict);
        foreach (var email in new[] { "there@example.org", "nowhere@example.org" })
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.That((await browser.SignInAsync(email.ToUpperInvariant(), "wrong password")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            }
            var refused = await browser.SignInAsync(email, SmartServer.Password);
            Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(refused.Answer.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromMinutes(15)));
        }
    }

    [Test]
    public async Task Too_many_attempts_from_one_address_are_429_whatever_account_they_are_at()
    {
        await using var strict = SmartServer.Start(("SignIn:AttemptsPerAddress", "4"));
        using var browser = new Browser(strict);
        for (var i = 0; i < 4; i++)
        {
            Assert.That((await browser.SignInAsync($"a{i}@example.org", "wrong password")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        }
        Assert.That((await browser.SignInAsync("other@example.org", "wrong password")).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That((await browser.SendAsync("/account/forgotten", "/account/forgotten", ("email", "x@example.org"))).Status, Is.EqualTo(HttpStatusCode.TooManyRequests));
    }

    [Test]
    public async Task Signing_out_ends_the_session_also_for_who_kept_its_cookie()
    {
        using var browser = await server.SignedInAsync("leaves@example.org");
        var cookie = browser.Cookies.GetCookies(browser.Client.BaseAddress!)[SignedIn.Cookie]!;
        Assert.That(cookie.HttpOnly);
        var page = await browser.GetAsync("/account");
        var left = await browser.SendAsync(page, "/account/sign-out");
        Assert.That(left.Location, Is.EqualTo("/account/sign-in"));
        using var thief = new Browser(server);
        thief.Cookies.Add(new Cookie(SignedIn.Cookie, cookie.Value, "/", browser.Client.BaseAddress!.Host));
        Assert.That((await thief.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect));
    }

    [Test]
    public async Task A_session_is_kept_as_a_hash_and_a_new_sign_in_is_a_new_one()
    {
        using var browser = await server.SignedInAsync("hash@example.org");
        var first = browser.Cookies.GetCookies(browser.Client.BaseAddress!)[SignedIn.Cookie]!.Value;
        await browser.SignInAsync("hash@example.org", SmartServer.Password);
        var second = browser.Cookies.GetCookies(browser.Client.BaseAddress!)[SignedIn.Cookie]!.Value;
        Assert.That(second, Is.Not.EqualTo(first));
        var kept = Directory.GetFiles(server.Folder, "accounts.db*").Select(SharedBytes).ToList();
        Assert.That(kept, Has.None.Contains(first).And.None.Contains(second));
        Assert.That(kept, Has.Some.Contains(TokenHash.Of(second).Value));
    }

    private static string SharedBytes(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
