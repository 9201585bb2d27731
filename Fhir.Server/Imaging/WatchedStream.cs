using System.Globalization;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging;

/// <summary>The body of a request is at fault, in a way that can be told better than that it broke off.</summary>
public sealed class BodyFaultException(Problem problem) : IOException(problem.Text)
{
    /// <summary>What the sender is told.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>A body that ends in a <see cref="BodyFaultException"/> when it is too long, or when nothing comes for too long.</summary>
/// <param name="body">The body.</param>
/// <param name="limit">Bytes it may have.</param>
/// <param name="stall">How long a read may wait.</param>
/// <param name="gone">The sender has gone; reads take this token and no other.</param>
public sealed class WatchedStream(Stream body, long limit, TimeSpan stall, CancellationToken gone) : Stream
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
            var read = await body.ReadAsync(buffer, watch.Token);
            taken += read;
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
