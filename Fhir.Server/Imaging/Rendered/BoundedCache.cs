using System.Diagnostics.CodeAnalysis;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>
/// Keeps what was used last, up to so many bytes, and nothing that nobody asked for in a while. Safe for many threads. It knows
/// nothing of callers: who looks into it has been allowed to see what it looks for.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
internal sealed class BoundedCache<T> : IDisposable
    where T : class
{
    /// <summary>One thing may take this part of all there is, so that it does not drive out everything else.</summary>
    private const int Share = 4;

    private const int Remembered = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> entries = new(StringComparer.Ordinal);
    private readonly LinkedList<Entry> byUse = [];
    private readonly ForgottenOrigins forgotten = new(Remembered);
    private readonly long limit;
    private readonly TimeSpan keepFor;
    private readonly TimeProvider clock;
    private readonly ITimer timer;

    public BoundedCache(long limit, TimeSpan keepFor, TimeProvider clock)
    {
        (this.limit, this.keepFor, this.clock) = (limit, keepFor, clock);
        timer = clock.CreateTimer(_ => DropUnused(), null, keepFor, keepFor);
    }

    /// <summary>Bytes kept now.</summary>
    public long Bytes { get; private set; }

    public bool TryFind(string key, [NotNullWhen(true)] out T? found)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var node) || IsUnused(node.Value))
            {
                found = null;
                return false;
            }
            node.Value.Used = clock.GetTimestamp();
            byUse.Remove(node);
            byUse.AddFirst(node);
            found = node.Value.Content;
            return true;
        }
    }

    /// <summary>Keeps something; what is too large by itself is not kept, nor what was forgotten while it was made.</summary>
    /// <param name="key">What it is found by.</param>
    /// <param name="origin">What it was made of, to be forgotten by.</param>
    /// <param name="content">It.</param>
    /// <param name="bytes">What it takes.</param>
    /// <param name="asked">When the store said that what it was made of is there.</param>
    public void Keep(string key, Origin origin, T content, long bytes, DateTimeOffset asked)
    {
        if (bytes > limit / Share)
        {
            return;
        }
        lock (gate)
        {
            if (forgotten.Covers(origin, asked))
            {
                return;
            }
            if (entries.TryGetValue(key, out var before))
            {
                Drop(before);
            }
            entries[key] = byUse.AddFirst(new Entry(key, origin, content, bytes, asked) { Used = clock.GetTimestamp() });
            Bytes += bytes;
            while (Bytes > limit)
            {
                Drop(byUse.Last!);
            }
        }
    }

    /// <summary>Drops all that was made of a study or record and was asked for until a moment; what is still being made of it will not be kept.</summary>
    public void Forget(Origin origin, DateTimeOffset until)
    {
        lock (gate)
        {
            forgotten.Add(origin, until);
            foreach (var node in entries.Values.Where(node => origin.Includes(node.Value.Origin) && node.Value.Asked <= until).ToList())
            {
                Drop(node);
            }
        }
    }

    public void Dispose() => timer.Dispose();

    private void DropUnused()
    {
        lock (gate)
        {
            while (byUse.Last is { } last && IsUnused(last.Value))
            {
                Drop(last);
            }
        }
    }

    private bool IsUnused(Entry entry) => clock.GetElapsedTime(entry.Used) >= keepFor;

    private void Drop(LinkedListNode<Entry> node)
    {
        entries.Remove(node.Value.Key);
        byUse.Remove(node);
        Bytes -= node.Value.Bytes;
    }

    private sealed record Entry(string Key, Origin Origin, T Content, long Bytes, DateTimeOffset Asked)
    {
        public long Used { get; set; }
    }
}
