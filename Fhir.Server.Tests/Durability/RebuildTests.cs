using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Durability;

/// <summary>Whatever is derived can be deleted and made anew: nobody who asks can tell the difference.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class RebuildTests
{
    private const string Base = "https://phr.example.org";

    /// <summary>The tables that are derived, without the numbers that rows have by chance.</summary>
    private static readonly string[] Derived =
    [
        "SELECT p.type, p.code, x.code, x.system, x.resource, x.series FROM ix_token x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT p.type, p.code, x.folded, x.exact, x.resource, x.series FROM ix_string x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT p.type, p.code, x.lo, x.hi, x.resource, x.series FROM ix_date x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT p.type, p.code, x.id, x.type, x.resource, x.series FROM ix_reference x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT p.type, p.code, x.value, x.resource, x.series FROM ix_uri x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5",
        "SELECT p.type, p.code, x.lo, x.hi, x.resource, x.series FROM ix_number x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6",
        "SELECT p.type, p.code, x.system, x.code, x.lo, x.hi, x.resource, x.series FROM ix_quantity x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6, 7, 8",
        "SELECT p.type, p.code, x.pz, x.px, x.py, x.resource, x.series FROM ix_position x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6, 7",
        "SELECT p.type, p.code, x.a, x.b, x.c, x.d, x.element, x.resource, x.series FROM ix_composite x JOIN parameter p ON p.pk = x.parameter ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
        "SELECT * FROM resource_series ORDER BY 1, 2",
        "SELECT * FROM instance_metadata ORDER BY 1",
        "SELECT * FROM instance_report ORDER BY 1",
        "SELECT * FROM document_made ORDER BY 1, 2, 3",
        "SELECT study, e.generation, e.uid, modality, number, e.description, series_date, series_time, body_part, e.instance_count, e.attributes, e.keys FROM series e JOIN study s ON s.pk = e.study AND s.generation = e.generation ORDER BY 1, 2, 3",
        "SELECT pk, series_count, instance_count, modalities, attributes, keys, patient_id, patient_name, birth_date, sex, study_date, study_time, accession, study_id, description, referring FROM study WHERE instance_count > 0 ORDER BY 1",
    ];

    /// <summary>What is truth, and stays as it is to the byte.</summary>
    private static readonly string[] Truth =
    [
        "SELECT * FROM resource ORDER BY pk", "SELECT * FROM version ORDER BY pk", "SELECT * FROM instance ORDER BY pk", "SELECT * FROM link ORDER BY 1, 2",
        "SELECT position, record, number FROM outbox ORDER BY position", "SELECT pk, record, uid, generation FROM study ORDER BY pk",
    ];

    [Test]
    public async Task With_everything_derived_deleted_and_made_anew_all_answers_and_all_versions_are_the_same()
    {
        await using var server = PhrServer.Start(("PublicBaseUrl", Base));
        await PopulateAsync(server);
        var store = server.Services.GetRequiredService<EmbeddedStore>();
        var asking = new AllAnswers(server, store);
        var questions = await asking.QuestionsAsync();
        Assert.That(questions.Count, Is.GreaterThan(300));
        var (before, derived, truth) = (await asking.AskAsync(questions), Rows(store, Derived), Rows(store, Truth));

        await store.Rebuild.DeleteDerivedAsync(default);
        Assert.That(
            await server.Client.GetStringAsync("/fhir/Patient?identifier=urn:test|one&_total=accurate"), Does.Contain("\"total\":0"), "Nothing was deleted.");
        await store.Rebuild.RunAsync(default);

        AllAnswers.AreSame(await asking.AskAsync(questions), before);
        Assert.Multiple(() =>
        {
            Assert.That(Rows(store, Derived), Is.EqualTo(derived));
            Assert.That(Rows(store, Truth), Is.EqualTo(truth));
        });
    }

    [Test]
    public async Task A_rebuild_that_was_cut_short_is_done_at_the_next_start()
    {
        await using var server = PhrServer.Start(("PublicBaseUrl", Base));
        await PopulateAsync(server);
        var store = server.Services.GetRequiredService<EmbeddedStore>();
        var asking = new AllAnswers(server, store);
        var questions = await asking.QuestionsAsync();
        var before = await asking.AskAsync(questions);

        await store.Rebuild.DeleteDerivedAsync(default);
        await RestartAsync(server);
        await ReadyAsync(server.Client);

        AllAnswers.AreSame(await new AllAnswers(server, server.Services.GetRequiredService<EmbeddedStore>()).AskAsync(questions), before);
    }

    [Test]
    public async Task Under_another_public_address_Endpoints_say_the_new_one_even_when_the_start_is_killed_halfway()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("phr-address-").FullName, "data");
        var port = ServerProcess.FreePort();
        string study;
        await using (var first = ServerProcess.Start(folder, port, null, "--PublicBaseUrl", "https://old.example.org"))
        {
            Assert.That(await first.BecomesReadyAsync(), Is.True, first.Output);
            using var made = await first.Client.PutAsync("/fhir/Patient/a", PhrServer.FhirContent("""{"resourceType":"Patient","id":"a"}"""));
            await KillRound.StowAsync(first.Client, new SentFiles("/dicomweb/patients/a", [new TestDicom("1.2.3", "1.2.3.1", "1.2.3.1.1")]));
            Assert.That(await first.Client.GetStringAsync("/fhir/Endpoint/wado-a"), Does.Contain("https://old.example.org/dicomweb/patients/a"));
            study = await first.Client.GetStringAsync("/fhir/ImagingStudy?patient=a");
            Assert.That(await first.StopAsync(), Is.Zero);
        }
        foreach (var commit in new[] { "before-commit:1", "after-commit:2", "before-commit:4" })
        {
            await using var killed = ServerProcess.Start(folder, port, commit, "--PublicBaseUrl", "https://new.example.org");
            Assert.That(await killed.BecomesReadyAsync(), Is.False, commit);
            Assert.That(await killed.EndAsync(), Is.EqualTo(ServerProcess.Killed), killed.Output);
        }
        await using (var second = ServerProcess.Start(folder, port, null, "--PublicBaseUrl", "https://new.example.org"))
        {
            Assert.That(await second.BecomesReadyAsync(), Is.True, second.Output);
            foreach (var kind in new[] { "wado", "qido", "stow" })
            {
                using var endpoint = JsonDocument.Parse(await second.Client.GetStringAsync($"/fhir/Endpoint/{kind}-a"));
                Assert.That(endpoint.RootElement.GetProperty("address").GetString(), Is.EqualTo("https://new.example.org/dicomweb/patients/a"));
                Assert.That(endpoint.RootElement.GetProperty("meta").GetProperty("versionId").GetString(), Is.EqualTo("2"));
            }
            Assert.That(await second.Client.GetStringAsync("/fhir/Endpoint/wado-a/_history/1"), Does.Contain("https://old.example.org/"));
            Assert.That(Resources(await second.Client.GetStringAsync("/fhir/ImagingStudy?patient=a")), Is.EqualTo(Resources(study)), "A study says no address.");
            Assert.That(await second.StopAsync(), Is.Zero);
        }
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    /// <summary>Records with all that can become of a study: sent, sent twice, superseded, moved, joined, deleted, revived, edited.</summary>
    internal static async Task PopulateAsync(PhrServer server)
    {
        foreach (var (id, family, marker) in new[] { ("one", "Doe", "one"), ("two", "Dö-Bär", "two"), ("three", "O'Neill, Jr.", "three") })
        {
            await ExpectAsync(server.PutAsync($"/fhir/Patient/{id}", $$"""
                {"resourceType":"Patient","id":"{{id}}","identifier":[{"system":"urn:test","value":"{{marker}}"}],"name":[{"family":"{{family}}","given":["Jane","Ann"]}],
                "gender":"female","birthDate":"1970-01-01","address":[{"city":"Zürich","country":"CH"}]}
                """), 201);
        }
        await ExpectAsync(server.PutAsync("/fhir/Patient/three", """{"resourceType":"Patient","id":"three","identifier":[{"system":"urn:test","value":"third"}]}"""), 200);
        await ExpectAsync(server.PutAsync("/fhir/Patient/four", """{"resourceType":"Patient","id":"four"}"""), 201);
        await ExpectAsync(server.Client.DeleteAsync("/fhir/Patient/four"), 200, 204);
        await ExpectAsync(server.PutAsync("/fhir/Organization/north", """{"resourceType":"Organization","id":"north","name":"North Hospital"}"""), 201);

        // Two series, three instances, then more to the first.
        await StowAsync(server.Client, "one", 200, Instance("1.2.1", 1, 1), Instance("1.2.1", 1, 2), Instance("1.2.1", 2, 1) with { Modality = "MR", SeriesNumber = 2 });
        await StowAsync(server.Client, "one", 200, Instance("1.2.1", 1, 3));
        // Superseded by the more trusted, whose files also say something else of the study; and kept beside the more trusted.
        using var anna = server.As(Reach.Of(new ReachedRecord("two")));
        await StowAsync(anna, "two", 200, Instance("1.2.2", 1, 1) with { StudyDate = "20250101", PatientName = "Wrong^Name" }, Instance("1.2.2", 1, 2));
        await StowAsync(server.Client, "two", 200, Instance("1.2.2", 1, 1) with { Fill = 9 });
        await StowAsync(server.Client, "two", 200, Instance("1.2.2", 2, 1));
        await StowAsync(anna, "two", 202, Instance("1.2.2", 2, 1) with { Fill = 77 });
        // Deleted; deleted and sent again.
        await StowAsync(server.Client, "one", 200, Instance("1.2.3", 1, 1));
        await DeleteStudyAsync(server, "1.2.3");
        await StowAsync(server.Client, "one", 200, Instance("1.2.4", 1, 1), Instance("1.2.4", 1, 2));
        await DeleteStudyAsync(server, "1.2.4");
        await StowAsync(server.Client, "one", 200, Instance("1.2.4", 1, 2) with { StudyDate = "20260204" });
        // Moved; moved to where the study was already.
        await StowAsync(server.Client, "one", 200, Instance("1.2.5", 1, 1));
        await EditAsync(server, "1.2.5", "Seen by the family.");
        await MoveAsync(server, "1.2.5", "one", "two");
        await StowAsync(server.Client, "one", 200, Instance("1.2.6", 1, 1), Instance("1.2.6", 1, 2));
        await StowAsync(server.Client, "three", 200, Instance("1.2.6", 1, 2), Instance("1.2.6", 1, 3) with { StudyDate = "20260205" });
        await MoveAsync(server, "1.2.6", "one", "three");
        // Edited by a person, then grown; an ordinary one without instances, adopted by its first instance, and one that stays so.
        await EditAsync(server, "1.2.1", "Looks well.");
        await StowAsync(server.Client, "one", 200, Instance("1.2.1", 2, 2) with { Modality = "MR", SeriesNumber = 2 });
        foreach (var uid in new[] { "1.2.7", "1.2.8" })
        {
            await ExpectAsync(server.PutAsync($"/fhir/ImagingStudy/ordinary-{uid}", $$"""
                {"resourceType":"ImagingStudy","id":"ordinary-{{uid}}","identifier":[{"system":"urn:dicom:uid","value":"urn:oid:{{uid}}"}],"status":"registered",
                "subject":{"reference":"Patient/one"},"note":[{"text":"Expected."}],"started":"2026-02-01"}
                """), 201);
        }
        await StowAsync(server.Client, "one", 200, Instance("1.2.7", 1, 1));
        // Routed by PatientID; unclaimed.
        await ExpectAsync(server.StowAsync("/dicomweb", Instance("1.2.9", 1, 1).ToBytes()), 200);
        await ExpectAsync(server.StowAsync("/dicomweb", (Instance("1.2.10", 1, 1) with { PatientId = "" }).ToBytes()), 200);
        await server.Client.GetStringAsync("/fhir/ImagingStudy");
    }

    internal static TestDicom Instance(string study, int series, int number) =>
        new(study, $"{study}.{series}", $"{study}.{series}.{number}") { PatientId = "MRN-1", SeriesNumber = series, InstanceNumber = number };

    internal static async Task StowAsync(HttpClient client, string record, int expected, params TestDicom[] files)
    {
        using var content = PhrServer.Multipart(files.Select(file => file.ToBytes()));
        await ExpectAsync(client.PostAsync($"/dicomweb/patients/{record}/studies", content), expected);
    }

    internal static async Task MoveAsync(PhrServer server, string study, string from, string to)
    {
        var guard = server.Services.GetRequiredService<GuardedRecords>().For(Caller.Operator);
        Assert.That((await guard.MoveAsync(study, new(from), new(to), default)).Problem, Is.Null);
    }

    internal static async Task<JsonNode> FindStudyAsync(HttpClient client, string study)
    {
        var bundle = JsonNode.Parse(await client.GetStringAsync($"/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:{study}"))!;
        return bundle["entry"]!.AsArray().Single()!["resource"]!;
    }

    internal static async Task ExpectAsync(Task<HttpResponseMessage> sending, params int[] expected)
    {
        using var answer = await sending;
        Assert.That((int)answer.StatusCode, Is.AnyOf([.. expected.Cast<object>()]), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>
    /// Restarts. The host of tests comes back from its stop before the program has let go of its services, so a store that still
    /// seems to be in use is tried again.
    /// </summary>
    internal static async Task RestartAsync(PhrServer server)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await server.RestartAsync();
                return;
            }
            catch (StoreInUseException) when (attempt < 5)
            {
                await Task.Delay(200);
            }
        }
    }

    internal static async Task ReadyAsync(HttpClient client)
    {
        for (var i = 0; i < 400; i++)
        {
            using var answer = await client.GetAsync("/healthz/ready");
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }
            await Task.Delay(50);
        }
        Assert.Fail("The server does not become ready.");
    }

    private static async Task DeleteStudyAsync(PhrServer server, string study)
    {
        var found = await FindStudyAsync(server.Client, study);
        await ExpectAsync(server.Client.DeleteAsync($"/fhir/ImagingStudy/{found["id"]}"), 200, 204);
    }

    private static async Task EditAsync(PhrServer server, string study, string note)
    {
        var found = await FindStudyAsync(server.Client, study);
        found["note"] = new JsonArray(new JsonObject { ["text"] = note });
        found["identifier"]!.AsArray().Add(new JsonObject { ["system"] = "urn:test", ["value"] = $"own-{study}" });
        await ExpectAsync(server.PutAsync($"/fhir/ImagingStudy/{found["id"]}", found.ToJsonString()), 200);
    }

    private static List<string> Rows(EmbeddedStore store, string[] queries) => store.Database.Read(session => queries.SelectMany(query => session.All(
        query,
        row => string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : $"{row.GetValue(i)}")))).ToList());

    private static List<string> Resources(string bundle)
    {
        using var json = JsonDocument.Parse(bundle);
        return [.. json.RootElement.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("resource").GetRawText())];
    }
}
