using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §9, T13: an end that holds at the very next request. https://www.rfc-editor.org/rfc/rfc7009</summary>
[TestFixture]
public sealed class RevocationTests : SmartTests
{
    private const string Scope = "launch/patient patient/Patient.r patient/ImagingStudy.rs offline_access";

    [Test]
    public async Task Revoking_a_token_ends_it_at_FHIR_and_DICOMweb_and_its_refresh([Values("access_token", "refresh_token")] string which)
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        await OpensAsync(token, 200);
        var revoked = await World.Public.RevokeAsync(token.String(which)!);
        Assert.That(revoked.Status, Is.EqualTo(200), revoked.Text);
        await OpensAsync(token, 401);
        Assert.That((await World.Public.RefreshAsync(token.RefreshToken!)).Status, Is.EqualTo(400).Or.EqualTo(401));
    }

    [Test]
    public async Task A_revoked_token_is_invalid_and_says_so()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        await World.Public.RevokeAsync(token.AccessToken!);
        Assert.That((await GetAsync(token.AccessToken, $"/fhir/Patient/{Ada.Record}")).Challenge, Does.Contain("error=\"invalid_token\""));
    }

    [Test]
    public async Task Other_authorisations_of_the_app_go_on()
    {
        var (one, other) = (await World.Public.SignInAsync(Ada, Scope), await World.Public.SignInAsync(Ada, Scope));
        await World.Public.RevokeAsync(one.AccessToken!);
        await OpensAsync(other, 200);
    }

    [TestCase("made-up")]
    [TestCase("eyJhbGciOiJub25lIn0.e30.")]
    public async Task An_unknown_token_is_revoked_already(string token) => Assert.That((await World.Public.RevokeAsync(token)).Status, Is.EqualTo(200));

    [Test]
    public async Task Nobody_revokes_tokens_of_another_client()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        await World.Confidential.RevokeAsync(token.AccessToken!);
        await World.Confidential.RevokeAsync(token.RefreshToken!);
        await OpensAsync(token, 200);
    }

    [Test]
    public async Task A_client_with_a_secret_must_show_it()
    {
        var token = await World.Confidential.SignInAsync(Ada, Scope);
        Assert.That((await World.Confidential.RevokeAsync(token.AccessToken!, Shown.ClientId)).Error, Is.EqualTo("invalid_client"));
        await OpensAsync(token, 200);
        Assert.That((await World.Confidential.RevokeAsync(token.AccessToken!)).Status, Is.EqualTo(200));
        await OpensAsync(token, 401);
    }

    [Test]
    public async Task A_person_takes_back_what_they_allowed_on_their_page_of_apps()
    {
        var app = await World.AppAsync("To be taken back");
        var token = await app.SignInAsync(Ada, Scope);
        var other = await World.Public.SignInAsync(Ada, Scope);
        await OpensAsync(token, 200);
        var page = await Ada.Browser.OpenAsync(await app.EndpointAsync("management_endpoint"));
        Assert.That(page.Words, Does.Contain("To be taken back"));
        await Ada.Browser.SendAsync(page, FormOf(page, "To be taken back"), Choice.ButtonOf(FormOf(page, "To be taken back"), isYes: true));
        await OpensAsync(token, 401);
        Assert.That((await app.RefreshAsync(token.RefreshToken!)).Status, Is.EqualTo(400).Or.EqualTo(401));
        await OpensAsync(other, 200);
        Assert.That((await Ada.Browser.OpenAsync(await app.EndpointAsync("management_endpoint"))).Words, Does.Not.Contain("To be taken back"));
    }

    [Test]
    public async Task A_person_sees_and_takes_back_nothing_of_another()
    {
        var app = await World.AppAsync("App of Ada alone");
        var token = await app.SignInAsync(Ada, Scope);
        var own = await Ada.Browser.OpenAsync(await app.EndpointAsync("management_endpoint"));
        Assert.That((await Ben.Browser.OpenAsync(await app.EndpointAsync("management_endpoint"))).Words, Does.Not.Contain("App of Ada alone"));
        // The form of one person's page, sent by another person's browser.
        var form = FormOf(own, "App of Ada alone");
        await Ben.Browser.SendAsync(own, form, Choice.ButtonOf(form, isYes: true));
        await OpensAsync(token, 200);
    }

    [Test]
    public async Task A_disabled_app_is_out_at_once()
    {
        var app = await World.AppAsync("To be disabled");
        var token = await app.SignInAsync(Ada, Scope);
        await Server.DisableAsync(app.Id);
        await OpensAsync(token, 401);
        Assert.That((await app.RefreshAsync(token.RefreshToken!)).AccessToken, Is.Null);
    }

    [Test]
    public async Task A_token_that_is_used_all_the_time_ends_as_well()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        using var stop = new CancellationTokenSource();
        var busy = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await StatusAsync(token.AccessToken, $"/fhir/Patient/{Ada.Record}");
            }
        });
        await World.Public.RevokeAsync(token.AccessToken!);
        await OpensAsync(token, 401);
        await stop.CancelAsync();
        await busy;
    }

    /// <summary>The form of the smallest part of the page that names an app.</summary>
    private static IHtmlFormElement FormOf(Screen page, string app) => page.Forms
        .OrderBy(form => Enclosing(form, app)?.TextContent.Length ?? int.MaxValue).First();

    private static IElement? Enclosing(IElement form, string app)
    {
        var element = form;
        while (element is not null && !element.TextContent.Contains(app, StringComparison.Ordinal))
        {
            element = element.ParentElement;
        }
        return element;
    }

    private static async Task OpensAsync(TokenAnswer token, int status)
    {
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(status));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/ImagingStudy?patient={Ada.Record}"), Is.EqualTo(status));
        Assert.That(await StatusAsync(token.AccessToken, $"{Web}/studies", DicomJson), Is.EqualTo(status));
        Assert.That(await StatusAsync(token.AccessToken, $"{Web}/studies/{SmartWorld.OnlyMr}", Part10), Is.EqualTo(status));
    }
}
