using AngleSharp.Dom;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §2: the patient picker, for somebody who acts for another person and has a record of their own.</summary>
[TestFixture]
public sealed class ProxyTests : SmartTests
{
    private const string Scope = "openid fhirUser launch/patient patient/*.cruds";
    private Person cara = null!;
    private Person dora = null!;

    [OneTimeSetUp]
    public async Task InviteAsync()
    {
        cara = await Person.RegisterAsync(Server, "Cara", "Cole", "1950-01-02");
        dora = await Person.RegisterAsync(Server, "Dora", "Cole", "1975-03-04");
        cara.Record = (await World.Public.SignInAsync(cara, "launch/patient patient/Patient.r")).Patient!;
        dora.Record = (await World.Public.SignInAsync(dora, "launch/patient patient/Patient.r")).Patient!;
        await cara.InviteAsync(dora, "Dora Cole");
    }

    [OneTimeTearDown]
    public void Leave()
    {
        cara?.Dispose();
        dora?.Dispose();
    }

    [Test]
    public async Task Whose_record_is_asked_and_the_chosen_one_is_opened([Values] bool ofTheOther)
    {
        var record = ofTheOther ? cara.Record : dora.Record;
        var request = World.Public.Request(Scope);
        var answer = await World.Public.AuthorizeAsync(request, dora, new Choice { Record = record });
        var choices = answer.Screens.SelectMany(one => one.Forms).SelectMany(form => form.QuerySelectorAll("input[type=radio],option")).ToList();
        Assert.That(choices, Has.Count.AtLeast(2), answer.ToString());
        var token = (await World.Public.ExchangeAsync(answer.Code!, request.Pkce.Verifier)).Good();
        Assert.That(token.Patient, Is.EqualTo(record));
        var other = ofTheOther ? dora.Record : cara.Record;
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{record}"), Is.EqualTo(200));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{other}"), Is.EqualTo(404));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/ImagingStudy?patient={other}"), Is.EqualTo(403));
        Assert.That(await StatusAsync(token.AccessToken, $"/dicomweb/patients/{other}/studies", DicomJson), Is.EqualTo(404));
    }

    [Test]
    public async Task Nobody_chooses_a_record_they_have_no_right_to()
    {
        var request = World.Public.Request(Scope);
        var answer = await World.Public.AuthorizeAsync(request, dora, new Choice { Record = Ada.Record, Forged = true });
        Assert.That(answer.Code, Is.Null, answer.ToString());
    }

    [Test]
    public async Task Who_may_only_look_changes_nothing_whatever_the_scope_says()
    {
        var token = await World.Public.SignInAsync(dora, Scope, new Choice { Record = cara.Record });
        var json = $$$"""{"resourceType":"DiagnosticReport","status":"final","code":{"text":"New"},"subject":{"reference":"Patient/{{{cara.Record}}}"}}""";
        Assert.That((await SendAsync(HttpMethod.Post, token.AccessToken, "/fhir/DiagnosticReport", PhrServer.FhirContent(json))).Status, Is.EqualTo(403));
    }

    [Test]
    public async Task When_the_right_ends_so_does_the_token_at_once()
    {
        using var ella = await Person.RegisterAsync(Server, "Ella", "Cole", "1945-05-06");
        ella.Record = (await World.Public.SignInAsync(ella, "launch/patient patient/Patient.r")).Patient!;
        await ella.InviteAsync(dora, "Dora Cole");
        var token = await World.Public.SignInAsync(dora, Scope + " offline_access", new Choice { Record = ella.Record });
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{ella.Record}"), Is.EqualTo(200));
        var page = await ella.Browser.OpenAsync("/account/proxies");
        var form = page.Forms.First(one => one.GetAttribute("action")!.EndsWith("revoke", StringComparison.Ordinal));
        await ella.Browser.SendAsync(page, form, Choice.ButtonOf(form, isYes: true));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{ella.Record}"), Is.AnyOf(401, 404));
        Assert.That(await StatusAsync(token.AccessToken, $"/dicomweb/patients/{ella.Record}/studies", DicomJson), Is.AnyOf(401, 404));
        var request = World.Public.Request(Scope);
        var again = await World.Public.AuthorizeAsync(request, dora, new Choice { Record = ella.Record, Forged = true });
        Assert.That(again.Code, Is.Null, again.ToString());
    }
}
