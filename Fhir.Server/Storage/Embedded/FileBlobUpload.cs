namespace Fhir.Server.Storage.Embedded;

/// <summary>A blob being written to its temporary file.</summary>
internal sealed class FileBlobUpload(FileBlobStore store, BlobName name, BlobFolder folder, IOpenFile part) : IBlobUpload
{
    private readonly BlobWriter writer = new(part);
    private State state;

    private enum State
    {
        Open,

        /// <summary>Something failed halfway. A disk may drop what it failed to write, so trying again could succeed falsely.</summary>
        Broken,
        Complete,
        Disposed,
    }

    public BlobName Name => name;

    public long Length => writer.Length;

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        writer.Write(bytes.Span);
        state = State.Open;
        return ValueTask.CompletedTask;
    }

    /// <summary>Valid until the upload is completed or disposed.</summary>
    public Stream OpenWritten()
    {
        Begin(CancellationToken.None);
        writer.Flush();
        state = State.Open;
        return BlobStream.Open(part, writer.Length);
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Begin(cancellationToken);
        writer.Flush();
        await store.KeepAsync(name, folder, part);
        Close();
        state = State.Complete;
    }

    public ValueTask DisposeAsync()
    {
        if (state == State.Disposed)
        {
            return ValueTask.CompletedTask;
        }
        var kept = state == State.Complete;
        state = State.Disposed;
        Close();
        store.End(name, folder, kept);
        return ValueTask.CompletedTask;
    }

    // Whatever begins and does not come to its end leaves the upload broken.
    private void Begin(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(state == State.Disposed, this);
        if (state != State.Open)
        {
            throw new InvalidOperationException($"The upload of blob {name} is {(state == State.Broken ? "broken" : "complete")}.");
        }
        cancellationToken.ThrowIfCancellationRequested();
        state = State.Broken;
    }

    private void Close()
    {
        writer.Dispose();
        part.Dispose();
    }
}
