using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Storage;
using Microsoft.Extensions.Options;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// Where the frames of instances lie. Those used last are kept, by the bytes they are of: the frames of a cine are asked for one by one.
/// </summary>
internal sealed class FrameTables(IOptions<DicomWebOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeepFor = TimeSpan.FromMinutes(5);
    private readonly BoundedCache<FrameTable> kept = new(options.Value.FrameTableBytes, KeepFor, clock);
    private long read;

    /// <summary>How many were read, and not found among those kept.</summary>
    public long Read => Interlocked.Read(ref read);

    /// <summary>The table of an instance the guard gave; null when its frames cannot be told apart.</summary>
    public async ValueTask<FrameTable?> OfAsync(GuardedRecord guard, InstanceRow row, CancellationToken cancellationToken)
    {
        var name = row.Blob.Value;
        if (kept.TryFind(name, out var known))
        {
            return known;
        }
        Interlocked.Increment(ref read);
        var asked = clock.GetUtcNow();
        var bytes = await guard.FrameTableAsync(row, cancellationToken);
        if (bytes.Length == 0 || !FrameTable.FromBytes(bytes.Span).TryGet(out var table, out _))
        {
            return null;
        }
        kept.Keep(name, Origin.Of(row), table, table.Size, asked);
        return table;
    }

    public void Dispose() => kept.Dispose();
}
