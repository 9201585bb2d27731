using System.Net;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Signing in with another provider of OpenID Connect, named in the configuration.</summary>
[TestFixture]
public sealed class AccountsExternalTests
{
    private ForeignProvider provider = null!;
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Open()
    {
        provider = await ForeignProvider.StartAsync();
        server = SmartServer.Start(
            ("SignIn:AttemptsPerAddress", "10000"), ("SignIn:External:land:Authority", provider.Address), ("SignIn:External:land:ClientId", "phr"),
            ("SignIn:External:land:ClientSecret", ForeignProvider.ClientSecret), ("SignIn:External:land:DisplayName", "Land ID"));
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        await server.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Test]
    public async Task A_linked_sign_in_signs_in_and_one_that_is_not_linked_does_not_even_with_a_known_address()
    {
        provider.Subject = "s-1";
        provider.Email = "linked@example.org";
        using var owner = await server.SignedInAsync("linked@example.org");
        using var stranger = new Browser(server);
        var unknown = await SignInAsync(stranger, "/account");
        Assert.That(unknown.Status, Is.EqualTo(HttpStatusCode.Forbidden), "An address a provider tells links nothing.");
        var linked = await FollowAsync(owner, await owner.SendAsync("/account/links", "/account/sign-in/external/land"));
        Assert.That(linked.Html, Does.Contain("Land ID is linked"));
        var signedIn = await SignInAsync(stranger, "/account/sessions");
        Assert.That(signedIn.Html, Does.Contain("this one"), signedIn.Html);

        using var other = await server.SignedInAsync("other@example.org");
        var taken = await FollowAsync(other, await other.SendAsync("/account/links", "/account/sign-in/external/land"));
        Assert.That(taken.Status, Is.EqualTo(HttpStatusCode.Conflict));

        await owner.SendAsync("/account/links", "/account/links/remove");
        using var late = new Browser(server);
        Assert.That((await SignInAsync(late, "/account")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task The_provider_is_told_our_own_address_and_an_answer_nobody_asked_for_is_refused()
    {
        using var browser = new Browser(server);
        var away = await browser.SendAsync("/account/sign-in", "/account/sign-in/external/land");
        Assert.That(Uri.UnescapeDataString(away.Location!), Does.Contain($"redirect_uri={server.Address}/account/sign-in/external/land/callback").And.Contain("code_challenge_method=S256"));
        var forged = await browser.GetAsync("/account/sign-in/external/land/callback?code=x&state=forged");
        Assert.That(forged.Location, Is.EqualTo("/account/sign-in/external-failed"));
        Assert.That((await browser.GetAsync("/account/sign-in/external-done")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private static async Task<Page> SignInAsync(Browser browser, string returnUrl) => await FollowAsync(
        browser, await browser.SendAsync("/account/sign-in?again=true&returnUrl=" + Uri.EscapeDataString(returnUrl), "/account/sign-in/external/land"));

    private static async Task<Page> FollowAsync(Browser browser, Page page)
    {
        for (var hop = 0; hop < 8 && page.Location is { } next; hop++)
        {
            page = await browser.GetAsync(next);
        }
        return page;
    }
}
