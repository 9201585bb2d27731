using System.IO.Pipelines;

namespace Fhir.Server.Storage.Embedded;

/// <summary>A blob's file open for reading.</summary>
internal sealed class FileBlobContent : IBlobContent
{
    private const int PieceLength = 64 * 1024;

    private readonly IOpenFile file;

    private FileBlobContent(IOpenFile file)
    {
        this.file = file;
        Length = file.Length - BlobFormat.HeaderLength;
    }

    public long Length { get; }

    /// <summary>Takes the file over; throws <see cref="InvalidDataException"/> when its format is not known.</summary>
    public static FileBlobContent Open(IOpenFile file, BlobName name)
    {
        try
        {
            Span<byte> header = stackalloc byte[BlobFormat.HeaderLength];
            BlobFormat.Check(header[..file.Read(0, header)], name);
            return new FileBlobContent(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public Stream OpenStream() => BlobStream.Open(file, Length);

    public ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(file.Read(BlobFormat.HeaderLength + offset, into.Span));
    }

    public async ValueTask CopyToAsync(long offset, long length, PipeWriter destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length - offset);
        var end = offset + length;
        while (offset < end)
        {
            var piece = destination.GetMemory((int)Math.Min(PieceLength, end - offset));
            piece = piece[..(int)Math.Min(piece.Length, end - offset)];
            if (file.Read(BlobFormat.HeaderLength + offset, piece.Span) < piece.Length)
            {
                throw new EndOfStreamException("A blob has become shorter while it was read.");
            }
            destination.Advance(piece.Length);
            offset += piece.Length;
            // Who asked has gone away: the rest is not read.
            if ((await destination.FlushAsync(cancellationToken)).IsCompleted)
            {
                return;
            }
        }
    }

    public void Dispose() => file.Dispose();
}
