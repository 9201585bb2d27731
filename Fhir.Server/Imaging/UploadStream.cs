using Fhir.Server.Storage;

namespace Fhir.Server.Imaging;

/// <summary>
/// Lets a writer that knows streams write into an upload; a <see cref="NoRoomException"/> ends it when the disk fills up. It blocks where the
/// upload waits, so it belongs on a thread of its own.
/// </summary>
internal sealed class UploadStream(IBlobUpload upload, RoomWatch room, CancellationToken cancellationToken) : Stream
{
    private const int PieceLength = 64 * 1024;
    private readonly byte[] piece = new byte[PieceLength];
    private int filled;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var taken = Math.Min(buffer.Length, PieceLength - filled);
            buffer[..taken].CopyTo(piece.AsSpan(filled));
            filled += taken;
            buffer = buffer[taken..];
            if (filled == PieceLength)
            {
                Flush();
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (room.After(filled) is { } full)
        {
            throw new NoRoomException(full);
        }
        upload.WriteAsync(piece.AsMemory(0, filled), cancellationToken).AsTask().GetAwaiter().GetResult();
        filled = 0;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
