using System.Collections.Concurrent;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Threads on which to wait for the disk. A sync blocks for milliseconds, and the thread pool, which is as small as the machine
/// and grows slowly, would stop answering everybody else meanwhile.
/// </summary>
internal sealed class BlobSyncThreads : IDisposable
{
    private const int Most = 16;

    private readonly BlockingCollection<Action> work = [];
    private int threads;
    private int unfinished;

    /// <summary>Does something that blocks; threads are started as they are needed, and kept.</summary>
    public Task RunAsync(Action blocking)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var needed = Interlocked.Increment(ref unfinished);
        work.Add(() => Run(blocking, done));
        StartThread(needed);
        return done.Task;
    }

    /// <summary>Lets the threads end when what was given is done.</summary>
    public void Dispose() => work.CompleteAdding();

    private void StartThread(int needed)
    {
        var running = Volatile.Read(ref threads);
        while (running < Math.Min(needed, Most))
        {
            var before = Interlocked.CompareExchange(ref threads, running + 1, running);
            if (before == running)
            {
                new Thread(Loop) { IsBackground = true, Name = "blob sync" }.Start();
                return;
            }
            running = before;
        }
    }

    private void Loop()
    {
        foreach (var run in work.GetConsumingEnumerable())
        {
            run();
        }
    }

    private void Run(Action blocking, TaskCompletionSource done)
    {
        try
        {
            blocking();
            Interlocked.Decrement(ref unfinished);
            done.SetResult();
        }
        catch (Exception failure)
        {
            Interlocked.Decrement(ref unfinished);
            done.SetException(failure);
        }
    }
}
