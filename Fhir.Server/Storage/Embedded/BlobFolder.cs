namespace Fhir.Server.Storage.Embedded;

/// <summary>One folder in which blobs are being made, and its syncs, which those who complete at once share.</summary>
/// <param name="path">The folder.</param>
/// <param name="sync">Makes all names that are in it when the sync begins durable.</param>
internal sealed class BlobFolder(string path, Func<Task> sync)
{
    private readonly Lock gate = new();
    private Task latest = Task.CompletedTask;
    private Task? next;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>How many uploads are in it; kept by <see cref="BlobFolders"/>.</summary>
    public int Uploads { get; set; }

    /// <summary>
    /// Makes the names now in the folder durable. A sync that is running may have passed them already, so whoever comes shares
    /// the next one.
    /// </summary>
    public Task SyncAsync()
    {
        lock (gate)
        {
            return next ??= SyncAfterAsync(latest);
        }
    }

    private async Task SyncAfterAsync(Task running)
    {
        // A failed sync fails those who waited for it, not those who come after; and nothing here may run inside the gate.
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (gate)
        {
            latest = next!;
            next = null;
        }
        await sync();
    }
}
