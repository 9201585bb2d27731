using System.Buffers;

namespace Fhir.Server.Dicom;

/// <summary>Bytes of a stream through one rented buffer, or of memory as it is; looks ahead, skips by seeking.</summary>
internal sealed class ByteSource : IDisposable
{
    private const int BufferSize = 16 << 10;
    private const int ChunkSize = 4 << 10;
    private readonly Stream? stream;
    private readonly byte[] buffer;
    private long bufferStart;
    private int filled;
    private int at;
    private byte[] chunk = [];
    private int chunkUsed;

    public ByteSource(Stream stream)
    {
        this.stream = stream;
        buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        Length = stream.Length;
        stream.Position = 0;
    }

    public ByteSource(byte[] memory, int length)
    {
        buffer = memory;
        filled = length;
        Length = length;
    }

    public long Length { get; private set; }

    public long Position => bufferStart + at;

    /// <summary>The values taken are slices of what was given, not copies.</summary>
    public bool IsMemory => stream is null;

    /// <summary>The next bytes, as many as asked for or as there are. Good until the next call.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (filled - at < count && stream is not null)
        {
            Fill(Math.Min(count, buffer.Length));
        }

        return buffer.AsSpan(at, Math.Min(count, filled - at));
    }

    public void Skip(long count) => Seek(Position + count);

    public void Seek(long position)
    {
        var inBuffer = position - bufferStart;
        if (inBuffer >= 0 && inBuffer <= filled)
        {
            at = (int)inBuffer;
            return;
        }

        (bufferStart, filled, at) = (position, 0, 0);
    }

    /// <summary>Takes bytes out; null when the source ends before, which a length that was checked does not do.</summary>
    public Memory<byte>? Take(int count)
    {
        if (stream is null)
        {
            if (filled - at < count)
            {
                return null;
            }

            at += count;
            return buffer.AsMemory(at - count, count);
        }

        var target = Room(count);
        var copied = Math.Min(count, filled - at);
        buffer.AsSpan(at, copied).CopyTo(target.Span);
        at += copied;
        if (copied < count)
        {
            var position = Position;
            stream.Position = position;
            var rest = target.Span[copied..];
            if (stream.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length)
            {
                return null;
            }

            (bufferStart, filled, at) = (position + rest.Length, 0, 0);
        }

        return target;
    }

    public void Dispose()
    {
        if (stream is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Fill(int count)
    {
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        (bufferStart, filled, at) = (Position, filled - at, 0);
        stream!.Position = bufferStart + filled;
        while (filled < count)
        {
            var read = stream.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
            {
                Length = Math.Min(Length, bufferStart + filled);
                return;
            }

            filled += read;
        }
    }

    /// <summary>Small values share a chunk: a header of a thousand elements then costs a few arrays.</summary>
    private Memory<byte> Room(int count)
    {
        if (count > ChunkSize / 4)
        {
            return new byte[count];
        }

        if (chunk.Length - chunkUsed < count)
        {
            (chunk, chunkUsed) = (new byte[ChunkSize], 0);
        }

        chunkUsed += count;
        return chunk.AsMemory(chunkUsed - count, count);
    }
}
