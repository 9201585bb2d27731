using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Colour;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>What was read of an image once for all its pictures: its data set with tables and overlays, and its colour profile.</summary>
/// <param name="File">The header; nothing of it is changed any more.</param>
/// <param name="Profile">The ICC profile of its colours; empty when it has none of RGB.</param>
internal sealed record ImageHeader(DicomFile File, ReadOnlyMemory<byte> Profile);

/// <summary>Reads headers, and keeps those used last: the frames of a cine are asked for one by one.</summary>
internal sealed class ImageHeaders(RenderedOptions options, TimeProvider clock) : IDisposable
{
    private const int ProfileLimit = 1 << 22;

    /// <summary>A header in memory takes several times its bytes in the file.</summary>
    private const int Unfolding = 4;

    private static readonly DicomTag ICCProfile = new(0x00282000);
    private static readonly DicomTag OpticalPathSequence = new(0x00480105);
    private readonly BoundedCache<ImageHeader> kept = new(options.HeaderBytes, options.KeepFor, clock);
    private long read;

    /// <summary>How many were read, and not found among those kept.</summary>
    public long Read => Interlocked.Read(ref read);

    /// <summary>The header of an instance whose bytes are open.</summary>
    public Outcome<ImageHeader> Of(PicturedInstance instance, Stream stream, CancellationToken cancellationToken)
    {
        var name = instance.Row.Blob.Value;
        if (instance.Header is { } known || kept.TryFind(name, out known))
        {
            instance.Header = known;
            return known;
        }
        Interlocked.Increment(ref read);
        stream.Position = 0;
        if (!Part10Reader.Read(stream, cancellationToken: cancellationToken).TryGet(out var file, out var problem))
        {
            return problem;
        }
        var element = file.Dataset.Find(ICCProfile)
            ?? (file.Dataset.Items(OpticalPathSequence) is [var path, ..] ? path.Find(ICCProfile) : null);
        var profile = element is { Fragments: null, Items: null } && file.Load(element, stream, ProfileLimit).TryGet(out var bytes, out _)
            ? TrimmedOf(bytes) : default;
        if (RenderingParts.Load(file, stream).Problem is { } unreadable)
        {
            return unreadable;
        }
        var header = new ImageHeader(file, profile);
        kept.Keep(name, Origin.Of(instance.Row), header, CostOf(file, profile), instance.Asked);
        instance.Header = header;
        return header;
    }

    /// <summary>Bytes of headers kept now.</summary>
    public long BytesKept => kept.Bytes;

    /// <summary>Drops headers of what is gone.</summary>
    public void Forget(Origin origin, DateTimeOffset until) => kept.Forget(origin, until);

    public void Dispose() => kept.Dispose();

    private static long CostOf(DicomFile file, ReadOnlyMemory<byte> profile) => file.IsDeflated
        ? file.Inflated.Length * 2L
        : ((file.PixelData?.Offset ?? file.Length) * Unfolding) + profile.Length + ((file.PixelData?.Frames?.Count ?? 0) * 32L);

    /// <summary>An element has an even length; the profile says its own.</summary>
    private static ReadOnlyMemory<byte> TrimmedOf(ReadOnlyMemory<byte> bytes)
    {
        if (ColourSpace.IsProfileOfRgb(bytes.Span))
        {
            return bytes;
        }
        return bytes.Length > 0 && ColourSpace.IsProfileOfRgb(bytes.Span[..^1]) ? bytes[..^1] : default;
    }
}
