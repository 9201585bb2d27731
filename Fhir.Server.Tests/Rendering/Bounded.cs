using System.Diagnostics;

namespace Fhir.Server.Tests.Rendering;

/// <summary>Work that must end soon. The bound is generous, and a busy machine gets further tries.</summary>
internal static class Bounded
{
    private const int Tries = 3;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    /// <summary>Does it, elsewhere so that what never ends fails all the same; the quickest try counts.</summary>
    public static T Run<T>(Func<T> work)
    {
        for (var left = Tries; ; left--)
        {
            var running = Task.Run(work);
            if (running.Wait(Most))
            {
                return running.Result;
            }

            Assert.That(left, Is.GreaterThan(1), $"It takes longer than {Most.TotalSeconds} seconds.");
        }
    }

    /// <summary>Does it again when it took too long, as a busy machine makes it; the last try must do.</summary>
    public static T Retried<T>(Func<T> work, long bytes, string about)
    {
        for (var left = Tries; ; left--)
        {
            var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            var result = work();
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(bytes), about);
            if (watch.Elapsed < Most)
            {
                return result;
            }

            Assert.That(left, Is.GreaterThan(1), $"{about} takes longer than {Most.TotalSeconds} seconds.");
        }
    }
}
