using System.IO.Pipelines;

namespace Fhir.Server.Storage;

/// <summary>
/// Where bytes are kept. A blob is written once under a random name, durable before it may be mentioned, never changed, and swept
/// a day after it is neither mentioned by an instance nor held by an upload.
/// </summary>
public interface IBlobStore
{
    /// <summary>Begins a blob. Until the upload is disposed its blob is under lease: the sweep leaves it alone.</summary>
    ValueTask<IBlobUpload> BeginAsync(CancellationToken cancellationToken);

    /// <summary>Opens a blob for reading; null when it is not there. Offsets are those of the content, whatever the format around it.</summary>
    ValueTask<IBlobContent?> OpenAsync(BlobName name, CancellationToken cancellationToken);

    /// <summary>Whether the blob is there.</summary>
    bool Exists(BlobName name);

    /// <summary>Whether an upload still holds the blob.</summary>
    bool IsLeased(BlobName name);

    /// <summary>Blobs made before a moment, for the sweep; in no order.</summary>
    IEnumerable<BlobName> MadeBefore(DateTimeOffset moment);

    /// <summary>Bytes there is room for.</summary>
    long FreeBytes();

    /// <summary>Removes a blob; removing what is not there succeeds.</summary>
    void Delete(BlobName name);
}

/// <summary>A blob being written.</summary>
public interface IBlobUpload : IAsyncDisposable
{
    /// <summary>The name it will have.</summary>
    BlobName Name { get; }

    /// <summary>How many bytes have been written.</summary>
    long Length { get; }

    /// <summary>Writes the next bytes.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>A seekable view of what has been written so far, for looking at it before it is kept.</summary>
    Stream OpenWritten();

    /// <summary>Makes the blob durable under its name: only then may a commit mention it. Disposing before abandons it.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}

/// <summary>A blob open for reading.</summary>
public interface IBlobContent : IDisposable
{
    /// <summary>Bytes of content.</summary>
    long Length { get; }

    /// <summary>A seekable stream over the content; valid until the content is disposed.</summary>
    Stream OpenStream();

    /// <summary>Reads at an offset; returns how many bytes were read, less than asked only at the end.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> into, CancellationToken cancellationToken);

    /// <summary>Writes a range of the content, read straight into the writer's own memory.</summary>
    ValueTask CopyToAsync(long offset, long length, PipeWriter destination, CancellationToken cancellationToken);
}
