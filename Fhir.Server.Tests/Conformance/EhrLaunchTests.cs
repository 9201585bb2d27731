using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §2 and §8: a portal opens the app with a launch value.</summary>
[TestFixture]
public sealed class EhrLaunchTests : SmartTests
{
    private const string Scope = "launch patient/Patient.r patient/ImagingStudy.rs";

    [Test]
    public async Task A_launch_brings_its_patient()
    {
        var token = await World.Public.SignInAsync(Ada, Scope, launch: await Server.PrepareLaunchAsync(Ada.Record));
        Assert.That(token.Patient, Is.EqualTo(Ada.Record));
        Assert.That(await StatusAsync(token.AccessToken, $"/fhir/Patient/{Ada.Record}"), Is.EqualTo(200));
    }

    [Test]
    public async Task A_launch_brings_its_study_among_the_context()
    {
        var id = World.StudyIds[SmartWorld.CtMr];
        var token = await World.Public.SignInAsync(Ada, Scope + " launch/imagingstudy", launch: await Server.PrepareLaunchAsync(Ada.Record, id));
        var context = token.Find("fhirContext") ?? throw new AssertionException(token.Text);
        Assert.That(context.EnumerateArray().Select(one => one.GetProperty("reference").GetString()), Is.EqualTo(new[] { "ImagingStudy/" + id }));
        Assert.That(context[0].TryGetProperty("role", out var role) && role.GetString() == "", Is.False, "A role is not empty.");
    }

    [Test]
    public async Task Patients_stay_outside_the_context()
    {
        var token = await World.Public.SignInAsync(Ada, Scope, launch: await Server.PrepareLaunchAsync(Ada.Record));
        Assert.That(token.Find("fhirContext")?.GetRawText() ?? "", Does.Not.Contain("Patient/"));
    }

    [Test]
    public async Task Whether_a_banner_is_needed_is_yes_or_no()
    {
        var token = await World.Public.SignInAsync(Ada, Scope, launch: await Server.PrepareLaunchAsync(Ada.Record));
        Assert.That(token.Find("need_patient_banner")?.ValueKind, Is.AnyOf(null, JsonValueKind.True, JsonValueKind.False));
    }

    [Test]
    public async Task A_launch_by_POST_works_too()
    {
        var request = World.Public.Request(Scope, await Server.PrepareLaunchAsync(Ada.Record));
        var answer = await World.Public.AuthorizeAsync(request, Ada, byPost: true);
        Assert.That(answer.Code, Is.Not.Null, answer.ToString());
    }

    [Test]
    public Task An_unknown_launch_is_refused() => IsToldAsync(World.Public.Request(Scope, "made-up"), "invalid_request");

    [Test]
    public async Task A_launch_works_once()
    {
        var launch = await Server.PrepareLaunchAsync(Ada.Record);
        await World.Public.SignInAsync(Ada, Scope, launch: launch);
        await IsToldAsync(World.Public.Request(Scope, launch), "invalid_request");
    }

    [Test]
    public async Task A_launch_for_one_client_is_nothing_to_another()
    {
        var launch = await Server.PrepareLaunchAsync(Ada.Record, client: World.Confidential.Id);
        await IsToldAsync(World.Public.Request(Scope, launch), "invalid_request");
    }

    [Test]
    public async Task A_launch_for_a_record_somebody_has_no_right_to_gives_no_code()
    {
        var answer = await World.Public.AuthorizeAsync(World.Public.Request(Scope, await Server.PrepareLaunchAsync(Ada.Record)), Ben);
        Assert.That(answer.Code, Is.Null);
    }

    [Test]
    public async Task A_launch_for_one_user_is_nothing_to_another()
    {
        var launch = await Server.PrepareLaunchAsync(Ben.Record, user: "Patient/" + Ada.Record);
        var answer = await World.Public.AuthorizeAsync(World.Public.Request(Scope, launch), Ben);
        Assert.That(answer.Code, Is.Null);
    }

    [Test]
    public async Task The_audience_is_the_issuer_of_the_launch() =>
        await IsToldAsync(World.Public.Request(Scope, await Server.PrepareLaunchAsync(Ada.Record)).With("aud", "https://elsewhere.example/fhir"), "invalid_request");
}
