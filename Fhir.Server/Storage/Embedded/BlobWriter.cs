using System.Buffers;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Writes header and content of a blob to its file, gathering small pieces in one pooled buffer.</summary>
internal sealed class BlobWriter(IOpenFile file) : IDisposable
{
    private const int BufferSize = 128 * 1024;

    private byte[]? buffer;
    private int filled;
    private long written;

    /// <summary>Bytes of content given so far.</summary>
    public long Length { get; private set; }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Begin();
        while (!bytes.IsEmpty)
        {
            var taken = Take(bytes);
            bytes = bytes[taken..];
            Length += taken;
        }
    }

    /// <summary>Hands everything given so far to the file.</summary>
    public void Flush()
    {
        Begin();
        if (filled > 0)
        {
            file.Write(written, buffer.AsSpan(0, filled));
            written += filled;
            filled = 0;
        }
    }

    public void Dispose()
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private void Begin()
    {
        if (buffer is null)
        {
            buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            BlobFormat.WriteHeader(buffer);
            filled = BlobFormat.HeaderLength;
        }
    }

    private int Take(ReadOnlySpan<byte> bytes)
    {
        if (filled == 0 && bytes.Length >= BufferSize)
        {
            file.Write(written, bytes);
            written += bytes.Length;
            return bytes.Length;
        }
        var taken = Math.Min(bytes.Length, BufferSize - filled);
        bytes[..taken].CopyTo(buffer.AsSpan(filled));
        filled += taken;
        if (filled == BufferSize)
        {
            Flush();
        }
        return taken;
    }
}
