using System.Threading.Channels;
using Fhir.Server.Outcomes;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The one writer. Works that wait at the same time share one transaction and so one sync of the log (group commit); each is set
/// apart by a savepoint, so that one that fails takes nothing else with it. A work is answered only after the commit is durable.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    private const int GroupLimit = 128;
    private const int SqliteFull = 13;
    private static readonly TimeSpan NoSpaceRetry = TimeSpan.FromMinutes(1);

    private readonly Channel<Work> queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(4096) { SingleReader = true });
    private readonly WriteSession session;
    private readonly Action<string>? reached;
    private readonly Thread thread;
    private long begun;
    private long ended;

    public SqliteWriter(WriteSession session, Action<string>? reached)
    {
        this.session = session;
        this.reached = reached;
        thread = new Thread(Loop) { IsBackground = true, Name = "store writer" };
        thread.Start();
    }

    /// <summary>Transactions begun so far, of which the last may not be visible yet.</summary>
    public long Begun => Interlocked.Read(ref begun);

    /// <summary>Whether no transaction is under way; what <see cref="Begun"/> counted before is then visible to whoever reads.</summary>
    public bool IsQuiet => Interlocked.Read(ref ended) == Begun;

    /// <summary>Runs a work in the next group; a <see cref="Problem"/> undoes it.</summary>
    public async ValueTask<Outcome<T>> RunAsync<T>(Func<WriteSession, Outcome<T>> work, CancellationToken cancellationToken)
    {
        var item = new Work<T>(work);
        await queue.Writer.WriteAsync(item, cancellationToken);
        // Once queued it may be committed: the answer is waited for, whoever has gone away meanwhile.
        return await item.Answer.Task;
    }

    public void Dispose()
    {
        queue.Writer.TryComplete();
        thread.Join();
        session.Dispose();
    }

    private void Loop()
    {
        var group = new List<Work>(GroupLimit);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < GroupLimit && queue.Reader.TryRead(out var next))
            {
                group.Add(next);
            }
            if (group.Count > 0)
            {
                RunGroup(group);
                group.Clear();
            }
        }
    }

    private void RunGroup(List<Work> group)
    {
        Interlocked.Increment(ref begun);
        try
        {
            session.Execute("BEGIN IMMEDIATE");
            foreach (var work in group)
            {
                RunOne(work);
            }
            reached?.Invoke("before-commit");
            session.Execute("COMMIT");
            reached?.Invoke("after-commit");
        }
        catch (Exception failure)
        {
            // The whole group is undone and each of its works is told: none of them is acknowledged.
            session.Undo();
            foreach (var work in group)
            {
                work.Fail(Explain(failure), failure);
            }
            return;
        }
        finally
        {
            Interlocked.Increment(ref ended);
        }
        foreach (var work in group)
        {
            work.Complete();
        }
    }

    private void RunOne(Work work)
    {
        session.Execute("SAVEPOINT work");
        bool keep;
        try
        {
            keep = work.Run(session);
        }
        catch (Exception failure) when (session.InTransaction)
        {
            work.Spoil(Explain(failure), failure);
            keep = false;
        }
        if (!keep)
        {
            session.Execute("ROLLBACK TO work");
            session.ForgetCaches();
        }
        session.Execute("RELEASE work");
    }

    private static Problem? Explain(Exception failure) => failure is SqliteException { SqliteErrorCode: SqliteFull }
        ? Problem.NoSpace("There is no room left to store this.", NoSpaceRetry)
        : null;

    private abstract class Work
    {
        public abstract bool Run(WriteSession session);

        public abstract void Spoil(Problem? problem, Exception failure);

        public abstract void Fail(Problem? problem, Exception failure);

        public abstract void Complete();
    }

    private sealed class Work<T>(Func<WriteSession, Outcome<T>> work) : Work
    {
        private Outcome<T> outcome;
        private Exception? spoiled;

        public TaskCompletionSource<Outcome<T>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool Run(WriteSession session)
        {
            outcome = work(session);
            return outcome.IsSuccess;
        }

        public override void Spoil(Problem? problem, Exception failure)
        {
            if (problem is null)
            {
                spoiled = failure;
            }
            else
            {
                outcome = problem;
            }
        }

        public override void Fail(Problem? problem, Exception failure)
        {
            if (problem is null)
            {
                Answer.SetException(spoiled ?? failure);
            }
            else
            {
                Answer.SetResult(problem);
            }
        }

        public override void Complete()
        {
            if (spoiled is null)
            {
                Answer.SetResult(outcome);
            }
            else
            {
                Answer.SetException(spoiled);
            }
        }
    }
}
