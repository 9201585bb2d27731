using System.Buffers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Writes elements, in Explicit VR Little Endian, to a stream that wants to be waited for. PS3.5 §7.1.2.</summary>
internal sealed class ElementOutput(Stream target, Stream source, bool sourceIsBigEndian)
{
    private const int Chunk = 64 << 10;

    /// <summary>Where the next byte goes; only of a target that can seek.</summary>
    public long Position => target.Position;

    /// <summary>Bytes that elements take, and something before them.</summary>
    public long LengthOf(long head, TranscodedElements elements)
    {
        var writer = Writer(Stream.Null);
        return head + elements.Before.Concat(elements.After).Sum(writer.LengthOf);
    }

    public async ValueTask<Problem?> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await target.WriteAsync(bytes, cancellationToken);
        return null;
    }

    /// <summary>Writes elements; the values that were left in the source are copied piece by piece.</summary>
    public async ValueTask<Problem?> WriteAsync(IEnumerable<DicomElement> elements, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var writer = Writer(buffer);
        foreach (var element in elements)
        {
            if (element.Bulk is { Length: > Chunk } bulk)
            {
                writer.WriteHeader(element);
                await FlushAsync(buffer, cancellationToken);
                if (await CopyAsync(bulk, sourceIsBigEndian ? element.Vr.UnitSize : 1, cancellationToken) is { } cut)
                {
                    return cut;
                }
            }
            else if (writer.Write(element) is { } problem)
            {
                return problem;
            }

            if (buffer.Length > Chunk)
            {
                await FlushAsync(buffer, cancellationToken);
            }
        }

        await FlushAsync(buffer, cancellationToken);
        return null;
    }

    /// <summary>Writes again what was written before; only to a target that can seek.</summary>
    public async ValueTask RewriteAsync(long position, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var end = target.Position;
        target.Position = position;
        await target.WriteAsync(bytes, cancellationToken);
        target.Position = end;
    }

    private DatasetWriter Writer(Stream buffer) => new(buffer, isExplicit: true, new DicomWriteOptions { Source = source, SourceIsBigEndian = sourceIsBigEndian });

    private async ValueTask FlushAsync(MemoryStream buffer, CancellationToken cancellationToken)
    {
        await target.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
        buffer.SetLength(0);
    }

    private async ValueTask<Problem?> CopyAsync(BulkValue bulk, int unit, CancellationToken cancellationToken)
    {
        source.Position = bulk.Offset;
        var chunk = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var left = bulk.Length; left > 0;)
            {
                var part = chunk.AsMemory(0, (int)Math.Min(left, Chunk));
                if (await source.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, cancellationToken) < part.Length)
                {
                    return Problem.Invalid("The file is shorter than when it was read.");
                }

                ByteOrder.Turn(part.Span, unit);
                await target.WriteAsync(part, cancellationToken);
                left -= part.Length;
            }

            if ((bulk.Length & 1) != 0)
            {
                await target.WriteAsync(new byte[1], cancellationToken);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
