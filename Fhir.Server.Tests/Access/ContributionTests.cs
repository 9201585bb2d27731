using System.Net;
using Fhir.Server.Tests.Rest;

namespace Fhir.Server.Tests.Access;

/// <summary>A site's client sees what its Organization contributed, and nothing else.</summary>
[TestFixture]
public sealed class ContributionTests
{
    private const string Shared = "1.8.1", NorthsOwn = "1.8.2";
    private const string Scopes = "system/*.cruds";

    private SmartServer server = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        server = await SmartServer.StartWithWorldAsync();
        // Allowed by an administrator once, to bring something in; what was brought stays its contribution when the leave is gone.
        using var north = server.AsSite("north", Scopes, SmartServer.Anna);
        Assert.That(await server.StowAsync(north, SmartServer.Anna, SmartServer.Of(Shared, "1", "CT"), SmartServer.Of(NorthsOwn, "1", "CT")), Is.EqualTo(HttpStatusCode.OK));
        using var south = server.AsSite("south", Scopes, SmartServer.Anna);
        Assert.That(await server.StowAsync(south, SmartServer.Anna, SmartServer.Of(Shared, "2", "MR")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SmartServer.SendAsync(north, HttpMethod.Post, "Observation", SmartServer.Observation("x", "anna", "Practitioner/doc", "laboratory"))).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await server.DisposeAsync();

    private static Task<Answer> GetAsync(HttpClient client, string path) => SmartServer.GetAsync(client, path);

    [Test]
    public async Task Of_a_study_to_which_two_contributed_each_sees_its_own_series()
    {
        var study = await server.StudyIdAsync(Shared);
        using var north = server.AsSite("north", Scopes);
        var read = await GetAsync(north, $"ImagingStudy/{study}");
        Assert.That((read.Status, read["numberOfSeries"], read["series.0.uid"]), Is.EqualTo((HttpStatusCode.OK, "1", Shared + ".1")));
        Assert.That(read.Text, Does.Not.Contain(Shared + ".2"));
        using var south = server.AsSite("south", Scopes);
        Assert.That((await GetAsync(south, $"ImagingStudy/{study}"))["series.0.uid"], Is.EqualTo(Shared + ".2"));
        foreach (var web in new[] { "/dicomweb", "/dicomweb/patients/anna" })
        {
            Assert.That((await north.GetAsync($"{web}/studies/{Shared}")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), "a part is hidden");
            Assert.That((await north.GetAsync($"{web}/studies/{Shared}/series/{Shared}.1")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await north.GetAsync($"{web}/studies/{Shared}/series/{Shared}.2")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await north.GetAsync($"{web}/studies/{NorthsOwn}")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await south.GetAsync($"{web}/studies/{NorthsOwn}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            var listed = await north.GetStringAsync($"{web}/studies");
            Assert.That(listed, Does.Contain(NorthsOwn).And.Contain(Shared).And.Not.Contain(SmartServer.Mixed));
        }
    }

    [Test]
    public async Task Nothing_else_of_the_record_is_seen_by_any_path()
    {
        using var north = server.AsSite("north", Scopes);
        Assert.That((await GetAsync(north, "Observation?_total=accurate"))["total"], Is.EqualTo("1"));
        Assert.That((await GetAsync(north, "Observation?patient=anna")).Entries(), Has.Count.EqualTo(1), "there is a basis in that record");
        Assert.That((await GetAsync(north, "Observation/lab")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(north, "Patient/anna")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(north, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("2"));
        Assert.That((await GetAsync(north, "ImagingStudy?patient=ben")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(north, "ImagingStudy?patient=never-was")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        var everything = await GetAsync(north, "Patient/anna/$everything");
        Assert.That(everything.Entries().Select(one => Answer.At(one, "resourceType")).Distinct(), Is.SubsetOf(new[] { "ImagingStudy", "Observation", "Endpoint", "Practitioner", "Organization" }));
        Assert.That(everything.Text, Does.Not.Contain(SmartServer.Mixed).And.Not.Contain(Shared + ".2"));
        Assert.That((await GetAsync(north, "ImagingStudy?_include=ImagingStudy:endpoint&_include=ImagingStudy:patient")).Ids("include"), Is.EqualTo(new[] { "wado-anna" }));
        Assert.That((await GetAsync(north, "Practitioner?_total=accurate")).Ids(), Is.EqualTo(new[] { "doc" }), "its Observation names them");
        Assert.That((await GetAsync(north, "_history")).Text, Does.Not.Contain(SmartServer.Mixed).And.Not.Contain("vital-signs"));
        Assert.That((await GetAsync(north, "Organization")).Ids(), Is.EqualTo(new[] { "north" }), "who it is itself");
    }

    [Test]
    public async Task What_it_contributed_it_may_change_and_nothing_else()
    {
        using var north = server.AsSite("north", Scopes);
        using var south = server.AsSite("south", Scopes);
        var id = (await GetAsync(north, "Observation")).Ids().Single()!;
        Assert.That((await GetAsync(south, $"Observation/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Task<Answer> PutAsync(HttpClient client, string what) => SmartServer.SendAsync(client, HttpMethod.Put, $"Observation/{what}", SmartServer.Observation(what, "anna", "Practitioner/doc", "vital-signs"));
        Assert.That((await PutAsync(north, id)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PutAsync(south, id)).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That((await PutAsync(north, "lab")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That((await GetAsync(north, $"Observation/{id}")).Status, Is.EqualTo(HttpStatusCode.OK), "it stays its own after a change");
        Assert.That((await SmartServer.SendAsync(north, HttpMethod.Post, "Observation", SmartServer.Observation("x", "ben", null))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SmartServer.SendAsync(south, HttpMethod.Delete, $"Observation/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent), "as of what is not there");
        Assert.That((await GetAsync(north, $"Observation/{id}")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Sending_an_instance_under_a_foreign_series_shows_nothing_of_that_series()
    {
        using var intruder = server.AsSite("south", Scopes, SmartServer.Anna);
        Assert.That(await server.StowAsync(intruder, SmartServer.Anna, SmartServer.Of(SmartServer.Mixed, "1", "CT", "9")), Is.EqualTo(HttpStatusCode.OK));
        using var south = server.AsSite("south", Scopes);
        Assert.That((await south.GetAsync($"/dicomweb/patients/anna/studies/{SmartServer.Mixed}/series/{SmartServer.Mixed}.1")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(south, $"ImagingStudy/{await server.StudyIdAsync(SmartServer.Mixed)}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        using var setup = server.AsOperator();
        await setup.DeleteAsync($"/dicomweb/patients/anna/studies/{SmartServer.Mixed}/series/{SmartServer.Mixed}.1/instances/{SmartServer.Mixed}.1.9");
    }

    [Test]
    public async Task A_site_adds_to_the_directory_what_it_may_then_change_and_is_nobody_elses()
    {
        using var north = server.AsSite("north", Scopes);
        var made = await SmartServer.SendAsync(north, HttpMethod.Post, "Practitioner", """{"resourceType":"Practitioner","name":[{"family":"New"}]}""");
        Assert.That(made.Status, Is.EqualTo(HttpStatusCode.Created));
        var id = made["id"]!;
        Assert.That((await GetAsync(north, $"Practitioner/{id}")).Status, Is.EqualTo(HttpStatusCode.OK));
        using var south = server.AsSite("south", Scopes);
        Assert.That((await GetAsync(south, $"Practitioner/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await SmartServer.SendAsync(north, HttpMethod.Put, "Practitioner/doc", """{"resourceType":"Practitioner","id":"doc","name":[{"family":"Other"}]}""")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed).Or.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SmartServer.SendAsync(north, HttpMethod.Post, "Organization", """{"resourceType":"Organization","name":"X"}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SmartServer.SendAsync(north, HttpMethod.Post, "ValueSet", """{"resourceType":"ValueSet","status":"active"}""")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var setup = server.AsOperator();
        await SmartServer.SendAsync(setup, HttpMethod.Delete, $"Practitioner/{id}");
    }

    [Test]
    public async Task A_practitioner_sees_what_their_organization_contributed()
    {
        using var doctor = server.With(server.Authorisations.Issue("user/ImagingStudy.rs", fhirUser: "Practitioner/doc", organization: "north"));
        Assert.That((await GetAsync(doctor, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("2"));
        using var launched = server.With(server.Authorisations.Issue("patient/ImagingStudy.rs", "anna", "Practitioner/doc", "north"));
        Assert.That((await GetAsync(launched, "ImagingStudy?patient=anna&_total=accurate"))["total"], Is.EqualTo("2"));
        // A patient's own app acts for no Organization, whatever the account says.
        using var patient = server.With(server.Authorisations.Issue("user/ImagingStudy.rs", fhirUser: "Patient/ben", organization: "north"));
        Assert.That((await GetAsync(patient, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("0"));
    }
}
