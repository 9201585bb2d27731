using System.Globalization;
using Fhir.Server.Consents;
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
public sealed class RenderedPictures : IChangeFollower, IDisposable
{
    private const int Tries = 30;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    private readonly TimeProvider clock;
    private readonly RenderedOptions options;
    private readonly ImageHeaders headers;
    private readonly PicturePainter painter;
    private readonly RenderGate gate;
    private readonly RenderGate sending;
    private readonly BoundedCache<RenderedPicture> kept;
    private readonly SingleFlights<Outcome<RenderedPicture>> flights = new();
    private long painted;

    internal RenderedPictures(RenderedOptions options, FrameDecoder decoder, TimeProvider clock)
    {
        (this.options, this.clock) = (options, clock);
        headers = new ImageHeaders(options, clock);
        painter = new PicturePainter(decoder, headers);
        gate = new RenderGate(options.AtOnce > 0 ? options.AtOnce : Environment.ProcessorCount, options.PixelsAtOnce, options, clock);
        sending = new RenderGate(options.AnimationsAtOnce, options.AnimationPixels, options, clock);
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

    /// <summary>Bytes of headers kept now.</summary>
    public long HeaderBytesKept => headers.BytesKept;

    /// <summary>How many pictures, or frames of animations, are being made now.</summary>
    public int BeingMade => gate.Inside;

    /// <summary>How many animations are being sent now while they are made.</summary>
    public int BeingSent => sending.Inside;

    /// <summary>
    /// The picture. <c>NotAcceptable</c> when there can be none, <c>NotFound</c> when the instance was deleted meanwhile or has no such
    /// frame, <c>Invalid</c> when it is damaged, <c>TooCostly</c> past a limit, <c>Unavailable</c> when too many are being made.
    /// </summary>
    public async ValueTask<Outcome<RenderedPicture>> RenderAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.TooCostly(options) is { } tooCostly)
        {
            return tooCostly;
        }
        if (kept.TryFind(order.Tag, out var found))
        {
            return found;
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

    /// <summary>
    /// Makes an animation and writes it frame by frame to what <paramref name="begin"/> gives once the first frame is ready; a problem before
    /// or after that. It has a place among those being made only while a frame is: a reader that does not read keeps nobody else waiting.
    /// </summary>
    public async ValueTask<Problem?> SendAsync(PictureOrder order, Func<Stream> begin, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        if (order.TooCostly(options) is { } tooCostly)
        {
            return tooCostly;
        }
        var pixels = order.AllPixels / order.Frames.Count;
        if (!(await sending.EnterAsync(pixels, cancellationToken)).TryGet(out var turn, out var busy))
        {
            return busy;
        }
        var begun = false;
        using (turn)
        {
            Interlocked.Increment(ref painted);
            return await painter.AnimateAsync(
                order,
                EnterAsync,
                () =>
                {
                    begun = true;
                    return begin();
                },
                cancellationToken);
        }

        async ValueTask<Outcome<IDisposable>> EnterAsync(CancellationToken cancel)
        {
            var entered = await gate.EnterAsync(pixels, cancel);
            // What is half sent waits longer than what can be asked for again.
            for (var i = 0; begun && !entered.IsSuccess && i < Tries; i++)
            {
                await Task.Delay(BetweenTries, clock, cancel);
                entered = await gate.EnterAsync(pixels, cancel);
            }
            return entered;
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
            kept.Keep(key, default, picture, picture.Bytes.Length, DateTimeOffset.MaxValue);
        }
        return made;
    }

    /// <summary>The images a presentation state is about; <c>NotAcceptable</c> when it is none that can be applied.</summary>
    public async ValueTask<Outcome<IReadOnlyList<StateReference>>> ReferencesAsync(PicturedInstance state, CancellationToken cancellationToken) =>
        (await painter.HeaderAsync(state, cancellationToken)).TryGet(out var header, out var problem)
            ? StateReference.Of(header.File.Dataset) : problem;

    /// <summary>The document encapsulated in an instance, or a structured report as one; <c>NotAcceptable</c> when there is none.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="mediaType">One of those it can be given as.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<EncapsulatedDocument>> DocumentAsync(PicturedInstance instance, string mediaType, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        if (!(await painter.HeaderAsync(instance, cancellationToken)).TryGet(out var header, out var problem))
        {
            return problem;
        }
        return Dicom.SopClasses.IsStructuredReport(instance.Row.SopClassUid) ? RenderedReport.Of(header.File.Dataset, mediaType) : EncapsulatedDocument.Of(header.File);
    }

    /// <summary>
    /// Drops what was made of a record or study that was erased, deleted or moved, and of one that instances were added to what was made
    /// before: one may have taken another's place. Nobody would be given it in any case, but it shall not stay in memory either.
    /// </summary>
    public void Told(ChangeEntry change)
    {
        ArgumentNullException.ThrowIfNull(change);
        foreach (var thing in change.Things)
        {
            DateTimeOffset? until = thing.Kind switch
            {
                "record-erased" or "study-deleted" or "instances-deleted" or "study-moved" => TimeProvider.System.GetUtcNow(),
                "instances" => change.At,
                _ => null,
            };
            if (until is { } moment)
            {
                var origin = new Origin(change.Record, thing.Name);
                kept.Forget(origin, moment);
                headers.Forget(origin, moment);
            }
        }
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
                kept.Keep(order.Tag, Origin.Of(order.Instance.Row), picture, picture.Bytes.Length, order.Instance.Asked);
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
        services.AddSingleton(provider => new RenderedPictures(
            provider.GetRequiredService<IOptions<RenderedOptions>>().Value, provider.GetRequiredService<FrameDecoder>(),
            provider.GetRequiredService<TimeProvider>()));
        return services.AddSingleton<IChangeFollower>(provider => provider.GetRequiredService<RenderedPictures>());
    }
}
