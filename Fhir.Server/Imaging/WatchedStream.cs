using System.Diagnostics;
using System.Globalization;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging;

/// <summary>The body of a request is at fault, in a way that can be told better than that it broke off.</summary>
public sealed class BodyFaultException(Problem problem) : IOException(problem.Text)
{
    /// <summary>What the sender is told.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>
/// Tells a sender that gives too little for too long. Only the time spent waiting for it counts, and each window for itself: what came fast
/// before does not pay for what trickles now.
/// </summary>
/// <param name="minimum">Bytes a second; 0 for any.</param>
/// <param name="window">Time of waiting over which they are averaged.</param>
public sealed class SlownessWatch(int minimum, TimeSpan window)
{
    private TimeSpan waited;
    private long came;

    /// <summary>To be told of each read; the problem when too little came.</summary>
    /// <param name="bytes">What it brought.</param>
    /// <param name="wait">How long it took.</param>
    public Problem? After(int bytes, TimeSpan wait)
    {
        came += bytes;
        waited += wait;
        if (waited < window)
        {
            return null;
        }
        var isSlow = came < minimum * waited.TotalSeconds;
        (came, waited) = (0, TimeSpan.Zero);
        return isSlow
            ? Problem.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"Less than {minimum} bytes a second came for {window.TotalSeconds:0.#} seconds, so the request was given up."))
            : null;
    }
}

/// <summary>A body that ends in a <see cref="BodyFaultException"/> when it is too long, or when nothing or too little comes for too long.</summary>
/// <param name="body">The body.</param>
/// <param name="limit">Bytes it may have.</param>
/// <param name="stall">How long a read may wait.</param>
/// <param name="slowness">Whether it comes too slowly.</param>
/// <param name="gone">The sender has gone; reads take this token and no other.</param>
public sealed class WatchedStream(Stream body, long limit, TimeSpan stall, SlownessWatch slowness, CancellationToken gone) : Stream
{
    private readonly CancellationTokenSource watch = CancellationTokenSource.CreateLinkedTokenSource(gone);
    private long taken;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        watch.CancelAfter(stall);
        try
        {
            var began = Stopwatch.GetTimestamp();
            var read = await body.ReadAsync(buffer, watch.Token);
            taken += read;
            if (read > 0 && slowness.After(read, Stopwatch.GetElapsedTime(began)) is { } tooSlow)
            {
                throw new BodyFaultException(tooSlow);
            }
            return taken <= limit
                ? read
                : throw new BodyFaultException(Problem.TooLarge(string.Create(CultureInfo.InvariantCulture, $"A request may have at most {limit} bytes.")));
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            throw new BodyFaultException(Problem.Invalid(string.Create(
                CultureInfo.InvariantCulture, $"Nothing came for {stall.TotalSeconds:0.#} seconds, so the request was given up.")));
        }
        finally
        {
            watch.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read without blocking.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            watch.Dispose();
        }
        base.Dispose(disposing);
    }
}
