using System.IO.Pipelines;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>The bytes of a part of an answer.</summary>
internal abstract class PartContent
{
    /// <summary>How many; null when only writing them tells.</summary>
    public abstract long? Length { get; }

    /// <summary>Whether any range can be given by itself, again and again, which needs a known length.</summary>
    public virtual bool HasRanges => true;

    /// <summary>Writes all of it.</summary>
    public ValueTask CopyAsync(PipeWriter output, CancellationToken cancellationToken) => CopyAsync(output, 0, Length ?? 0, cancellationToken);

    /// <summary>Writes a range; only all of it when there are no ranges.</summary>
    public abstract ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken);
}

/// <summary>Ranges of an instance's stored bytes, one after the other, copied without being looked at.</summary>
internal sealed class StoredContent(GuardedRecord guard, InstanceRow row, IReadOnlyList<BulkValue> ranges) : PartContent
{
    public StoredContent(GuardedRecord guard, InstanceRow row)
        : this(guard, row, [new BulkValue(0, row.Length)])
    {
    }

    public override long? Length { get; } = ranges.Sum(range => range.Length);

    public override async ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken)
    {
        using var content = await guard.OpenAsync(row, cancellationToken) ?? throw new IOException("An instance was deleted while it was being sent.");
        foreach (var range in ranges)
        {
            var taken = Math.Min(length, range.Length - offset);
            if (taken > 0)
            {
                await content.CopyToAsync(range.Offset + offset, taken, output, cancellationToken);
                length -= taken;
            }
            offset = Math.Max(0, offset - range.Length);
        }
    }
}

/// <summary>A range of stored words whose bytes are turned around.</summary>
internal sealed class TurnedContent(GuardedRecord guard, InstanceRow row, BulkValue range, int unit) : PartContent
{
    private const int BufferLength = 128 * 1024;

    public override long? Length => range.Length;

    public override async ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken)
    {
        using var content = await guard.OpenAsync(row, cancellationToken) ?? throw new IOException("An instance was deleted while it was being sent.");
        var buffer = new byte[BufferLength];
        // Words are turned whole, whatever part of the first and the last is wanted.
        for (var at = offset / unit * unit; at < offset + length;)
        {
            var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, range.Length - at));
            if (await content.ReadAsync(range.Offset + at, piece, cancellationToken) < piece.Length)
            {
                throw new EndOfStreamException("A blob has become shorter while it was read.");
            }
            ByteOrder.Turn(piece.Span, unit);
            var skip = (int)Math.Max(0, offset - at);
            await output.WriteAsync(piece[skip..(int)Math.Min(piece.Length, offset + length - at)], cancellationToken);
            at += piece.Length;
        }
    }
}

/// <summary>Bytes in memory.</summary>
internal sealed class HeldContent(ReadOnlyMemory<byte> bytes) : PartContent
{
    public override long? Length => bytes.Length;

    public override async ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken) =>
        await output.WriteAsync(bytes.Slice((int)offset, (int)length), cancellationToken);
}

/// <summary>Bytes that must be prepared before they can be sent, and whose number is known beforehand.</summary>
internal sealed class LoadedContent(long length, Func<CancellationToken, ValueTask<ReadOnlyMemory<byte>>> load) : PartContent
{
    public override long? Length => length;

    public override async ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken) =>
        await output.WriteAsync((await load(cancellationToken)).Slice((int)offset, (int)length), cancellationToken);
}

/// <summary>Bytes that are made while they are sent, once and from the beginning.</summary>
internal sealed class WrittenContent(long? length, Func<PipeWriter, CancellationToken, ValueTask> write) : PartContent
{
    public override long? Length => length;

    public override bool HasRanges => false;

    public override ValueTask CopyAsync(PipeWriter output, long offset, long length, CancellationToken cancellationToken) => write(output, cancellationToken);
}
