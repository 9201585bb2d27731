namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §2–4: a person opens the app, signs in and allows it. https://hl7.org/fhir/smart-app-launch/app-launch.html</summary>
[TestFixture]
public sealed class StandaloneLaunchTests : SmartTests
{
    private const string Scope = "launch/patient patient/Patient.r patient/ImagingStudy.rs";

    [Test]
    public async Task A_request_by_GET_or_POST_gives_a_code_and_echoes_the_state([Values] bool byPost)
    {
        var request = World.Public.Request(Scope).With("state", "as is: ä+/&=");
        var answer = await World.Public.AuthorizeAsync(request, Ada, byPost: byPost);
        Assert.That(answer.Code, Is.Not.Null.And.Not.Empty, answer.ToString());
        Assert.That(answer.State, Is.EqualTo("as is: ä+/&="));
        Assert.That(answer.Last.Left!.GetLeftPart(UriPartial.Path), Is.EqualTo(SmartWorld.Callback));
    }

    [Test]
    public async Task Who_is_not_signed_in_is_asked_to_and_comes_back([Values] bool byPost)
    {
        using var person = new Person(Server, Ada.Email, Ada.Password) { Record = Ada.Record };
        var answer = await World.Public.AuthorizeAsync(World.Public.Request(Scope), person, byPost: byPost);
        Assert.That(answer.Screens[0].FormWith("input[type=password]"), Is.Not.Null, answer.Screens[0].ToString());
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
    }

    [Test]
    public async Task A_code_is_exchanged_for_a_token_of_the_patient()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        Assert.That(token.String("token_type"), Is.EqualTo("Bearer").IgnoreCase);
        Assert.That(token.ExpiresIn, Is.InRange(1, 3600));
        Assert.That(token.Scopes, Is.EquivalentTo(Scope.Split(' ')));
        Assert.That(token.Patient, Is.EqualTo(Ada.Record));
    }

    [Test]
    public async Task A_token_is_kept_by_nobody_on_the_way()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        Assert.That((token.ContentType, token.CacheControl, token.Pragma), Is.EqualTo(("application/json", "no-store", "no-cache")));
    }

    [Test]
    public async Task No_more_is_handed_out_than_was_asked_for()
    {
        var token = await World.Public.SignInAsync(Ada, Scope);
        Assert.That((token.RefreshToken, token.IdToken), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public async Task A_patient_is_found_without_asking_for_one()
    {
        var token = await World.Public.SignInAsync(Ada, "patient/Patient.r");
        Assert.That(token.Patient, Is.EqualTo(Ada.Record));
    }

    [Test]
    public async Task A_study_is_chosen_where_the_app_wants_one([Values(SmartWorld.CtMr, SmartWorld.OnlyMr)] string uid)
    {
        var token = await World.Public.SignInAsync(Ada, Scope + " launch/imagingstudy", new Choice { Study = World.StudyIds[uid] });
        Assert.That(token.Find("fhirContext")?.GetRawText(), Does.Contain($"\"ImagingStudy/{World.StudyIds[uid]}\""), token.Text);
    }

    [Test]
    public async Task The_token_reads_the_patient_and_what_else_was_allowed()
    {
        var token = await TokenAsync(Scope);
        Assert.That((await GetAsync(token, $"/fhir/Patient/{Ada.Record}")).Json.GetProperty("id").GetString(), Is.EqualTo(Ada.Record));
        Assert.That((await GetAsync(token, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids(), Is.EquivalentTo(new[] { World.StudyIds[SmartWorld.CtMr], World.StudyIds[SmartWorld.OnlyMr] }));
    }

    [Test]
    public async Task Two_tokens_are_never_the_same()
    {
        var (one, other) = (await TokenAsync(Scope), await TokenAsync(Scope));
        Assert.That(one, Is.Not.EqualTo(other));
    }

    [Test]
    public Task Who_says_no_sends_the_app_away() => IsToldAsync(World.Public.Request(Scope), "access_denied", Choice.Deny);

    [Test]
    public async Task A_code_works_once_and_its_second_use_ends_what_the_first_gave()
    {
        var request = World.Public.Request(Scope + " offline_access");
        var code = (await World.Public.AuthorizeAsync(request, Ada)).Code!;
        var first = (await World.Public.ExchangeAsync(code, request.Pkce.Verifier)).Good();
        (await World.Public.ExchangeAsync(code, request.Pkce.Verifier)).IsRefused("invalid_grant");
        Assert.That(await StatusAsync(first.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(401));
        (await World.Public.RefreshAsync(first.RefreshToken!)).IsRefused("invalid_grant");
    }

    [Test]
    public async Task Two_who_use_a_code_at_the_same_time_do_not_both_succeed()
    {
        var request = World.Public.Request(Scope);
        var code = (await World.Public.AuthorizeAsync(request, Ada)).Code!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => World.Public.ExchangeAsync(code, request.Pkce.Verifier)));
        Assert.That(answers.Count(one => one.Status == 200), Is.AtMost(1));
        Assert.That(answers.Where(one => one.Status != 200).Select(one => one.Error), Is.All.EqualTo("invalid_grant"));
    }

    [Test]
    public async Task The_authorisation_page_says_which_app_and_each_scope_has_its_checkbox()
    {
        var page = await AuthorisationPageAsync("Page of one app", Scope + " patient/DiagnosticReport.rs");
        Assert.That(page.Words, Does.Contain("Page of one app"));
        var boxes = page.Page!.QuerySelectorAll("main input[type=checkbox]").Select(one => one.GetAttribute("value"));
        Assert.That(boxes, Is.SupersetOf(new[] { "patient/Patient.r", "patient/ImagingStudy.rs", "patient/DiagnosticReport.rs" }));
    }

    [Test]
    public async Task The_authorisation_page_says_that_a_wildcard_is_for_the_future_too()
    {
        var page = await AuthorisationPageAsync("Wildcard", "launch/patient patient/*.rs");
        Assert.That(page.Words, Does.Contain("future").IgnoreCase);
    }

    [Test]
    public async Task The_authorisation_page_says_when_access_goes_on_without_the_person()
    {
        var (with, without) = (await AuthorisationPageAsync("Offline", Scope + " offline_access"), await AuthorisationPageAsync("Online", Scope));
        Assert.That(with.Page!.QuerySelectorAll("main input[type=checkbox]").Select(one => one.GetAttribute("value")), Does.Contain("offline_access"));
        Assert.That(with.Words.Length, Is.GreaterThan(without.Words.Length));
    }

    private static async Task<Screen> AuthorisationPageAsync(string name, string scope)
    {
        var app = await World.AppAsync(name);
        var answer = await app.AuthorizeAsync(app.Request(scope), Ada, Choice.Deny);
        return answer.Screens.LastOrDefault(one => one.FormWith("input[type=checkbox]") is not null)
            ?? throw new InvalidOperationException($"There was no authorisation page: {answer}");
    }
}
