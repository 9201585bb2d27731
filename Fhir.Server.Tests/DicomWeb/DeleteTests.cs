using System.Net;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>DELETE of studies, series and instances at the addresses they are retrieved from.</summary>
[TestFixture]
public sealed class DeleteTests
{
    private const string Base = "/dicomweb/patients/d1";
    private readonly FreshUids uids = new("1.2.276.11");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/d1", """{"resourceType":"Patient","id":"d1"}""");
        await server.PutAsync("/fhir/Patient/d2", """{"resourceType":"Patient","id":"d2"}""");
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task A_deleted_study_is_gone_from_QIDO_WADO_and_FHIR_at_once_and_comes_back_when_it_is_sent_again([Values(Base, "/dicomweb")] string webBase)
    {
        var dicom = await StoredAsync();
        var id = (await ImagingStudyAsync(dicom.Study))!.Value.GetProperty("id").GetString();
        await AssertDeletedAsync($"{webBase}/studies/{dicom.Study}");
        await AssertStatusAsync(410, $"{Base}/studies/{dicom.Study}", $"{Base}/studies/{dicom.Study}/series/{dicom.Series}", $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
        Assert.That((await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
        Assert.That(await ImagingStudyAsync(dicom.Study), Is.Null);
        Assert.That((int)(await server.Client.GetAsync($"/fhir/ImagingStudy/{id}")).StatusCode, Is.EqualTo(410));
        Assert.That((int)(await server.Client.DeleteAsync($"{webBase}/studies/{dicom.Study}")).StatusCode, Is.EqualTo(404));

        Assert.That((await server.StowAsync(Base, (dicom with { Fill = 99 }).ToBytes())).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await ImagingStudyAsync(dicom.Study))!.Value.GetProperty("id").GetString(), Is.EqualTo(id));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/instances")).GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_deleted_series_takes_its_instances_and_leaves_the_others([Values(Base, "/dicomweb")] string webBase)
    {
        var dicom = await StoredAsync();
        await AssertDeletedAsync($"{webBase}/studies/{dicom.Study}/series/{dicom.Series}");
        await AssertGoneAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}", $"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
        var study = (await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}"))[0];
        Assert.That((study.Value("00201206"), study.Value("00201208"), string.Join(',', study.Values("00080061"))), Is.EqualTo(("1", "1", "MR")));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/metadata")).GetArrayLength(), Is.EqualTo(1));
        var imaging = (await ImagingStudyAsync(dicom.Study))!.Value;
        Assert.That((imaging.GetProperty("numberOfSeries").GetInt32(), imaging.GetProperty("numberOfInstances").GetInt32()), Is.EqualTo((1, 1)));
        Assert.That(imaging.GetProperty("series")[0].GetProperty("uid").GetString(), Is.EqualTo(dicom.Series + "2"));
    }

    [Test]
    public async Task A_deleted_instance_leaves_its_series_and_the_last_one_takes_the_study()
    {
        var dicom = await StoredAsync();
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
        await AssertGoneAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
        var metadata = await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/metadata");
        Assert.That(metadata.EnumerateArray().Select(one => one.Value("00080018")), Is.EqualTo(new[] { dicom.Sop + "2" }));
        var series = (await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/series?SeriesInstanceUID={dicom.Series}"))[0];
        Assert.That(series.Value("00201209"), Is.EqualTo("1"));
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}2");
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}2/instances/{dicom.Sop}3");
        Assert.That(await ImagingStudyAsync(dicom.Study), Is.Null);
        Assert.That((await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
    }

    [TestCase("")]
    [TestCase("/series/{0}.1")]
    [TestCase("/series/{0}.1/instances/{0}.1.1")]
    public async Task A_study_that_is_deleted_before_anybody_read_it_is_410_and_has_a_history(string below)
    {
        var dicom = uids.Dicom();
        await server.StowAsync(Base, dicom.ToBytes());
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}{string.Format(System.Globalization.CultureInfo.InvariantCulture, below, dicom.Study)}");
        await AssertStatusAsync(410, $"{Base}/studies/{dicom.Study}");
        using var whole = server.As(Reach.Of([new("d1")]));
        using var part = server.As(Reach.Of([new("d1", [new(dicom.Study, [dicom.Series])])]));
        using var other = server.As(Reach.Of([new("d1", [new("1.2.3")])]));
        foreach (var (client, status) in new[] { (whole, 410), (part, 410), (other, 404) })
        {
            Assert.That((int)(await client.GetAsync($"{Base}/studies/{dicom.Study}/metadata")).StatusCode, Is.EqualTo(status));
        }
        var versions = (await server.Services.GetRequiredService<IResourceStore>().ChangesAsync(new RecordId("d1"), 0, 100_000, default))
            .SelectMany(change => change.Things).Where(thing => thing.Name.StartsWith("ImagingStudy/", StringComparison.Ordinal)).GroupBy(thing => thing.Name).Last();
        using var history = await server.Client.GetAsync($"/fhir/{versions.Key}/_history");
        Assert.That(JsonSerializer.Deserialize<JsonElement>(await history.Content.ReadAsStringAsync()).GetProperty("entry").EnumerateArray()
            .Select(entry => entry.GetProperty("request").GetProperty("method").GetString()), Is.EqualTo(new[] { "DELETE", "PUT" }));
    }

    [Test]
    public async Task What_is_not_there_is_404_whatever_is_wrong_with_the_address()
    {
        var dicom = await StoredAsync();
        foreach (var path in new[]
        {
            "1.2.3", "not-a-uid", $"{dicom.Study}/series/1.2.3", $"{dicom.Study}/series/{dicom.Series}/instances/1.2.3", $"{dicom.Study}/series/{dicom.Series}2/instances/{dicom.Sop}",
            $"1.2.3/series/{dicom.Series}", $"1.2.3/series/{dicom.Series}/instances/{dicom.Sop}",
        })
        {
            Assert.That((int)(await server.Client.DeleteAsync($"{Base}/studies/{path}")).StatusCode, Is.EqualTo(404), path);
            Assert.That((int)(await server.Client.DeleteAsync($"/dicomweb/patients/d2/studies/{path}")).StatusCode, Is.EqualTo(404), path);
        }
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/instances")).GetArrayLength(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_study_in_two_records_is_deleted_in_the_one_that_is_named()
    {
        var dicom = uids.Dicom();
        await server.StowAsync(Base, dicom.ToBytes());
        await server.StowAsync("/dicomweb/patients/d2", dicom.ToBytes());
        var either = await server.Client.DeleteAsync($"/dicomweb/studies/{dicom.Study}");
        Assert.That((int)either.StatusCode, Is.EqualTo(409));
        Assert.That(await either.Content.ReadAsStringAsync(), Does.Contain("/patients/d1").And.Contain("/patients/d2"));
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}");
        Assert.That((await server.Client.JsonAsync($"/dicomweb/patients/d2/studies/{dicom.Study}/instances")).GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task Who_sees_all_but_may_not_write_or_sees_a_part_is_403_and_nothing_goes()
    {
        var dicom = await StoredAsync();
        using var reader = server.As(Reach.Of([new("d1")]), mayWrite: false);
        using var oneStudy = server.As(Reach.Of([new("d1", [new(dicom.Study)])]));
        using var oneSeries = server.As(Reach.Of([new("d1", [new(dicom.Study, [dicom.Series])])]));
        using var stranger = server.As(Reach.Of([new("d2")]));
        foreach (var path in new[] { "", $"/series/{dicom.Series}", $"/series/{dicom.Series}/instances/{dicom.Sop}" })
        {
            foreach (var client in new[] { reader, oneStudy, oneSeries })
            {
                Assert.That((int)(await client.DeleteAsync($"{Base}/studies/{dicom.Study}{path}")).StatusCode, Is.EqualTo(403), path);
            }
            Assert.That((int)(await stranger.DeleteAsync($"{Base}/studies/{dicom.Study}{path}")).StatusCode, Is.EqualTo(404), path);
        }
        Assert.That((int)(await oneSeries.DeleteAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}2")).StatusCode, Is.EqualTo(404));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{dicom.Study}/instances")).GetArrayLength(), Is.EqualTo(3));
        using var owner = server.As(Reach.Of([new("d1")]));
        Assert.That((int)(await owner.DeleteAsync($"{Base}/studies/{dicom.Study}")).StatusCode, Is.EqualTo(204));
    }

    [Test]
    public async Task The_copies_that_were_kept_beside_go_with_what_is_deleted()
    {
        var dicom = await StoredAsync();
        var key = OperatorKey.ReadFrom(server.Folder + "-keys");
        var copy = await server.Client.PostAsync($"{Base}/studies", "application/dicom", (dicom with { Fill = 9 }).ToBytes(), ("Authorization", $"Operator {key}"));
        Assert.That((int)copy.StatusCode, Is.EqualTo(202));
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
        await AssertGoneAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}");
    }

    [Test]
    public async Task A_deletion_and_its_refusal_are_written_down()
    {
        var dicom = await StoredAsync();
        using var reader = server.As(Reach.Of([new("d1")]), mayWrite: false);
        await reader.DeleteAsync($"{Base}/studies/{dicom.Study}");
        await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}");
        var rows = (await server.Services.GetRequiredService<IResourceStore>().AuditAsync(new RecordId("d1"), 0, 100_000, default)).Select(row => row.Entry)
            .Where(entry => entry.Action == "delete" && entry.What.Contains(dicom.Study, StringComparison.Ordinal)).ToList();
        Assert.That(rows.Select(row => (row.What, row.Outcome)), Is.EqualTo(new[] { ($"ImagingStudy/{dicom.Study}", 4), ($"{dicom.Study}/{dicom.Series}", 0) }));
    }

    [Test]
    public async Task Instances_deleted_one_by_one_leave_true_counts_at_every_step()
    {
        var dicom = uids.Dicom();
        const int Count = 60;
        await server.StowAsync(Base, Enumerable.Range(1, Count).Select(i => (dicom with { Sop = $"{dicom.Sop}.{i}", InstanceNumber = i }).ToBytes()));
        for (var i = 1; i < Count; i++)
        {
            await AssertDeletedAsync($"{Base}/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}.{i}");
            var study = (await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={dicom.Study}"))[0];
            Assert.That(study.Value("00201208"), Is.EqualTo($"{Count - i}"));
        }
    }

    /// <summary>Two instances of a CT series, one of an MR series.</summary>
    private async Task<TestDicom> StoredAsync()
    {
        var dicom = uids.Dicom();
        var stored = await server.StowAsync(
            Base, dicom.ToBytes(), (dicom with { Sop = dicom.Sop + "2", InstanceNumber = 2 }).ToBytes(),
            (dicom with { Series = dicom.Series + "2", Sop = dicom.Sop + "3", Modality = "MR" }).ToBytes());
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        return dicom;
    }

    private async Task AssertDeletedAsync(string path)
    {
        var answer = await server.Client.DeleteAsync(path);
        Assert.That((int)answer.StatusCode, Is.EqualTo(204), await answer.Content.ReadAsStringAsync());
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    /// <summary>They are not there, but what they were in is.</summary>
    private Task AssertGoneAsync(params string[] paths) => AssertStatusAsync(404, paths);

    private async Task AssertStatusAsync(int status, params string[] paths)
    {
        foreach (var path in paths.SelectMany(path => new[] { path, path + "/metadata" }))
        {
            Assert.That((int)(await server.Client.GetAsync(path)).StatusCode, Is.EqualTo(status), path);
        }
    }

    private async Task<JsonElement?> ImagingStudyAsync(string study)
    {
        var bundle = JsonSerializer.Deserialize<JsonElement>(await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier=urn:oid:{study}&patient=d1"));
        return bundle.TryGetProperty("entry", out var entries) ? entries[0].GetProperty("resource") : null;
    }
}
