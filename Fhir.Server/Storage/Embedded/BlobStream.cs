namespace Fhir.Server.Storage.Embedded;

/// <summary>A seekable, read-only stream over the content of a blob's file, which it does not own.</summary>
internal sealed class BlobStream : Stream
{
    private readonly IOpenFile file;
    private long position;

    private BlobStream(IOpenFile file, long length)
    {
        this.file = file;
        Length = length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>Opens it with a small buffer, since who reads DICOM reads a few bytes at a time; large reads go past the buffer.</summary>
    public static Stream Open(IOpenFile file, long length) => new BufferedStream(new BlobStream(file, length), 8 * 1024);

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        var read = file.Read(BlobFormat.HeaderLength + position, buffer[..Within(buffer.Length)]);
        position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<int>(cancellationToken)
            : ValueTask.FromResult(Read(buffer.Span));

    public override long Seek(long offset, SeekOrigin origin)
    {
        var start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => position,
            _ => Length,
        };
        if (start + offset < 0)
        {
            throw new IOException("A stream has nothing before its beginning.");
        }
        return position = start + offset;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    // What was written after the stream was opened lies beyond its length, and is not shown.
    private int Within(int wanted) => (int)Math.Min(wanted, Math.Max(0, Length - position));
}
