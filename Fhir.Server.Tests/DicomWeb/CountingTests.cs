using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>
/// QIDO and FHIR count the same instances at every moment: while a study is being sent, what FHIR says lies between what QIDO said
/// before and after, and whatever was acknowledged is counted from then on.
/// </summary>
[TestFixture]
public sealed class CountingTests
{
    private const int Slices = 500, Senders = 4, SeriesCount = 3;
    private const string Study = "1.2.276.9.1", Base = "/dicomweb/patients/c1";

    private sealed record Counted(int Instances, int Series, long Version);

    [Test]
    public async Task While_a_study_is_sent_slice_by_slice_QIDO_and_FHIR_never_disagree_and_versions_stay_few()
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/c1", """{"resourceType":"Patient","id":"c1"}""");
        var clock = Stopwatch.StartNew();
        var acknowledged = 0;
        var slices = new ConcurrentQueue<int>(Enumerable.Range(1, Slices));
        var sending = Task.WhenAll(Enumerable.Range(0, Senders).Select(_ => Task.Run(async () =>
        {
            while (slices.TryDequeue(out var number))
            {
                var series = (number % SeriesCount) + 1;
                var dicom = new TestDicom(Study, $"{Study}.{series}", $"{Study}.{series}.{number}") { SeriesNumber = series, InstanceNumber = number, Modality = series == 3 ? "PT" : "CT" };
                var answer = await server.StowAsync(Base, dicom.ToBytes());
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
                Interlocked.Increment(ref acknowledged);
            }
        })));

        var (reads, rounds, last) = (0, 0, 0);
        var versions = new HashSet<long>();
        while (!sending.IsCompleted)
        {
            var sure = Volatile.Read(ref acknowledged);
            var before = await QidoAsync(server);
            Assert.That(before, Is.GreaterThanOrEqualTo(sure), "every acknowledged slice is in the next answer of QIDO");
            sure = Volatile.Read(ref acknowledged);
            var study = await FhirAsync(server);
            reads++;
            Assert.That(study?.Instances ?? 0, Is.GreaterThanOrEqualTo(sure), "every acknowledged slice is in the next answer of FHIR");
            var after = await QidoAsync(server);
            Assert.That(study?.Instances ?? 0, Is.InRange(before, after));
            Assert.That(before, Is.GreaterThanOrEqualTo(last));
            last = after;
            if (study is not null)
            {
                versions.Add(study.Version);
            }
            // Slower and slower, so that the timer gets its turn as well.
            await Task.Delay(Math.Min(rounds++ * 2, 300));
        }
        await sending;

        var quiet = (await FhirAsync(server))!;
        reads++;
        Assert.That((quiet.Instances, quiet.Series), Is.EqualTo((Slices, SeriesCount)));
        Assert.That(await QidoAsync(server), Is.EqualTo(Slices));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{Study}/instances")).GetArrayLength(), Is.EqualTo(Slices));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{Study}/metadata")).GetArrayLength(), Is.EqualTo(Slices));
        Assert.That(
            (await server.Client.JsonAsync($"{Base}/studies/{Study}/series")).EnumerateArray().Sum(series => int.Parse(series.Value("00201209")!)), Is.EqualTo(Slices));
        await Task.Delay(2500);
        Assert.That((await FhirAsync(server))!.Version, Is.EqualTo(quiet.Version), "nothing is published when nothing changes");
        TestContext.Out.WriteLine($"{Slices} slices in {clock.Elapsed.TotalSeconds:F1} s, {reads} reads of FHIR, {versions.Count} versions seen, {quiet.Version} made");
        Assert.That(quiet.Version, Is.LessThanOrEqualTo(reads + (long)clock.Elapsed.TotalSeconds + 3));
        Assert.That(rounds, Is.GreaterThan(5), "the reader was there while slices came");
    }

    [Test]
    public async Task A_study_nobody_reads_costs_no_more_versions_than_seconds()
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/c1", """{"resourceType":"Patient","id":"c1"}""");
        var clock = Stopwatch.StartNew();
        for (var number = 1; number <= 100; number++)
        {
            await server.StowAsync(Base, new TestDicom(Study, $"{Study}.1", $"{Study}.1.{number}") { InstanceNumber = number }.ToBytes());
        }
        var study = (await FhirAsync(server))!;
        Assert.That(study.Instances, Is.EqualTo(100));
        Assert.That(study.Version, Is.LessThanOrEqualTo((long)clock.Elapsed.TotalSeconds + 2));
    }

    private static async Task<int> QidoAsync(PhrServer server)
    {
        var rows = await server.Client.JsonAsync($"{Base}/studies?StudyInstanceUID={Study}");
        return rows.GetArrayLength() == 0 ? 0 : int.Parse(rows[0].Value("00201208")!, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>The ImagingStudy, when there is one: its numbers must add up whatever they are.</summary>
    private static async Task<Counted?> FhirAsync(PhrServer server)
    {
        var bundle = JsonSerializer.Deserialize<JsonElement>(
            await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:{Study}&patient=c1"));
        if (!bundle.TryGetProperty("entry", out var entries))
        {
            return null;
        }
        var study = entries.EnumerateArray().Single().GetProperty("resource");
        var series = study.GetProperty("series").EnumerateArray().ToList();
        var instances = study.GetProperty("numberOfInstances").GetInt32();
        Assert.That(study.GetProperty("numberOfSeries").GetInt32(), Is.EqualTo(series.Count));
        Assert.That(series.Sum(one => one.GetProperty("numberOfInstances").GetInt32()), Is.EqualTo(instances));
        foreach (var one in series)
        {
            Assert.That(one.GetProperty("instance").GetArrayLength(), Is.EqualTo(one.GetProperty("numberOfInstances").GetInt32()));
        }
        Assert.That(series.SelectMany(one => one.GetProperty("instance").EnumerateArray()).Select(one => one.GetProperty("uid").GetString()).Distinct().Count(), Is.EqualTo(instances));
        Assert.That(
            study.GetProperty("modality").EnumerateArray().Select(one => one.GetProperty("code").GetString()).Order(),
            Is.EqualTo(series.Select(one => one.GetProperty("modality").GetProperty("code").GetString()).Distinct().Order()));
        return new Counted(instances, series.Count, long.Parse(study.GetProperty("meta").GetProperty("versionId").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }
}
