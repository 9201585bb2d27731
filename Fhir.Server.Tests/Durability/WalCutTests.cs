using System.Text;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Storage;

namespace Fhir.Server.Tests.Durability;

/// <summary>
/// The log is cut behind each of its frames, within them, and torn in them: what was acknowledged by then is there, and whatever came
/// later is there wholly or not at all.
/// </summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class WalCutTests
{
    private static readonly RecordId Anna = new("anna");

    private EmbeddedFolder folder = null!;
    private List<Step> steps = null!;
    private WalFile wal = null!;
    private string copy = "";

    /// <summary>One acknowledged commit: how long the log was then, and what must be found once it counts.</summary>
    private sealed record Step(long WalLength, string? Key, string? Word, string? Json, IReadOnlyList<TestInstance> Instances);

    [OneTimeSetUp]
    public async Task WorkAsync()
    {
        folder = EmbeddedFolder.Make();
        copy = Path.Combine(folder.Path, "copy");
        steps = [];
        using var store = folder.Open();
        // So that the log is cut before the first commit, too, and not into the making of the tables.
        store.Database.Read(session => session.Text("PRAGMA wal_checkpoint(TRUNCATE)"));
        await CommitAsync(store, folder.Saying(Anna, new("Patient", "anna"), "word-0"), "Patient/anna", "word-0");
        var rounds = Environment.GetEnvironmentVariable("PHR_LONG") == "1" ? 20 : 9;
        for (var i = 1; i <= rounds; i++)
        {
            var key = new ResourceKey(i % 3 == 0 ? "Patient" : "Observation", i % 3 == 0 ? "anna" : $"o{i % 4}");
            await CommitAsync(store, folder.Saying(Anna, key, $"word-{i}"), key.ToString(), $"word-{i}");
            var instances = Enumerable.Range(0, 1 + (i % 3)).Select(at => new TestInstance($"1.2.{i % 2}", $"1.2.{i % 2}.{i % 4}", $"9.{i}.{at}")
            {
                Pixels = new string('x', i * 100), Number = i,
            }).ToList();
            await CommitAsync(store, await EmbeddedFolder.GivingAsync(store, Anna, instances), null, null, instances);
        }
        // Copied while the store is open: closing it would write the log back.
        Directory.CreateDirectory(copy);
        File.Copy(folder.Database, Path.Combine(copy, "store.db"));
        wal = new WalFile(folder.Wal);
    }

    [OneTimeTearDown]
    public void Remove() => folder.Dispose();

    [Test]
    public void Each_acknowledged_commit_had_ended_in_the_log_by_then()
    {
        Assert.Multiple(() =>
        {
            Assert.That(wal.Commits.Count, Is.GreaterThanOrEqualTo(steps.Count));
            Assert.That(steps.Select(step => step.WalLength), Is.SubsetOf(wal.Commits.Select(end => (long)end)));
            Assert.That(wal.EndOf(wal.Frames - 1), Is.EqualTo(steps[^1].WalLength), "Nothing was written behind the last acknowledged commit.");
        });
    }

    [Test]
    public async Task Cut_behind_any_frame_the_store_holds_what_was_acknowledged_by_then_and_nothing_in_part()
    {
        for (var frame = -1; frame < wal.Frames; frame++)
        {
            await HoldsAsync(wal.CutAt(wal.EndOf(frame)), wal.EndOf(frame), $"cut behind frame {frame}");
        }
    }

    [Test]
    public async Task Cut_within_a_frame_the_store_holds_what_was_acknowledged_before_it()
    {
        for (var frame = 0; frame < wal.Frames; frame += 5)
        {
            var begin = wal.EndOf(frame - 1);
            foreach (var cut in new[] { begin + 7, begin + 24, begin + 24 + (wal.PageSize / 2), wal.EndOf(frame) - 1 })
            {
                await HoldsAsync(wal.CutAt(cut), begin, $"cut at byte {cut} in frame {frame}");
            }
        }
    }

    [Test]
    public async Task Torn_in_its_last_frame_the_log_loses_that_commit_and_no_other()
    {
        foreach (var end in wal.Commits)
        {
            await HoldsAsync(wal.TornAt(end), end - 1, $"torn at {end}");
        }
    }

    [Test]
    public async Task Without_any_log_the_store_opens_as_it_was_at_the_last_checkpoint() => await HoldsAsync([], 0, "no log");

    [Test]
    public async Task What_is_sent_again_after_a_cut_is_taken_as_if_for_the_first_time()
    {
        using var cut = Cut(wal.CutAt(wal.EndOf(wal.Frames / 2)));
        using var store = cut.Open();
        foreach (var step in steps.Where(step => step.Instances.Count > 0))
        {
            var receipt = await store.Resources.CommitAsync(await EmbeddedFolder.GivingAsync(store, Anna, step.Instances), default);
            Assert.That(receipt.Value.Instances, Is.All.AnyOf(InstanceVerdict.Stored, InstanceVerdict.AlreadyThere));
        }
        await ConsistentAsync(store, steps.SelectMany(step => step.Instances).ToList(), "sent again");
    }

    private async Task CommitAsync(
        EmbeddedStore store, RecordCommit commit, string? key, string? word, IReadOnlyList<TestInstance>? instances = null)
    {
        var receipt = (await store.Resources.CommitAsync(commit, default)).OrFail();
        var json = key is null ? null : Encoding.UTF8.GetString(receipt.Resources[0].Resource.Json.Span);
        steps.Add(new Step(new FileInfo(folder.Wal).Length, key, word, json, instances ?? []));
        folder.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    private EmbeddedFolder Cut(byte[] log)
    {
        var cut = EmbeddedFolder.MakeInMemory();
        File.Copy(Path.Combine(copy, "store.db"), cut.Database);
        File.WriteAllBytes(cut.Wal, log);
        Directory.CreateSymbolicLink(Path.Combine(cut.Path, "blobs"), Path.Combine(folder.Path, "blobs"));
        return cut;
    }

    /// <param name="log">What is left of the log.</param>
    /// <param name="whole">Up to here it is whole: commits that end there count, later ones do not.</param>
    /// <param name="what">For the message.</param>
    private async Task HoldsAsync(byte[] log, int whole, string what)
    {
        using var cut = Cut(log);
        using var store = cut.Open();
        var counting = steps.Where(step => step.WalLength <= whole).ToList();
        foreach (var versions in counting.Where(step => step.Key is not null).GroupBy(step => step.Key!))
        {
            var (type, id) = (versions.Key.Split('/')[0], versions.Key.Split('/')[1]);
            var current = await store.Resources.FindAsync(new(type, id), Visibility.Everything, default);
            Assert.That(current is null ? null : Encoding.UTF8.GetString(current.Json.Span), Is.EqualTo(versions.Last().Json), what);
            Assert.That(current!.Version, Is.EqualTo(versions.Count()), what);
            foreach (var step in versions)
            {
                Assert.That(
                    await EmbeddedFolder.FindAsync(store, type, step.Word!),
                    step == versions.Last() ? Is.EqualTo(new[] { step.Json }) : Is.Empty, what);
            }
        }
        foreach (var step in steps.Except(counting).Where(step => step.Key is not null))
        {
            Assert.That(await EmbeddedFolder.FindAsync(store, step.Key!.Split('/')[0], step.Word!), Is.Empty, $"{what}: half of a later commit");
        }
        await ConsistentAsync(store, counting.SelectMany(step => step.Instances).ToList(), what);
        Assert.That(
            folder.Seal.Verifies(await store.Resources.AuditAsync(Anna, 0, 1000, default)), Is.True, what);
    }

    private static async Task ConsistentAsync(EmbeddedStore store, List<TestInstance> expected, string what)
    {
        var instances = (await store.Instances.FindInstancesAsync(StoreTalk.In(null), Visibility.Everything, default)).Rows;
        Assert.That(instances.Select(one => one.SopInstanceUid), Is.EquivalentTo(expected.Select(one => one.Sop)), what);
        Assert.That(instances.All(one => store.Blobs.Exists(one.Blob)), Is.True, what);
        var studies = (await store.Instances.FindStudiesAsync(StoreTalk.In(null), Visibility.Everything, default)).Rows;
        Assert.That(
            studies.Select(one => (one.StudyInstanceUid, one.NumberOfInstances, one.NumberOfSeries)),
            Is.EquivalentTo(expected.GroupBy(one => one.Study)
                .Select(study => (study.Key, study.Count(), study.Select(one => one.Series).Distinct().Count()))), what);
        foreach (var study in studies)
        {
            var found = await store.Resources.QueryAsync(
                Ask.For("ImagingStudy", Ask.Identifier(study.StudyInstanceUid)), Visibility.Everything, default);
            Assert.That(StudyShape.Read(found.Value.Matches.Single().Json).NumberOfInstances, Is.EqualTo(study.NumberOfInstances), what);
        }
        Assert.That(store.Database.Read(session => session.Text("PRAGMA integrity_check")), Is.EqualTo("ok"), what);
    }
}
