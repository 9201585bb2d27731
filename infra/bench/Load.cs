using System.Diagnostics;

namespace Bench;

/// <summary>What one round gave.</summary>
/// <param name="PerSecond">Requests a second.</param>
/// <param name="Cpu">Milliseconds of the process's processor time a request.</param>
internal sealed record Sample(double PerSecond, double Cpu);

/// <summary>Asks as fast as answers come, on a number of connections, each on a thread of its own.</summary>
internal static class Load
{
    /// <summary>Goes round and round the requests for a while.</summary>
    public static Sample Cycle(Child child, IReadOnlyList<byte[]> requests, int connections, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        return Measure(child, connections, number => watch.Elapsed < time ? requests[(int)(number % requests.Count)] : null);
    }

    /// <summary>Sends each request once.</summary>
    public static Sample Once(Child child, IReadOnlyList<byte[]> requests, int connections) =>
        Measure(child, connections, number => number < requests.Count ? requests[(int)number] : null);

    private static Sample Measure(Child child, int connections, Func<long, byte[]?> next)
    {
        var (given, answered) = (-1L, 0L);
        var failures = new List<string>();
        var cpu = child.CpuSeconds;
        var watch = Stopwatch.StartNew();
        var threads = Enumerable.Range(0, connections).Select(_ => new Thread(() =>
        {
            try
            {
                using var connection = new Connection(child.Port);
                while (next(Interlocked.Increment(ref given)) is { } request)
                {
                    if (connection.Ask(request) is var status and not (200 or 201))
                    {
                        throw new IOException($"A request was answered with {status}.");
                    }
                    Interlocked.Increment(ref answered);
                }
            }
            catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
            {
                lock (failures)
                {
                    failures.Add(failure.Message);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var seconds = watch.Elapsed.TotalSeconds;
        return failures.Count == 0
            ? new Sample(answered / seconds, (child.CpuSeconds - cpu) * 1000 / answered)
            : throw new InvalidOperationException(failures[0]);
    }
}
