using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Storage;

/// <summary>What every store of jobs promises.</summary>
public abstract class JobStoreContract
{
    private const int Limit = 3;

    /// <summary>The clock of the store.</summary>
    protected FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 2, 14, 9, 30, 0, TimeSpan.Zero));

    /// <summary>The store as it is now.</summary>
    protected abstract IJobStore Jobs { get; }

    /// <summary>Closes the store and opens it again on the same data.</summary>
    protected abstract void Reopen();

    private async Task AddAsync(params string[] ids)
    {
        foreach (var id in ids)
        {
            Assert.That((await Jobs.AddAsync(new NewJob(id, "count", "me", "{}"), Limit, default)).Problem, Is.Null);
        }
    }

    [Test]
    public async Task Jobs_are_taken_in_order_and_a_running_one_again_with_its_position_after_a_reopening()
    {
        await AddAsync("a", "b");
        Assert.That((await Jobs.TakeAsync(default))!.Job.Id, Is.EqualTo("a"));
        Assert.That(await Jobs.SaveAsync("a", "17", "17 of 20", default), Is.True);
        Reopen();
        var again = (await Jobs.TakeAsync(default))!;
        Assert.That((again.Job, again.State, again.Position, again.Progress), Is.EqualTo((new NewJob("a", "count", "me", "{}"), JobState.Running, "17", "17 of 20")));
        Assert.That(await Jobs.CompleteAsync("a", [1, 2], default), Is.True);
        Reopen();
        Assert.That((await Jobs.FindAsync("a", default))!.Result, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That((await Jobs.TakeAsync(default))!.Job.Id, Is.EqualTo("b"));
    }

    [Test]
    public async Task A_cancelled_job_neither_goes_on_nor_ends_otherwise()
    {
        await AddAsync("a");
        await Jobs.TakeAsync(default);
        Assert.That((await Jobs.CancelAsync("a", default)).Value, Is.True);
        Assert.That(await Jobs.SaveAsync("a", "1", "", default), Is.False);
        Assert.That(await Jobs.CompleteAsync("a", [1], default), Is.False);
        Assert.That(await Jobs.FailAsync("a", null, default), Is.False);
        Assert.That((await Jobs.CancelAsync("a", default)).Value, Is.False);
        Assert.That(await Jobs.TakeAsync(default), Is.Null);
    }

    [Test]
    public async Task What_has_ended_is_kept_for_a_day()
    {
        await AddAsync("a");
        await Jobs.TakeAsync(default);
        await Jobs.FailAsync("a", Problem.TooCostly("Too much."), default);
        Clock.Advance(IJobStore.KeptFor - TimeSpan.FromSeconds(1));
        Assert.That((await Jobs.FindAsync("a", default))!.Failure, Is.EqualTo(Problem.TooCostly("Too much.")));
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await Jobs.FindAsync("a", default), Is.Null);
    }

    [Test]
    public async Task No_more_wait_than_the_limit()
    {
        await AddAsync("a", "b", "c");
        Assert.That((await Jobs.AddAsync(new NewJob("d", "count", "me", "{}"), Limit, default)).Problem?.Kind, Is.EqualTo(ProblemKind.TooMany));
        await Jobs.CancelAsync("a", default);
        await AddAsync("d");
    }
}

/// <summary>SQLite passes it.</summary>
[TestFixture]
public sealed class SqliteJobStoreTests : JobStoreContract
{
    private string folder = null!;
    private EmbeddedStore store = null!;

    protected override IJobStore Jobs => store.Jobs;

    [SetUp]
    public void Open()
    {
        folder = Directory.CreateTempSubdirectory("phr-jobs-").FullName;
        store = OpenStore();
    }

    [TearDown]
    public void Close()
    {
        store.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    protected override void Reopen()
    {
        store.Dispose();
        store = OpenStore();
    }

    private EmbeddedStore OpenStore() => new(
        folder, new FakeProjection(), new TestSeal(), Clock, path => new FileBlobStore(path, new DiskFileLayer(), Clock), NullLogger.Instance);
}
