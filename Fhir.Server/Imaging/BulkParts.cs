using System.Buffers;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging;

/// <summary>One part of bulk data as it came.</summary>
/// <param name="MediaType">Its media type, lower case.</param>
/// <param name="TransferSyntax">The <c>transfer-syntax</c> its media type names; null when it names none.</param>
/// <param name="Place">Where its bytes lie among those of all parts.</param>
public sealed record BulkPart(string MediaType, string? TransferSyntax, BulkValue Place);

/// <summary>
/// The bulk data of one request, by the location metadata name them by. Their bytes lie one after the other in one upload that is never
/// completed: whatever happens, nothing is left of it.
/// </summary>
public sealed class BulkParts : IAsyncDisposable
{
    private const int BufferLength = 128 * 1024;
    private readonly IBlobUpload bytes;
    private readonly RoomWatch room;
    private readonly Dictionary<string, List<BulkPart>> parts = new(StringComparer.Ordinal);
    private readonly HashSet<string> used = new(StringComparer.Ordinal);
    private Stream? written;

    internal BulkParts(IBlobUpload bytes, RoomWatch room) => (this.bytes, this.room) = (bytes, room);

    /// <summary>A location that no metadata named; null when all were.</summary>
    public string? Unused => parts.Keys.FirstOrDefault(location => !used.Contains(location));

    /// <summary>Bytes that were named a second time and more, so that they will be written as often.</summary>
    public long Repeated { get; private set; }

    /// <summary>The bytes of all parts; only once all have been added.</summary>
    internal Stream Bytes => written ??= bytes.OpenWritten();

    /// <summary>Takes one part in. Several under one location are the frames of one value, in their order.</summary>
    /// <param name="location">Its Content-Location.</param>
    /// <param name="mediaType">Its media type, lower case.</param>
    /// <param name="transferSyntax">The transfer syntax its media type names.</param>
    /// <param name="body">Its bytes.</param>
    /// <param name="limit">More than this are refused.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<Done>> AddAsync(
        string location, string mediaType, string? transferSyntax, Stream body, long limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        var start = bytes.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            while (true)
            {
                if (!(await Intake.ReadAsync(body, buffer, 1, cancellationToken)).TryGet(out var read, out var problem))
                {
                    return problem;
                }
                if (read == 0)
                {
                    break;
                }
                if (bytes.Length - start + read > limit)
                {
                    return Problem.TooLarge($"A part may have at most {limit} bytes.");
                }
                if (room.After(read) is { } full)
                {
                    return full;
                }
                await bytes.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
        var part = new BulkPart(mediaType, transferSyntax, new BulkValue(start, bytes.Length - start));
        var key = Normal(location);
        (parts.TryGetValue(key, out var list) ? list : parts[key] = []).Add(part);
        return new Done();
    }

    /// <summary>Marks what an address in metadata names.</summary>
    public void Mark(string address)
    {
        if (!used.Add(Normal(address)))
        {
            Repeated += Named(address).Sum(part => part.Place.Length);
        }
    }

    /// <summary>The parts an address in metadata names; empty when none came under it.</summary>
    public IReadOnlyList<BulkPart> Named(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return parts.GetValueOrDefault(Normal(address)) ?? [];
    }

    /// <summary>Lets all bytes go.</summary>
    public async ValueTask DisposeAsync()
    {
        if (written is not null)
        {
            await written.DisposeAsync();
        }
        await bytes.DisposeAsync();
    }

    // Content-Location is met in angle brackets and quotes.
    private static string Normal(string location) => location.Trim().Trim('<', '>', '"');
}
