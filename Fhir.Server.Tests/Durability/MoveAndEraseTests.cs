using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Durability;

/// <summary>A study leaves one record for another, and a record leaves altogether, seen from every door of the whole application.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class MoveAndEraseTests
{
    private const string Study = "1.2.5";

    private PhrServer server = null!;

    private HttpClient Client => server.Client;

    private EmbeddedStore Store => server.Services.GetRequiredService<EmbeddedStore>();

    [SetUp]
    public async Task StartAsync()
    {
        server = PhrServer.Start();
        foreach (var id in new[] { "anna", "ben" })
        {
            await RebuildTests.ExpectAsync(server.PutAsync($"/fhir/Patient/{id}", $$"""
                {"resourceType":"Patient","id":"{{id}}","identifier":[{"system":"urn:test","value":"{{id}}"}],"name":[{"family":"Family-of-{{id}}"}]}
                """), 201);
        }
    }

    [TearDown]
    public async Task StopAsync() => await server.DisposeAsync();

    [Test]
    public async Task A_moved_study_is_in_its_new_record_with_all_its_bytes_and_gone_from_the_old_one()
    {
        TestDicom[] files = [Instance(1, 1), Instance(1, 2), Instance(2, 1)];
        await RebuildTests.StowAsync(Client, "anna", 200, files);
        var id = (string)(await RebuildTests.FindStudyAsync(Client, Study))["id"]!;
        await RebuildTests.MoveAsync(server, Study, "anna", "ben");
        await Store.Sweep.RunAsync(default);

        for (var start = 0; start < 2; start++)
        {
            await RebuildTests.ReadyAsync(Client);
            await HasNothingAsync("anna");
            await HasAsync("ben", files);
            var moved = await RebuildTests.FindStudyAsync(Client, Study);
            Assert.Multiple(() =>
            {
                Assert.That((string)moved["id"]!, Is.EqualTo(id));
                Assert.That((string)moved["subject"]!["reference"]!, Is.EqualTo("Patient/ben"));
                Assert.That((string)moved["endpoint"]![0]!["reference"]!, Is.EqualTo("Endpoint/wado-ben"));
                Assert.That((int)moved["numberOfInstances"]!, Is.EqualTo(3));
            });
            using var anna = server.As(Reach.Of(new ReachedRecord("anna")));
            using var ben = server.As(Reach.Of(new ReachedRecord("ben")));
            Assert.That(await StatusAsync(anna, $"/fhir/ImagingStudy/{id}"), Is.EqualTo(HttpStatusCode.Gone));
            Assert.That(await StatusAsync(anna, $"/fhir/ImagingStudy/{id}/_history/1"), Is.EqualTo(HttpStatusCode.OK), "Old versions stay readable where they were.");
            Assert.That(await StatusAsync(anna, $"/dicomweb/studies/{Study}/metadata"), Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await StatusAsync(ben, $"/fhir/ImagingStudy/{id}"), Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await StatusAsync(ben, $"/fhir/ImagingStudy/{id}/_history/1"), Is.EqualTo(HttpStatusCode.NotFound));
            await RebuildTests.RestartAsync(server);
        }
        foreach (var record in new[] { "anna", "ben" })
        {
            Assert.That((await AuditAsync(record)).Select(row => row.Entry.Action), Has.Member("move"));
        }
    }

    [Test]
    public async Task A_study_moved_to_where_it_is_already_is_joined_and_leaves_no_bytes_twice()
    {
        var (both, ours, theirs) = (Instance(1, 1), Instance(1, 2), Instance(2, 1));
        await RebuildTests.StowAsync(Client, "anna", 200, both, ours);
        await RebuildTests.StowAsync(Client, "ben", 200, both, theirs);
        await Client.GetStringAsync("/fhir/ImagingStudy");
        await RebuildTests.MoveAsync(server, Study, "anna", "ben");
        await Store.Sweep.RunAsync(default);

        // The ImagingStudy that was here was joined to the other, so it ended here.
        await HasNothingAsync("anna", HttpStatusCode.Gone);
        await HasAsync("ben", both, ours, theirs);
        Assert.That(Blobs(), Has.Count.EqualTo(3));
        Assert.That((int)(await RebuildTests.FindStudyAsync(Client, Study))["numberOfInstances"]!, Is.EqualTo(3));
    }

    [Test]
    public async Task A_study_moved_there_and_back_is_as_it_was()
    {
        await RebuildTests.StowAsync(Client, "anna", 200, Instance(1, 1), Instance(2, 1));
        await RebuildTests.FindStudyAsync(Client, Study);
        await RebuildTests.MoveAsync(server, Study, "anna", "ben");
        await RebuildTests.MoveAsync(server, Study, "ben", "anna");
        await Store.Sweep.RunAsync(default);

        await HasNothingAsync("ben");
        await HasAsync("anna", Instance(1, 1), Instance(2, 1));
        Assert.That((string)(await RebuildTests.FindStudyAsync(Client, Study))["subject"]!["reference"]!, Is.EqualTo("Patient/anna"));
    }

    [Test]
    public async Task A_move_to_a_record_that_is_not_there_changes_nothing()
    {
        await RebuildTests.StowAsync(Client, "anna", 200, Instance(1, 1));
        var guard = server.Services.GetRequiredService<GuardedRecords>().For(Caller.Operator);

        Assert.That((await guard.MoveAsync(Study, new("anna"), new("carl"), default)).IsSuccess, Is.False);
        Assert.That((await guard.MoveAsync("1.2.404", new("anna"), new("ben"), default)).IsSuccess, Is.False);
        await HasAsync("anna", Instance(1, 1));
    }

    [Test]
    public async Task An_erased_record_is_found_at_no_door_and_its_bytes_go_with_the_sweep()
    {
        await RebuildTests.StowAsync(Client, "anna", 200, Instance(1, 1), Instance(1, 2));
        await RebuildTests.StowAsync(Client, "anna", 200, RebuildTests.Instance("1.2.6", 1, 1));
        await RebuildTests.StowAsync(Client, "ben", 200, RebuildTests.Instance("1.2.7", 1, 1));
        await RebuildTests.ExpectAsync(server.PutAsync("/fhir/Patient/anna", """{"resourceType":"Patient","id":"anna","identifier":[{"system":"urn:test","value":"anna2"}]}"""), 200);
        await RebuildTests.ExpectAsync(server.PutAsync("/fhir/Consent/c1", """
            {"resourceType":"Consent","id":"c1","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
            "category":[{"coding":[{"code":"59284-0"}]}],"patient":{"reference":"Patient/anna"},"policyRule":{"coding":[{"code":"OPTIN"}]}}
            """), 201);
        var id = (string)(await RebuildTests.FindStudyAsync(Client, Study))["id"]!;
        var there = new[]
        {
            "/fhir/Patient/anna", "/fhir/Patient/anna/_history", "/fhir/Patient/anna/_history/1", $"/fhir/ImagingStudy/{id}", $"/fhir/ImagingStudy/{id}/_history/1",
            "/fhir/Consent/c1", "/fhir/Endpoint/wado-anna", "/fhir/Endpoint/stow-anna/_history/1", "/dicomweb/patients/anna/studies",
            $"/dicomweb/patients/anna/studies/{Study}/metadata", $"/dicomweb/studies/{Study}/metadata", $"/dicomweb/studies/{Study}",
            $"/dicomweb/studies/{Study}/series/{Study}.1/instances/{Study}.1.1/frames/1",
        };
        foreach (var address in there)
        {
            Assert.That(await StatusAsync(Client, address), Is.EqualTo(HttpStatusCode.OK), address);
        }
        var before = await AuditAsync("anna");

        var guard = server.Services.GetRequiredService<GuardedRecords>().For(Caller.Operator);
        Assert.That((await guard.EraseAsync(new("anna"), default)).IsSuccess, Is.True);

        for (var start = 0; start < 2; start++)
        {
            foreach (var address in there)
            {
                Assert.That(await StatusAsync(Client, address), Is.EqualTo(HttpStatusCode.NotFound), address);
            }
            foreach (var search in new[]
                     {
                         "Patient?identifier=urn:test|anna2", "Patient?_id=anna", "Patient?family=Family-of-anna", "ImagingStudy?patient=anna", $"ImagingStudy?_id={id}",
                         $"ImagingStudy?identifier=urn:dicom:uid|urn:oid:{Study}", "Consent?patient=Patient/anna", "Endpoint?_id=wado-anna",
                     })
            {
                Assert.That(await Client.GetStringAsync($"/fhir/{search}"), Does.Not.Contain("\"entry\""), search);
            }
            foreach (var level in new[] { "studies", "series", "instances" })
            {
                Assert.That(await Client.GetStringAsync($"/dicomweb/{level}"), Does.Contain("1.2.7").And.Not.Contain($"{Study}").And.Not.Contain("1.2.6"));
            }
            await HasAsync("ben", "1.2.7", RebuildTests.Instance("1.2.7", 1, 1));
            // The second time the bytes have to go by themselves: the start sweeps.
            await RebuildTests.RestartAsync(server);
            await RebuildTests.ReadyAsync(Client);
        }
        await Store.Sweep.RunAsync(default);
        Assert.That(Blobs(), Has.Count.EqualTo(1), "Ben's");
        Assert.That(await Client.GetStringAsync("/fhir/Patient?identifier=urn:test|ben"), Does.Contain("\"ben\""));
        var after = await AuditAsync("anna");
        Assert.Multiple(() =>
        {
            Assert.That(after.Take(before.Count).Select(row => row.Entry), Is.EqualTo(before.Select(row => row.Entry)), "The audit stays.");
            Assert.That(after.Select(row => row.Entry.Action), Has.Member("erase"));
        });
    }

    [Test]
    public async Task Who_was_erased_and_comes_again_begins_anew()
    {
        await RebuildTests.ExpectAsync(server.StowAsync("/dicomweb", Instance(1, 1).ToBytes()), 200);
        var first = (string)(await RebuildTests.FindStudyAsync(Client, Study))["subject"]!["reference"]!;
        var guard = server.Services.GetRequiredService<GuardedRecords>().For(Caller.Operator);
        Assert.That((await guard.EraseAsync(new(first["Patient/".Length..]), default)).IsSuccess, Is.True);

        await RebuildTests.ExpectAsync(server.StowAsync("/dicomweb", Instance(1, 1).ToBytes()), 200);
        await Store.Sweep.RunAsync(default);

        var second = (string)(await RebuildTests.FindStudyAsync(Client, Study))["subject"]!["reference"]!;
        Assert.That(second, Is.Not.EqualTo(first));
        await HasAsync(second["Patient/".Length..], Instance(1, 1));
        Assert.That(await StatusAsync(Client, $"/fhir/{first}"), Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_restricted_caller_erases_only_what_it_reaches_whole()
    {
        var records = server.Services.GetRequiredService<GuardedRecords>();
        var stranger = records.For(new Caller(CallerKind.Restricted, "app", "x", Reach.Of(new ReachedRecord("ben")), MayWrite: true));
        var partly = records.For(new Caller(CallerKind.Restricted, "app", "x", Reach.Of(new ReachedRecord("anna", [new ReachedStudy(Study)])), MayWrite: true));

        Assert.That((await stranger.EraseAsync(new("anna"), default)).Problem?.Kind, Is.EqualTo(Outcomes.ProblemKind.NotFound));
        Assert.That((await partly.EraseAsync(new("anna"), default)).Problem?.Kind, Is.EqualTo(Outcomes.ProblemKind.Forbidden));
        Assert.That(await StatusAsync(Client, "/fhir/Patient/anna"), Is.EqualTo(HttpStatusCode.OK));
    }

    private static TestDicom Instance(int series, int number) => RebuildTests.Instance(Study, series, number);

    private Task HasAsync(string record, params TestDicom[] files) => HasAsync(record, Study, files);

    private async Task HasAsync(string record, string study, params TestDicom[] files)
    {
        var web = $"/dicomweb/patients/{record}/studies/{study}";
        foreach (var file in files)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"{web}/series/{file.Series}/instances/{file.Sop}");
            request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
            using var answer = await Client.SendAsync(request);
            Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(file.ToBytes()), file.Sop);
        }
        var instances = await Client.GetStringAsync($"{web}/instances");
        using var json = System.Text.Json.JsonDocument.Parse(instances);
        Assert.That(json.RootElement.GetArrayLength(), Is.EqualTo(files.Length));
        Assert.That(await Client.GetStringAsync($"/fhir/ImagingStudy?patient={record}"), Does.Contain(study));
    }

    private async Task HasNothingAsync(string record, HttpStatusCode status = HttpStatusCode.NotFound)
    {
        foreach (var below in new[] { "", "/metadata", "/series/1.2.5.1/metadata", "/series/1.2.5.1/instances/1.2.5.1.1" })
        {
            Assert.That(await StatusAsync(Client, $"/dicomweb/patients/{record}/studies/{Study}{below}"), Is.EqualTo(status), below);
        }
        foreach (var level in new[] { "studies", "series", "instances" })
        {
            Assert.That(await Client.GetStringAsync($"/dicomweb/patients/{record}/{level}"), Is.EqualTo("[]"));
        }
        Assert.That(await Client.GetStringAsync($"/fhir/ImagingStudy?patient={record}"), Does.Not.Contain("\"entry\""));
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string address)
    {
        using var answer = await client.GetAsync(address);
        return answer.StatusCode;
    }

    private async Task<IReadOnlyList<AuditRow>> AuditAsync(string record) => await Store.Resources.AuditAsync(new(record), 0, 10_000, default);

    private List<string> Blobs() => [.. Directory.EnumerateFiles(Path.Combine(server.Folder, "blobs"), "*", SearchOption.AllDirectories)];
}
