using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.Parity;

/// <summary>What each DICOMweb endpoint must show a restricted caller, at the base of a record and at the site-wide one.</summary>
internal static class DicomWebProbes
{
    private const string Unknown = "1.9.999";
    private const string RenderedParts = "/rendered?accept=multipart%2Frelated%3Btype%3Dimage%2Fpng";

    // What is stored and deleted by these probes is gone, not unknown.
    private const string Never = "1.9.998";

    public static IReadOnlyDictionary<string, Func<World, WorldCaller, Task>> All { get; } = new Dictionary<string, Func<World, WorldCaller, Task>>
    {
        ["record-qido-studies"] = (world, caller) => EachRecordAsync(world, caller, (client, record) => StudiesAsync(client, caller, record)),
        ["site-qido-studies"] = (world, caller) => WithAsync(world, caller, client => StudiesAsync(client, caller, null)),
        ["record-qido-series"] = (world, caller) => EachRecordAsync(world, caller, (client, record) => SeriesAsync(client, caller, record, null)),
        ["site-qido-series"] = (world, caller) => WithAsync(world, caller, client => SeriesAsync(client, caller, null, null)),
        ["record-qido-instances"] = (world, caller) => EachRecordAsync(world, caller, (client, record) => InstancesAsync(client, caller, record, null, null)),
        ["site-qido-instances"] = (world, caller) => WithAsync(world, caller, client => InstancesAsync(client, caller, null, null, null)),
        ["record-qido-study-series"] = (world, caller) => EachStudyAsync(world, caller, true, (client, study) => SeriesAsync(client, caller, study.Record, study.Uid)),
        ["site-qido-study-series"] = (world, caller) => EachStudyAsync(world, caller, false, (client, study) => SeriesAsync(client, caller, null, study.Uid)),
        ["record-qido-study-instances"] = (world, caller) => EachStudyAsync(world, caller, true, (client, study) => InstancesAsync(client, caller, study.Record, study.Uid, null)),
        ["site-qido-study-instances"] = (world, caller) => EachStudyAsync(world, caller, false, (client, study) => InstancesAsync(client, caller, null, study.Uid, null)),
        ["record-qido-series-instances"] = (world, caller) => EachSeriesAsync(world, caller, (client, study, series) => InstancesAsync(client, caller, study.Record, study.Uid, series.Uid)),
        ["site-qido-series-instances"] = (world, caller) => EachSeriesAsync(world, caller, (client, study, series) => InstancesAsync(client, caller, null, study.Uid, series.Uid)),
        ["record-wado-study"] = (world, caller) => WholeStudyAsync(world, caller, true, ""),
        ["site-wado-study"] = (world, caller) => WholeStudyAsync(world, caller, false, ""),
        ["record-wado-study-metadata"] = (world, caller) => WholeStudyAsync(world, caller, true, "/metadata"),
        ["site-wado-study-metadata"] = (world, caller) => WholeStudyAsync(world, caller, false, "/metadata"),
        ["record-wado-series"] = (world, caller) => BelowAsync(world, caller, true, (series, _) => $"series/{series}"),
        ["site-wado-series"] = (world, caller) => BelowAsync(world, caller, false, (series, _) => $"series/{series}"),
        ["record-wado-series-metadata"] = (world, caller) => BelowAsync(world, caller, true, (series, _) => $"series/{series}/metadata"),
        ["site-wado-series-metadata"] = (world, caller) => BelowAsync(world, caller, false, (series, _) => $"series/{series}/metadata"),
        ["record-wado-instance"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}"),
        ["site-wado-instance"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}"),
        ["record-wado-instance-metadata"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/metadata"),
        ["site-wado-instance-metadata"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/metadata"),
        ["record-wado-frames"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/frames/1,2"),
        ["site-wado-frames"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/frames/1,2"),
        ["record-wado-bulkdata"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/bulkdata/7FE00010"),
        ["site-wado-bulkdata"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/bulkdata/7FE00010"),
        ["record-wado-uri"] = (world, caller) => WadoUriAsync(world, caller, true, "/wado"),
        ["site-wado-uri"] = (world, caller) => WadoUriAsync(world, caller, false, "/wado"),
        ["record-wado-uri-at-base"] = (world, caller) => WadoUriAsync(world, caller, true, ""),
        ["site-wado-uri-at-base"] = (world, caller) => WadoUriAsync(world, caller, false, ""),
        ["record-wado-study-rendered"] = (world, caller) => WholeStudyAsync(world, caller, true, RenderedParts),
        ["site-wado-study-rendered"] = (world, caller) => WholeStudyAsync(world, caller, false, RenderedParts),
        ["record-wado-series-rendered"] = (world, caller) => BelowAsync(world, caller, true, (series, _) => $"series/{series}/rendered"),
        ["site-wado-series-rendered"] = (world, caller) => BelowAsync(world, caller, false, (series, _) => $"series/{series}/rendered"),
        ["record-wado-instance-rendered"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/rendered"),
        ["site-wado-instance-rendered"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/rendered"),
        ["record-wado-frames-rendered"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/frames/1,2/rendered"),
        ["site-wado-frames-rendered"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/frames/1,2/rendered"),
        ["record-wado-study-thumbnail"] = (world, caller) => AnyOfStudyAsync(world, caller, true, "/thumbnail"),
        ["site-wado-study-thumbnail"] = (world, caller) => AnyOfStudyAsync(world, caller, false, "/thumbnail"),
        ["record-wado-series-thumbnail"] = (world, caller) => BelowAsync(world, caller, true, (series, _) => $"series/{series}/thumbnail"),
        ["site-wado-series-thumbnail"] = (world, caller) => BelowAsync(world, caller, false, (series, _) => $"series/{series}/thumbnail"),
        ["record-wado-instance-thumbnail"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/thumbnail"),
        ["site-wado-instance-thumbnail"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/thumbnail"),
        ["record-wado-frame-thumbnail"] = (world, caller) => BelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}/frames/2/thumbnail"),
        ["site-wado-frame-thumbnail"] = (world, caller) => BelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}/frames/2/thumbnail"),
        ["record-stow"] = (world, caller) => StowAsync(world, caller, ""),
        ["record-stow-study"] = (world, caller) => StowAsync(world, caller, $"/{Unknown}"),
        ["site-stow"] = (world, caller) => SiteStowAsync(world, caller, ""),
        ["site-stow-study"] = (world, caller) => SiteStowAsync(world, caller, $"/{Unknown}"),
        ["record-delete-study"] = (world, caller) => DeleteStudyAsync(world, caller, true),
        ["site-delete-study"] = (world, caller) => DeleteStudyAsync(world, caller, false),
        ["record-delete-series"] = (world, caller) => DeleteBelowAsync(world, caller, true, (series, _) => $"series/{series}"),
        ["site-delete-series"] = (world, caller) => DeleteBelowAsync(world, caller, false, (series, _) => $"series/{series}"),
        ["record-delete-instance"] = (world, caller) => DeleteBelowAsync(world, caller, true, (series, sop) => $"series/{series}/instances/{sop}"),
        ["site-delete-instance"] = (world, caller) => DeleteBelowAsync(world, caller, false, (series, sop) => $"series/{series}/instances/{sop}"),
    };

    private static string Base(string? record) => record is null ? "/dicomweb" : $"/dicomweb/patients/{record}";

    private static async Task WithAsync(World world, WorldCaller caller, Func<HttpClient, Task> probe)
    {
        using var client = world.As(caller);
        await probe(client);
    }

    /// <summary>At every record: hidden and unknown ones answer alike, visible ones are looked at.</summary>
    private static Task EachRecordAsync(World world, WorldCaller caller, Func<HttpClient, string, Task> probe) => WithAsync(world, caller, async client =>
    {
        foreach (var record in new[] { World.Anna, World.Ben, "cara", "unclaimed-local", "never-was" })
        {
            await probe(client, record);
        }
    });

    private static Task EachStudyAsync(World world, WorldCaller caller, bool inRecord, Func<HttpClient, WorldStudy, Task> probe) => WithAsync(world, caller, async client =>
    {
        foreach (var study in inRecord ? World.Studies : World.Studies.DistinctBy(study => study.Uid))
        {
            await probe(client, study);
        }
    });

    private static Task EachSeriesAsync(World world, WorldCaller caller, Func<HttpClient, WorldStudy, WorldSeries, Task> probe) =>
        EachStudyAsync(world, caller, true, async (client, study) =>
        {
            foreach (var series in study.Series)
            {
                await probe(client, study, series);
            }
        });

    private static async Task StudiesAsync(HttpClient client, WorldCaller caller, string? record)
    {
        foreach (var filter in new[] { "", "?ModalitiesInStudy=MR", "?ModalitiesInStudy=CT", "?PatientName=*doe*", $"?StudyInstanceUID={World.Shared},1.9.3", "?StudyDate=20260101-20260102", "?SOPInstanceUID=1.9.1.2.1", "?SeriesInstanceUID=1.9.3.2" })
        {
            using var answer = await client.GetAsync($"{Base(record)}/studies{filter}");
            if (await IsHiddenAsync(answer, caller, record))
            {
                continue;
            }
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            var expected = Visible(caller, record).Where(one => filter switch
            {
                "?ModalitiesInStudy=MR" => one.Seen.Any(series => series.Modality == "MR"),
                "?ModalitiesInStudy=CT" => one.Seen.Any(series => series.Modality == "CT"),
                "?StudyDate=20260101-20260102" => one.Study.Uid is World.Shared or "1.9.2",
                "?SOPInstanceUID=1.9.1.2.1" => one.Seen.Any(series => series.Instances.Contains("1.9.1.2.1")),
                "?SeriesInstanceUID=1.9.3.2" => one.Seen.Any(series => series.Uid == "1.9.3.2"),
                "" or "?PatientName=*doe*" => true,
                _ => one.Study.Uid is World.Shared or "1.9.3",
            });
            var found = json.RootElement.EnumerateArray().Select(row => (
                Address: RecordOf(row), Uid: Text(row, "0020000D"), Series: Number(row, "00201206"), Instances: Number(row, "00201208"),
                Modalities: string.Join('\\', row.GetProperty("00080061").GetProperty("Value").EnumerateArray().Select(one => one.GetString()))));
            Assert.That(found, Is.EquivalentTo(expected.Select(one => (
                one.Study.Record, one.Study.Uid, one.Seen.Count, one.Seen.Sum(series => series.Instances.Count),
                string.Join('\\', one.Seen.Select(series => series.Modality).Distinct().Order(StringComparer.Ordinal))))), $"{record}{filter}");
        }
    }

    private static async Task SeriesAsync(HttpClient client, WorldCaller caller, string? record, string? study)
    {
        using var answer = await client.GetAsync(study is null ? $"{Base(record)}/series" : $"{Base(record)}/studies/{study}/series");
        if (await IsHiddenAsync(answer, caller, record))
        {
            return;
        }
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var found = json.RootElement.EnumerateArray().Select(row => (RecordOf(row), Text(row, "0020000D"), Text(row, "0020000E"), Number(row, "00201209")));
        Assert.That(found, Is.EquivalentTo(Visible(caller, record).Where(one => study is null || one.Study.Uid == study)
            .SelectMany(one => one.Seen.Select(series => (one.Study.Record, one.Study.Uid, series.Uid, series.Instances.Count)))));
    }

    private static async Task InstancesAsync(HttpClient client, WorldCaller caller, string? record, string? study, string? series)
    {
        var path = (study, series) switch
        {
            (null, _) => "/instances",
            (_, null) => $"/studies/{study}/instances",
            _ => $"/studies/{study}/series/{series}/instances",
        };
        using var answer = await client.GetAsync(Base(record) + path);
        if (await IsHiddenAsync(answer, caller, record))
        {
            return;
        }
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var found = json.RootElement.EnumerateArray().Select(row => (RecordOf(row), Text(row, "0020000E"), Text(row, "00080018")));
        Assert.That(found, Is.EquivalentTo(Visible(caller, record).Where(one => study is null || one.Study.Uid == study).SelectMany(one =>
            one.Seen.Where(seen => series is null || seen.Uid == series).SelectMany(seen => seen.Instances.Select(sop => (one.Study.Record, seen.Uid, sop))))));
    }

    /// <summary>A whole study: 404 hidden, 403 partly hidden, else every instance; at the site-wide base 409 when it lies in several visible records.</summary>
    private static Task WholeStudyAsync(World world, WorldCaller caller, bool inRecord, string suffix) => EachStudyAsync(world, caller, inRecord, async (client, study) =>
    {
        using var answer = await client.GetAsync($"{Base(inRecord ? study.Record : null)}/studies/{study.Uid}{suffix}");
        var visible = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
        var expected = visible.Count == 0 ? HttpStatusCode.NotFound
            : visible.Count > 1 ? HttpStatusCode.Conflict
            : visible[0].Seen.Count < visible[0].Study.Series.Count ? HttpStatusCode.Forbidden
            : HttpStatusCode.OK;
        Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{study.Record} {study.Uid}");
        await AssertLikeUnknownAsync(client, answer, $"{Base(inRecord ? study.Record : null)}/studies/{Never}{suffix}");
        if (expected == HttpStatusCode.OK)
        {
            var body = System.Text.Encoding.Latin1.GetString(await answer.Content.ReadAsByteArrayAsync());
            Assert.That(visible[0].Seen.SelectMany(series => series.Instances), Is.All.Matches<string>(sop => body.Contains(sop!, StringComparison.Ordinal)));
        }
    });

    /// <summary>A picture of what may be seen of a study, were it one series: 404 hidden; at the site-wide base 409 when it lies in several visible records.</summary>
    private static Task AnyOfStudyAsync(World world, WorldCaller caller, bool inRecord, string suffix) => EachStudyAsync(world, caller, inRecord, async (client, study) =>
    {
        var (own, path) = (Base(inRecord ? study.Record : null), $"/studies/{study.Uid}");
        using var answer = await client.GetAsync(own + path + suffix);
        var visible = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
        var expected = visible.Count switch
        {
            0 => HttpStatusCode.NotFound,
            1 => HttpStatusCode.OK,
            _ => HttpStatusCode.Conflict,
        };
        Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{study.Record} {study.Uid}");
        await AssertLikeUnknownAsync(client, answer, $"{own}/studies/{Unknown}{suffix}");
        if (expected == HttpStatusCode.OK)
        {
            var seen = await Task.WhenAll(visible[0].Seen.Select(async series => (await client.GetAsync($"{own}{path}/series/{series.Uid}{suffix}")).Headers.ETag));
            Assert.That(seen, Does.Contain(answer.Headers.ETag), "It is the picture of a series that may be seen.");
        }
    });

    private static Task BelowAsync(World world, WorldCaller caller, bool inRecord, Func<string, string, string> path) => WithAsync(world, caller, async client =>
    {
        foreach (var study in World.Studies)
        {
            foreach (var other in World.Studies.SelectMany(one => one.Series).DistinctBy(series => series.Uid))
            {
                var address = $"{Base(inRecord ? study.Record : null)}/studies/{study.Uid}/{path(other.Uid, other.Instances[0])}";
                using var answer = await client.GetAsync(address);
                var holders = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
                var expected = holders.Count > 1 ? HttpStatusCode.Conflict
                    : holders.Exists(one => one.Seen.Any(series => series.Uid == other.Uid)) ? HttpStatusCode.OK
                    : HttpStatusCode.NotFound;
                Assert.That(answer.StatusCode, Is.EqualTo(expected), address);
                await AssertLikeUnknownAsync(client, answer, $"{Base(inRecord ? study.Record : null)}/studies/{Never}/{path(other.Uid, other.Instances[0])}");
            }
        }
    });

    /// <summary>WADO-URI names everything in its query: as a file and as a picture, it shows what the path would.</summary>
    private static Task WadoUriAsync(World world, WorldCaller caller, bool inRecord, string path) => WithAsync(world, caller, async client =>
    {
        foreach (var study in World.Studies)
        {
            foreach (var other in World.Studies.SelectMany(one => one.Series).DistinctBy(series => series.Uid))
            {
                var (start, rest) = ($"{Base(inRecord ? study.Record : null)}{path}?requestType=WADO&studyUID=", $"&seriesUID={other.Uid}&objectUID={other.Instances[0]}");
                var holders = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
                var expected = holders.Count > 1 ? HttpStatusCode.Conflict
                    : holders.Exists(one => one.Seen.Any(series => series.Uid == other.Uid)) ? HttpStatusCode.OK
                    : HttpStatusCode.NotFound;
                foreach (var type in new[] { "application/dicom", "image/png" })
                {
                    using var answer = await client.GetAsync($"{start}{study.Uid}{rest}&contentType={type}");
                    Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{start}{study.Uid}{rest} {type}");
                    await AssertLikeUnknownAsync(client, answer, $"{start}{Never}{rest}&contentType={type}");
                }
            }
        }
    });

    private static Task StowAsync(World world, WorldCaller caller, string suffix) => EachRecordAsync(world, caller, async (client, record) =>
    {
        using var content = PhrServer.Multipart(new TestDicom(Unknown, Unknown + ".1", Unknown + ".1.1").ToBytes());
        using var answer = await client.PostAsync($"{Base(record)}/studies{suffix}", content);
        if (!caller.SeesWhole(record))
        {
            var expected = caller.SeesAnyOf(record, World.Studies) ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound;
            Assert.That(answer.StatusCode, Is.EqualTo(expected), record);
            using var there = JsonDocument.Parse(await world.Server.Client.GetStringAsync($"/dicomweb/studies?StudyInstanceUID={Unknown}"));
            Assert.That(there.RootElement.GetArrayLength(), Is.Zero, "Nothing was stored.");
            return;
        }
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var found = JsonDocument.Parse(await world.Server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={Unknown}"));
        await world.Server.Client.DeleteAsync($"/fhir/ImagingStudy/{found.RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString()}");
    });

    /// <summary>
    /// Without a record in the path a restricted caller cannot route: who reaches one record stores there, whatever the PatientID says;
    /// anybody else stores nothing, and no patient is made.
    /// </summary>
    private static Task SiteStowAsync(World world, WorldCaller caller, string suffix) => WithAsync(world, caller, async client =>
    {
        using var content = PhrServer.Multipart(new TestDicom(Unknown, Unknown + ".1", Unknown + ".1.1") { PatientId = World.Ben }.ToBytes());
        using var answer = await client.PostAsync($"/dicomweb/studies{suffix}", content);
        if (caller.SeesWhole(World.Anna))
        {
            using var found = JsonDocument.Parse(await world.Server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={Unknown}"));
            var stored = found.RootElement.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("resource")).Single();
            Assert.That(stored.GetProperty("subject").GetProperty("reference").GetString(), Is.EqualTo("Patient/anna"));
            await world.Server.Client.DeleteAsync($"/fhir/ImagingStudy/{stored.GetProperty("id").GetString()}");
            return;
        }
        Assert.That(answer.IsSuccessStatusCode, Is.False);
        using var there = JsonDocument.Parse(await world.Server.Client.GetStringAsync($"/dicomweb/studies?StudyInstanceUID={Unknown}"));
        Assert.That(there.RootElement.GetArrayLength(), Is.Zero);
    });

    /// <summary>
    /// What the caller does not wholly own stays: 404 hidden, 403 seen in part or without the record. What it owns is tried on a study of
    /// its own, since the world must stay as it is.
    /// </summary>
    private static Task DeleteStudyAsync(World world, WorldCaller caller, bool inRecord) => WithAsync(world, caller, async client =>
    {
        var before = await SnapshotAsync(world);
        foreach (var study in inRecord ? World.Studies : World.Studies.DistinctBy(study => study.Uid))
        {
            var visible = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
            if (visible.Exists(one => caller.SeesWhole(one.Study.Record)))
            {
                continue;
            }
            using var answer = await client.DeleteAsync($"{Base(inRecord ? study.Record : null)}/studies/{study.Uid}");
            Assert.That(answer.StatusCode, Is.EqualTo(visible.Count == 0 ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden), $"{study.Record} {study.Uid}");
            await AssertDeletesLikeUnknownAsync(client, answer, $"{Base(inRecord ? study.Record : null)}/studies/{Unknown}");
        }
        Assert.That(await SnapshotAsync(world), Is.EqualTo(before), "Nothing was deleted.");
        await DeleteOwnAsync(world, caller, client, inRecord, "");
        Assert.That(await SnapshotAsync(world), Is.EqualTo(before));
    });

    private static Task DeleteBelowAsync(World world, WorldCaller caller, bool inRecord, Func<string, string, string> path) => WithAsync(world, caller, async client =>
    {
        var before = await SnapshotAsync(world);
        foreach (var study in World.Studies)
        {
            foreach (var other in World.Studies.SelectMany(one => one.Series).DistinctBy(series => series.Uid))
            {
                var holders = Visible(caller, inRecord ? study.Record : null).Where(one => one.Study.Uid == study.Uid).ToList();
                var seen = holders.Exists(one => one.Seen.Any(series => series.Uid == other.Uid));
                if (seen && holders.Exists(one => caller.SeesWhole(one.Study.Record)))
                {
                    continue;
                }
                var address = $"{Base(inRecord ? study.Record : null)}/studies/{study.Uid}/{path(other.Uid, other.Instances[0])}";
                using var answer = await client.DeleteAsync(address);
                Assert.That(answer.StatusCode, Is.EqualTo(seen ? HttpStatusCode.Forbidden : HttpStatusCode.NotFound), address);
                await AssertDeletesLikeUnknownAsync(client, answer, $"{Base(inRecord ? study.Record : null)}/studies/{Unknown}/{path(other.Uid, other.Instances[0])}");
            }
        }
        Assert.That(await SnapshotAsync(world), Is.EqualTo(before), "Nothing was deleted.");
        await DeleteOwnAsync(world, caller, client, inRecord, "/" + path(Unknown + ".1", Unknown + ".1.1"));
        Assert.That(await SnapshotAsync(world), Is.EqualTo(before));
    });

    /// <summary>Of one study in two records the caller's copy goes, and the hidden one stays.</summary>
    private static async Task DeleteOwnAsync(World world, WorldCaller caller, HttpClient client, bool inRecord, string path)
    {
        if (!caller.SeesWhole(World.Anna))
        {
            return;
        }
        foreach (var record in new[] { World.Anna, World.Ben })
        {
            using var stored = await world.Server.StowAsync(Base(record), new TestDicom(Unknown, Unknown + ".1", Unknown + ".1.1").ToBytes());
            Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        using var answer = await client.DeleteAsync($"{Base(inRecord ? World.Anna : null)}/studies/{Unknown}{path}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent), await answer.Content.ReadAsStringAsync());
        using var left = JsonDocument.Parse(await world.Server.Client.GetStringAsync($"/dicomweb/studies?StudyInstanceUID={Unknown}"));
        Assert.That(left.RootElement.EnumerateArray().Select(RecordOf), Is.EqualTo(new[] { World.Ben }));
        using var cleared = await world.Server.Client.DeleteAsync($"{Base(World.Ben)}/studies/{Unknown}");
        Assert.That(cleared.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }

    private static async Task<string> SnapshotAsync(World world)
    {
        using var instances = JsonDocument.Parse(await world.Server.Client.GetStringAsync("/dicomweb/instances?limit=1000"));
        return string.Join(' ', instances.RootElement.EnumerateArray().Select(row => RecordOf(row) + "/" + Text(row, "00080018")).Order(StringComparer.Ordinal));
    }

    private static async Task AssertDeletesLikeUnknownAsync(HttpClient client, HttpResponseMessage answer, string unknown)
    {
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            using var never = await client.DeleteAsync(unknown);
            Assert.That(never.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await never.Content.ReadAsStringAsync()));
        }
    }

    private static IEnumerable<(WorldStudy Study, List<WorldSeries> Seen)> Visible(WorldCaller caller, string? record) => World.Studies
        .Where(study => record is null || study.Record == record)
        .Select(study => (study, study.Series.Where(series => caller.SeesSeries(study.Record, study.Uid, series.Uid)).ToList()))
        .Where(one => one.Item2.Count > 0);

    private static async Task<bool> IsHiddenAsync(HttpResponseMessage answer, WorldCaller caller, string? record)
    {
        if (record is null || caller.SeesAnyOf(record, World.Studies))
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), record);
            return false;
        }
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), record);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain(record), "Hidden and unknown records say the same.");
        return true;
    }

    private static async Task AssertLikeUnknownAsync(HttpClient client, HttpResponseMessage answer, string unknown)
    {
        if (answer.StatusCode == HttpStatusCode.NotFound)
        {
            using var never = await client.GetAsync(unknown);
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(await never.Content.ReadAsStringAsync()));
        }
    }

    private static string RecordOf(JsonElement row) => Text(row, "00081190").Split("/patients/")[1].Split('/')[0];

    private static string Text(JsonElement row, string tag) => row.GetProperty(tag).GetProperty("Value")[0].GetString()!;

    private static int Number(JsonElement row, string tag) => row.GetProperty(tag).GetProperty("Value")[0].GetInt32();
}
