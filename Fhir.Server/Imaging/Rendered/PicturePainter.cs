using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Colour;
using Fhir.Server.Rendering.Formats;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>Makes pictures: opens, reads what is needed of the header and of the frame, decodes, renders, writes.</summary>
internal sealed class PicturePainter(FrameDecoder decoder, ImageHeaders headers)
{
    /// <summary>One picture, or an animation, in memory.</summary>
    public async Task<Outcome<RenderedPicture>> PaintAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        if (order.Type.Moves())
        {
            using var whole = new MemoryStream();
            return await AnimateAsync(order, null, () => whole, cancellationToken) is { } failure
                ? failure : new RenderedPicture(whole.ToArray(), order.Type.MediaType(), false);
        }
        if (!(await OpenAsync(order, cancellationToken)).TryGet(out var image, out var problem))
        {
            return problem;
        }
        using (image)
        {
            if (!(await PaintAsync(image, order.Frames[0], cancellationToken)).TryGet(out var painted, out problem))
            {
                return problem;
            }
            using var picture = painted.Picture;
            return Write(picture, order, image.Header.Profile).Match<Outcome<RenderedPicture>>(
                bytes => new RenderedPicture(bytes, order.Type.MediaType(), painted.IsDamaged), failure => failure);
        }
    }

    /// <summary>
    /// An animation, written frame by frame to what <paramref name="begin"/> gives once the first is ready. A problem that comes later
    /// is told all the same: what was written until then is a torso.
    /// </summary>
    /// <param name="order">The animation.</param>
    /// <param name="enter">Gives the place in which a frame is made, which is left before it is written, for who reads may be slow; null when the caller has one.</param>
    /// <param name="begin">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Problem?> AnimateAsync(
        PictureOrder order, Func<CancellationToken, ValueTask<Outcome<IDisposable>>>? enter, Func<Stream> begin, CancellationToken cancellationToken)
    {
        var writer = new AnimationWriter(order.Type == PictureType.Gif ? AnimationFormat.Gif : AnimationFormat.Apng, order.Frames.Count);
        using var piece = new MemoryStream();
        OpenedImage? image = null;
        Stream? target = null;
        try
        {
            foreach (var frame in order.Frames)
            {
                IDisposable? place = null;
                if (enter is not null && !(await enter(cancellationToken)).TryGet(out place, out var problem))
                {
                    return problem;
                }
                using (place)
                {
                    if (image is null && !(await OpenAsync(order, cancellationToken)).TryGet(out image, out problem))
                    {
                        return problem;
                    }
                    if (await AddAsync(writer, piece, image, frame, cancellationToken) is { } failure)
                    {
                        return order.IsAnimation ? failure with { Text = $"Frame {frame + 1}: {failure.Text}" } : failure;
                    }
                }
                target ??= begin();
                await target.WriteAsync(piece.GetBuffer().AsMemory(0, (int)piece.Length), cancellationToken);
                piece.SetLength(0);
            }
            return null;
        }
        finally
        {
            image?.Dispose();
        }
    }

    private async ValueTask<Problem?> AddAsync(AnimationWriter writer, MemoryStream piece, OpenedImage image, int frame, CancellationToken cancellationToken)
    {
        if (!(await PaintAsync(image, frame, cancellationToken)).TryGet(out var painted, out var problem))
        {
            return problem;
        }
        using (painted.Picture)
        {
            return writer.Write(piece, painted.Picture, FrameTimes.Of(image.Header.File.Dataset, frame)).Problem;
        }
    }

    /// <summary>A drawn picture in place of one.</summary>
    public static Outcome<RenderedPicture> Placeholder(string word, int width, int height, PictureType type, int quality)
    {
        using var picture = Rendering.Placeholder.Of(word, width, height);
        using var content = new MemoryStream();
        if (type == PictureType.Gif)
        {
            return new AnimationWriter(AnimationFormat.Gif, 1).Write(content, picture, TimeSpan.Zero).Match<Outcome<RenderedPicture>>(
                _ => new RenderedPicture(content.ToArray(), type.MediaType(), false), failure => failure);
        }
        return PictureEncoder.Write(content, picture, type == PictureType.Jpeg ? PictureFormat.Jpeg : PictureFormat.Png, quality).Match<Outcome<RenderedPicture>>(
            _ => new RenderedPicture(content.ToArray(), type.MediaType(), false), failure => failure);
    }

    /// <summary>The header of an instance.</summary>
    public async ValueTask<Outcome<ImageHeader>> HeaderAsync(PicturedInstance instance, CancellationToken cancellationToken)
    {
        if (instance.Header is { } known)
        {
            return known;
        }
        using var content = await instance.OpenAsync(cancellationToken);
        if (content is null)
        {
            return Problem.NotFound();
        }
        using var stream = content.OpenStream();
        return headers.Of(instance, stream, cancellationToken);
    }

    private async ValueTask<Outcome<OpenedImage>> OpenAsync(PictureOrder order, CancellationToken cancellationToken)
    {
        var options = order.Look.Options;
        if (order.State is not null)
        {
            if (!(await HeaderAsync(order.State, cancellationToken)).TryGet(out var state, out var unreadable))
            {
                return unreadable;
            }
            options = options with { PresentationState = state.File.Dataset };
        }
        var content = await order.Instance.OpenAsync(cancellationToken);
        if (content is null)
        {
            return Problem.NotFound();
        }
        var stream = content.OpenStream();
        var opened = OpenedImage.Of(order, options, content, stream, headers, cancellationToken);
        if (!opened.IsSuccess)
        {
            await stream.DisposeAsync();
            content.Dispose();
        }
        return opened;
    }

    private async ValueTask<Outcome<(Picture Picture, bool IsDamaged)>> PaintAsync(OpenedImage image, int frame, CancellationToken cancellationToken)
    {
        if (!(await decoder.DecodeAsync(image.Source, frame, cancellationToken)).TryGet(out var decoded, out var problem))
        {
            return problem;
        }
        cancellationToken.ThrowIfCancellationRequested();
        return image.Renderer.Render(decoded, frame).Match<Outcome<(Picture, bool)>>(picture => (picture, decoded.IsDamaged), failure => failure);
    }

    private static Outcome<byte[]> Write(Picture picture, PictureOrder order, ReadOnlyMemory<byte> own)
    {
        var format = order.Type == PictureType.Jpeg ? PictureFormat.Jpeg : PictureFormat.Png;
        var wish = order.Look.Profile;
        if (wish == ProfileWish.None)
        {
            return Encode(picture, format, order.Look.Quality);
        }
        var hasOwn = !own.IsEmpty && picture.IsColour;
        if (wish != ProfileWish.Own && hasOwn && !ColourSpace.IsNamedSrgb(own.Span))
        {
            return Problem.Invalid("iccprofile: the image has a colour profile of its own, by which this server does not convert; ask for yes or no.");
        }
        var space = wish switch
        {
            ProfileWish.AdobeRgb => ColourSpace.AdobeRgb,
            ProfileWish.RommRgb => ColourSpace.RommRgb,
            ProfileWish.DisplayP3 => ColourSpace.DisplayP3,
            _ => ColourSpace.Srgb,
        };
        // Grey has no place for a profile of three primaries.
        using var coloured = Coloured(picture);
        space.FromSrgb(coloured.Pixels);
        return Encode(coloured, format, order.Look.Quality).Match<Outcome<byte[]>>(
            bytes => ProfileEmbedding.Add(bytes, format, wish == ProfileWish.Own && hasOwn ? own.Span : space.Profile.Span), failure => failure);
    }

    private static Picture Coloured(Picture picture)
    {
        var copy = new Picture(picture.Width, picture.Height, picture.IsColour);
        picture.Pixels.CopyTo(copy.Pixels);
        return copy.ToColour();
    }

    private static Outcome<byte[]> Encode(Picture picture, PictureFormat format, int quality)
    {
        using var content = new MemoryStream();
        return PictureEncoder.Write(content, picture, format, quality).Match<Outcome<byte[]>>(_ => content.ToArray(), failure => failure);
    }

    /// <summary>An image whose frames can be painted.</summary>
    private sealed record OpenedImage(IBlobContent Content, Stream Stream, ImageHeader Header, FrameSource Source, FrameRenderer Renderer) : IDisposable
    {
        public static Outcome<OpenedImage> Of(
            PictureOrder order, RenderOptions options, IBlobContent content, Stream stream, ImageHeaders headers, CancellationToken cancellationToken)
        {
            if (!headers.Of(order.Instance, stream, cancellationToken).TryGet(out var header, out var problem))
            {
                return problem;
            }
            if (Drawable.Refuse(header.File.Dataset, header.File.SopClassUid) is { } none)
            {
                return none;
            }
            if (!FrameSource.Of(header.File, stream).TryGet(out var source, out problem))
            {
                return problem;
            }
            return FrameRenderer.Of(header.File.Dataset, options).Match<Outcome<OpenedImage>>(
                renderer => new OpenedImage(content, stream, header, source, renderer), failure => failure);
        }

        public void Dispose()
        {
            Stream.Dispose();
            Content.Dispose();
        }
    }
}
