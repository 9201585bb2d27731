using System.Diagnostics;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Storage;

namespace Fhir.Server.Tests.Durability;

/// <summary>Works that wait together share a transaction, and nothing else: neither their failures nor an early answer.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class GroupCommitTests
{
    private static readonly RecordId Anna = new("anna");

    private EmbeddedFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = EmbeddedFolder.Make();

    [TearDown]
    public void RemoveFolder() => folder.Dispose();

    [Test]
    public async Task Sixty_four_commits_at_once_are_answered_only_after_their_transaction_is_on_the_disk()
    {
        var points = 0;
        var early = 0;
        var answers = new List<Task<Outcome<CommitReceipt>>>();
        var ready = new ManualResetEventSlim(true);
        using var store = folder.Open(point =>
        {
            Interlocked.Increment(ref points);
            if (point == "before-commit")
            {
                // Held back until all 64 wait, so that the group is large, and so that an early answer would have time to be seen.
                ready.Wait(TimeSpan.FromSeconds(20));
            }
            else if (answers.Skip(1).Any(answer => answer.IsCompleted) && points <= 4)
            {
                early++;
            }
        });
        await store.Resources.CommitAsync(folder.Saying(Anna, new("Patient", "anna"), "anna"), default);
        points = 0;
        ready.Reset();
        answers.Add(Commit(store, "first"));
        await UntilAsync(() => points == 1);
        answers.AddRange(Enumerable.Range(0, 64).Select(i => Commit(store, $"w{i}")));
        ready.Set();
        await Task.WhenAll(answers);

        Assert.Multiple(() =>
        {
            Assert.That(answers.All(answer => answer.Result.IsSuccess), Is.True);
            Assert.That(early, Is.Zero, "Some were answered before their commit.");
            Assert.That(points, Is.EqualTo(4), "The 64 share one transaction, behind that of the first.");
        });
        // On the disk means: in a copy of the files as they are now.
        using var copied = Copy();
        using var again = copied.Open();
        for (var i = 0; i < 64; i++)
        {
            Assert.That(await EmbeddedFolder.FindAsync(again, "Observation", $"w{i}"), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task At_the_moment_of_an_answer_the_commit_is_in_the_files()
    {
        using var store = folder.Open();
        await store.Resources.CommitAsync(folder.Saying(Anna, new("Patient", "anna"), "anna"), default);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            (await Commit(store, $"w{i}")).OrFail();
            using var copied = Copy();
            using var again = copied.Open();
            Assert.That(await EmbeddedFolder.FindAsync(again, "Observation", $"w{i}"), Has.Count.EqualTo(1));
        }));
    }

    [Test]
    public async Task A_work_that_fails_and_one_that_throws_take_nothing_else_of_their_group_with_them()
    {
        using var held = new ManualResetEventSlim(false);
        using var database = new SqliteDatabase(folder.Database);
        using var writer = new SqliteWriter(new WriteSession(database.OpenConnection(), folder.Seal, folder.Clock), null);
        await writer.RunAsync<Done>(session => { session.Execute("CREATE TABLE t(v TEXT PRIMARY KEY)"); return new Done(); }, default);
        var first = writer.RunAsync<Done>(_ => { held.Wait(); return new Done(); }, default).AsTask();
        Task<Outcome<Done>> Insert(string value, Func<Outcome<Done>> end) => writer.RunAsync(
            session =>
            {
                session.Execute("INSERT INTO t VALUES($0)", value);
                return end();
            },
            default).AsTask();
        var before = Insert("before", () => new Done());
        var refused = Insert("refused", () => Problem.Conflict("No."));
        var thrown = Insert("thrown", () => throw new InvalidDataException("A bug."));
        var twice = Insert("before", () => new Done());
        var after = Insert("after", () => new Done());
        held.Set();
        await first;

        Assert.Multiple(() =>
        {
            Assert.That(async () => (await before).IsSuccess, Is.True);
            Assert.That(async () => (await refused).Problem!.Kind, Is.EqualTo(ProblemKind.Conflict));
            Assert.That(async () => await thrown, Throws.TypeOf<InvalidDataException>());
            Assert.That(async () => await twice, Throws.TypeOf<Microsoft.Data.Sqlite.SqliteException>());
            Assert.That(async () => (await after).IsSuccess, Is.True);
            Assert.That(database.Read(session => session.All("SELECT v FROM t ORDER BY v", row => row.GetString(0))), Is.EqualTo(new[] { "after", "before" }));
        });
    }

    [Test]
    public async Task A_commit_whose_writer_gave_up_waiting_is_whole_or_not_there()
    {
        using var held = new ManualResetEventSlim(false);
        using var store = folder.Open(point =>
        {
            if (point == "before-commit")
            {
                held.Wait();
            }
        });
        using var impatient = new CancellationTokenSource();
        var commit = store.Resources.CommitAsync(folder.Saying(Anna, new("Patient", "anna"), "anna"), impatient.Token).AsTask();
        await impatient.CancelAsync();
        held.Set();

        Assert.That((await commit).IsSuccess, Is.True, "Once queued it is waited for: the answer tells what happened.");
        Assert.That(await EmbeddedFolder.FindAsync(store, "Patient", "anna"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task A_full_database_says_so_and_goes_on_once_there_is_room()
    {
        using var database = new SqliteDatabase(folder.Database);
        var session = new WriteSession(database.OpenConnection(), folder.Seal, folder.Clock);
        using var writer = new SqliteWriter(session, null);
        await writer.RunAsync<Done>(one => { one.Execute("CREATE TABLE t(v BLOB)"); return new Done(); }, default);
        await writer.RunAsync<Done>(one => { one.Execute($"PRAGMA max_page_count = {one.Number("PRAGMA page_count") + 4}"); return new Done(); }, default);

        var large = await writer.RunAsync<Done>(one => { one.Execute("INSERT INTO t VALUES(zeroblob(200000))"); return new Done(); }, default);
        var small = await writer.RunAsync<Done>(one => { one.Execute("INSERT INTO t VALUES(zeroblob(10))"); return new Done(); }, default);
        await writer.RunAsync<Done>(one => { one.Execute("PRAGMA max_page_count = 1000000"); return new Done(); }, default);
        var later = await writer.RunAsync<Done>(one => { one.Execute("INSERT INTO t VALUES(zeroblob(200000))"); return new Done(); }, default);

        Assert.Multiple(() =>
        {
            Assert.That(large.Problem?.Kind, Is.EqualTo(ProblemKind.NoSpace));
            Assert.That(large.Problem?.RetryAfter, Is.Not.Null);
            Assert.That(small.IsSuccess, Is.True);
            Assert.That(later.IsSuccess, Is.True);
            Assert.That(database.Read(one => one.Number("SELECT COUNT(*) FROM t")), Is.EqualTo(2));
        });
    }

    /// <summary>A disk of two megabytes; as root only, for others may not mount one.</summary>
    [Test]
    public async Task On_a_full_disk_nothing_acknowledged_is_lost_and_the_store_goes_on_once_there_is_room()
    {
        var disk = Path.Combine(folder.Path, "disk");
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=2m", "none", disk) != 0)
        {
            Assert.Ignore("Only root may mount a small disk.");
        }
        try
        {
            var small = new EmbeddedFolder(Path.Combine(disk, "store"));
            var acknowledged = new List<string>();
            ProblemKind? failure = null;
            using (var store = small.Open())
            {
                await File.WriteAllBytesAsync(Path.Combine(disk, "ballast"), new byte[600_000]);
                for (var i = 0; i < 400 && failure is null; i++)
                {
                    var word = $"{i}-{new string('x', 3000)}";
                    var outcome = await store.Resources.CommitAsync(small.Saying(Anna, new("Patient", "anna"), word), default);
                    failure = outcome.Problem?.Kind;
                    if (outcome.IsSuccess)
                    {
                        acknowledged.Add(word);
                    }
                }
                Assert.That(failure, Is.EqualTo(ProblemKind.NoSpace));
                Assert.That(acknowledged, Is.Not.Empty);
                Assert.That(await EmbeddedFolder.FindAsync(store, "Patient", acknowledged[^1]), Has.Count.EqualTo(1), "Reading goes on.");
                try
                {
                    await store.Sweep.RunAsync(default);
                }
                catch (IOException)
                {
                    // A sweep that finds no room says so, and is tried again.
                }
                File.Delete(Path.Combine(disk, "ballast"));
                (await store.Resources.CommitAsync(small.Saying(Anna, new("Patient", "anna"), "there is room"), default)).OrFail();
            }
            using var again = small.Open();
            Assert.That((await EmbeddedFolder.FindAsync(again, "Patient", "there is room")), Has.Count.EqualTo(1));
            var history = await again.Resources.HistoryAsync(new("Patient", "anna"), null, 1000, Visibility.Everything, default);
            Assert.That(history!.Versions, Has.Count.EqualTo(acknowledged.Count + 1));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Test]
    public void A_disk_too_full_to_say_who_owns_the_store_is_not_taken_for_another_owner()
    {
        var disk = Path.Combine(folder.Path, "disk");
        Directory.CreateDirectory(disk);
        if (!OperatingSystem.IsLinux() || Run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk) != 0)
        {
            Assert.Ignore("Only root may mount a small disk.");
        }
        try
        {
            try
            {
                File.WriteAllBytes(Path.Combine(disk, "ballast"), new byte[100_000]);
            }
            catch (IOException)
            {
                // Full, as it shall be.
            }
            Assert.That(() => OwnerLock.Take(disk), Throws.InstanceOf<IOException>());
            File.Delete(Path.Combine(disk, "ballast"));
            Assert.That(() => OwnerLock.Take(disk).Dispose(), Throws.Nothing, "What could not be opened was let go.");
        }
        finally
        {
            Run("umount", disk);
        }
    }

    private Task<Outcome<CommitReceipt>> Commit(EmbeddedStore store, string word) =>
        store.Resources.CommitAsync(folder.Saying(Anna, new("Observation", word), word), default).AsTask();

    /// <summary>What would be found after a kill right now: the files as they are, the log first, for it grows.</summary>
    private EmbeddedFolder Copy()
    {
        var copy = EmbeddedFolder.Make();
        File.Copy(folder.Database, copy.Database);
        using var from = new FileStream(folder.Wal, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var to = File.Create(copy.Wal);
        from.CopyTo(to);
        return copy;
    }

    private static async Task UntilAsync(Func<bool> there)
    {
        var waited = Stopwatch.StartNew();
        while (!there())
        {
            Assert.That(waited.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
            await Task.Delay(5);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
