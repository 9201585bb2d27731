using System.Net;
using System.Text.RegularExpressions;
using Fhir.Server.SignIn.Accounts;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Authenticator apps and recovery codes. RFC 6238</summary>
[TestFixture]
public sealed partial class AccountsSecondStepTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    /// <summary>RFC 6238 appendix B, cut to six digits; the key is that of the RFC in base 32.</summary>
    [TestCase(59, "287082")]
    [TestCase(1111111109, "081804")]
    [TestCase(20000000000, "353130")]
    public void The_codes_are_those_of_the_standard(long time, string code) =>
        Assert.That(Totp.At("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", DateTimeOffset.FromUnixTimeSeconds(time)), Is.EqualTo(code));

    [Test]
    public async Task With_an_authenticator_the_password_alone_does_not_sign_in_and_no_code_works_twice()
    {
        using var browser = await server.SignedInAsync("careful@example.org");
        var (key, codes) = await TurnOnAsync(browser);
        using var other = new Browser(server);
        var step = await other.SignInAsync("careful@example.org", SmartServer.Password, "/account/sessions");
        Assert.That(step.Location, Is.EqualTo("/account/sign-in/second-step"));
        Assert.That((await other.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.Redirect), "Not yet.");
        Assert.That((await SendAsync(other, "000000")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var used = Totp.At(key, DateTimeOffset.UtcNow);
        Assert.That((await SendAsync(other, used)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "It turned the authenticator on already.");
        var done = await SendAsync(other, Totp.At(key, DateTimeOffset.UtcNow.AddSeconds(30)));
        Assert.That(done.Location, Is.EqualTo("/account/sessions"), done.Html);
        Assert.That(codes, Has.Count.EqualTo(10).And.Unique);
        foreach (var status in new[] { HttpStatusCode.Redirect, HttpStatusCode.BadRequest })
        {
            using var third = new Browser(server);
            await third.SignInAsync("careful@example.org", SmartServer.Password);
            Assert.That((await SendAsync(third, codes[0].ToLowerInvariant())).Status, Is.EqualTo(status), "A recovery code works once.");
        }
    }

    [Test]
    public async Task Turning_it_off_takes_the_second_step_away()
    {
        using var browser = await server.SignedInAsync("lazy@example.org");
        await TurnOnAsync(browser);
        await browser.SendAsync("/account/authenticator", "/account/authenticator/off");
        using var other = new Browser(server);
        Assert.That((await other.SignInAsync("lazy@example.org", SmartServer.Password)).Location, Is.EqualTo("/account"));
    }

    [Test]
    public async Task A_wrong_code_turns_nothing_on()
    {
        using var browser = await server.SignedInAsync("typo@example.org");
        var page = await browser.SendAsync("/account/authenticator", "/account/authenticator/on", ("code", "123456"));
        Assert.That(page.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await server.AccountAsync("typo@example.org"))!.TwoFactorEnabled, Is.False);
    }

    [Test]
    public async Task Who_signed_in_long_ago_is_asked_again_before_changing_it()
    {
        await using var strict = SmartServer.Start(("SignIn:FreshSignIn", "00:01:00"));
        using var browser = await strict.SignedInAsync("old@example.org");
        Assert.That((await browser.GetAsync("/account/authenticator")).Status, Is.EqualTo(HttpStatusCode.OK));
        await AccountsStatements.RunAsync(strict, "UPDATE session SET \"Created\" = \"Created\" - 61000000");
        var asked = await browser.GetAsync("/account/authenticator");
        Assert.That(asked.Location, Does.StartWith("/account/sign-in?").And.EndsWith("again=true"));
        Assert.That((await browser.GetAsync("/account")).Status, Is.EqualTo(HttpStatusCode.OK), "The session itself is good.");
    }

    [Test]
    public async Task The_second_step_needs_the_first()
    {
        using var browser = new Browser(server);
        Assert.That((await browser.GetAsync("/account/sign-in/second-step")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static Task<Page> SendAsync(Browser browser, string code) =>
        browser.SendAsync("/account/sign-in/second-step", "/account/sign-in/second-step", ("code", code));

    private static async Task<(string Key, List<string> Codes)> TurnOnAsync(Browser browser)
    {
        var page = await browser.GetAsync("/account/authenticator");
        var key = Key().Match(page.Html).Groups[1].Value.Replace(" ", "", StringComparison.Ordinal);
        var on = await browser.SendAsync(page, "/account/authenticator/on", ("code", Totp.At(key, DateTimeOffset.UtcNow)));
        Assert.That(on.Status, Is.EqualTo(HttpStatusCode.OK), on.Html);
        return (key, [.. Codes().Matches(on.Html).Select(one => one.Groups[1].Value)]);
    }

    [GeneratedRegex("id=\"authenticator-key\">([A-Z2-7 ]+)<")]
    private static partial Regex Key();

    [GeneratedRegex("<code>([^<]+)</code>")]
    private static partial Regex Codes();
}
