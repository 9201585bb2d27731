using System.Globalization;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>
/// Pictures of instances, for every door that gives some. What is wanted by many at once is made once; what was made is kept while
/// there is room; only so much is made at once. Orders name rows that <see cref="Consents.GuardedRecord"/> gave, so whoever asks may see
/// them; the key of what is kept names the bytes it was made of, so that other bytes are another picture.
/// </summary>
public sealed class RenderedPictures : IDisposable
{
    private readonly RenderedOptions options;
    private readonly ImageHeaders headers;
    private readonly PicturePainter painter;
    private readonly RenderGate gate;
    private readonly BoundedCache<RenderedPicture> kept;
    private readonly SingleFlights<Outcome<RenderedPicture>> flights = new();
    private long painted;

    internal RenderedPictures(RenderedOptions options, FrameDecoder decoder, TimeProvider clock)
    {
        this.options = options;
        headers = new ImageHeaders(options, clock);
        painter = new PicturePainter(decoder, headers);
        gate = new RenderGate(options, clock);
        kept = new BoundedCache<RenderedPicture>(options.CacheBytes, options.KeepFor, clock);
    }

    /// <summary>The limits.</summary>
    public RenderedOptions Options => options;

    /// <summary>How many pictures were begun to be made, and not found among those kept.</summary>
    public long Painted => Interlocked.Read(ref painted);

    /// <summary>How many headers were read for it.</summary>
    public long HeadersRead => headers.Read;

    /// <summary>Bytes of pictures kept now.</summary>
    public long BytesKept => kept.Bytes;

    /// <summary>
    /// The picture. <c>NotAcceptable</c> when there can be none, <c>NotFound</c> when the instance was deleted meanwhile or has no such
    /// frame, <c>Invalid</c> when it is damaged, <c>TooCostly</c> past a limit, <c>Unavailable</c> when too many are being made.
    /// </summary>
    public async ValueTask<Outcome<RenderedPicture>> RenderAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (kept.TryFind(order.Tag, out var found))
        {
            return found;
        }
        if (order.TooCostly(options) is { } tooCostly)
        {
            return tooCostly;
        }
        return IsSentWhileMade(order)
            ? Problem.TooCostly("An animation of this size is given only alone.")
            : await flights.JoinAsync(order.Tag, cancel => MakeAsync(order, cancel), cancellationToken);
    }

    /// <summary>An animation too large to be held in memory: <see cref="SendAsync"/> is for it.</summary>
    public bool IsSentWhileMade(PictureOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.IsAnimation && order.AllPixels > options.AnimationBuffer;
    }

    /// <summary>Makes an animation and writes it frame by frame to what <paramref name="begin"/> gives once the first frame is ready; a problem before or after that.</summary>
    public async ValueTask<Problem?> SendAsync(PictureOrder order, Func<Stream> begin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.TooCostly(options) is { } tooCostly)
        {
            return tooCostly;
        }
        if (!(await gate.EnterAsync(order.AllPixels / order.Frames.Count, cancellationToken)).TryGet(out var place, out var busy))
        {
            return busy;
        }
        using (place)
        {
            Interlocked.Increment(ref painted);
            return await painter.AnimateAsync(order, begin, cancellationToken);
        }
    }

    /// <summary>A drawn picture in place of one, for what has none.</summary>
    public Outcome<RenderedPicture> Placeholder(string word, int width, int height, PictureType type, int quality)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"placeholder|{word}|{width}|{height}|{type}|{quality}");
        if (kept.TryFind(key, out var found))
        {
            return found;
        }
        var made = PicturePainter.Placeholder(word, width, height, type, quality);
        if (made.TryGet(out var picture, out _))
        {
            kept.Keep(key, "", picture, picture.Bytes.Length);
        }
        return made;
    }

    /// <summary>The images a presentation state is about; <c>NotAcceptable</c> when it is none that can be applied.</summary>
    public async ValueTask<Outcome<IReadOnlyList<StateReference>>> ReferencesAsync(PicturedInstance state, CancellationToken cancellationToken) =>
        (await painter.HeaderAsync(state, cancellationToken)).TryGet(out var header, out var problem)
            ? StateReference.Of(header.File.Dataset) : problem;

    /// <summary>The document encapsulated in an instance; <c>NotAcceptable</c> when there is none.</summary>
    public async ValueTask<Outcome<EncapsulatedDocument>> DocumentAsync(PicturedInstance instance, CancellationToken cancellationToken) =>
        (await painter.HeaderAsync(instance, cancellationToken)).TryGet(out var header, out var problem)
            ? EncapsulatedDocument.Of(header.File) : problem;

    /// <summary>Drops what was made of bytes that are not served any more. Nobody is given it in any case; this only frees the memory sooner.</summary>
    public void Forget(BlobName blob)
    {
        kept.Forget(blob.Value);
        headers.Forget(blob.Value);
    }

    public void Dispose()
    {
        kept.Dispose();
        headers.Dispose();
    }

    private async Task<Outcome<RenderedPicture>> MakeAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        // It may have been made between looking and beginning.
        if (kept.TryFind(order.Tag, out var found))
        {
            return found;
        }
        if (!(await gate.EnterAsync(order.AllPixels / order.Frames.Count, cancellationToken)).TryGet(out var place, out var busy))
        {
            return busy;
        }
        using (place)
        {
            Interlocked.Increment(ref painted);
            var made = await painter.PaintAsync(order, cancellationToken);
            if (made.TryGet(out var picture, out _))
            {
                kept.Keep(order.Tag, order.Instance.Row.Blob.Value, picture, picture.Bytes.Length);
            }
            return made;
        }
    }
}

/// <summary>Registers what this folder gives.</summary>
internal static class RenderedSetup
{
    public static IServiceCollection AddRendered(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<RenderedOptions>().Bind(configuration.GetSection("Rendered")).ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton(provider => new RenderedPictures(
            provider.GetRequiredService<IOptions<RenderedOptions>>().Value, provider.GetRequiredService<FrameDecoder>(),
            provider.GetRequiredService<TimeProvider>()));
    }
}
