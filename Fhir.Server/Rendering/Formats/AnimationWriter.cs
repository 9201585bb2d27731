using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Formats;

/// <summary>What moving pictures can be written as. PS3.18 §8.7.4.</summary>
public enum AnimationFormat
{
    /// <summary>image/gif: every browser; greys without loss, colours of 256 a frame.</summary>
    Gif,

    /// <summary>image/apng: without loss.</summary>
    Apng,
}

/// <summary>
/// Writes pictures one after the other as one that moves and begins anew at its end. Nothing is kept between frames but the size, so
/// that an animation can be sent while it is made.
/// </summary>
public sealed class AnimationWriter
{
    /// <summary>Shorter ones are shown by browsers as a tenth of a second.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private readonly GifFrames? gif;
    private readonly ApngFrames? apng;
    private readonly int frames;
    private (int Width, int Height, bool IsColour)? shape;
    private int written;

    /// <summary>Begins an animation.</summary>
    /// <param name="format">What it is written as.</param>
    /// <param name="frames">How many frames it will have, at least 1.</param>
    public AnimationWriter(AnimationFormat format, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        this.frames = frames;
        if (format == AnimationFormat.Gif)
        {
            gif = new GifFrames();
        }
        else
        {
            apng = new ApngFrames(frames);
        }
    }

    /// <summary>Writes the next frame, before the first what goes before it, behind the last what ends it. All have the size and the colours of the first.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="picture">The frame; it stays its owner's.</param>
    /// <param name="duration">How long it is shown.</param>
    public Outcome<Done> Write(Stream target, Picture picture, TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(written, frames);
        var own = (picture.Width, picture.Height, picture.IsColour);
        if ((shape ??= own) != own)
        {
            return Problem.NotAcceptable("Frames of different sizes or colours do not make one animation.");
        }

        if (Math.Max(picture.Width, picture.Height) > ushort.MaxValue)
        {
            return Problem.NotAcceptable("The picture is too large for an animation.");
        }

        duration = duration < Shortest ? Shortest : duration > Longest ? Longest : duration;
        var (isFirst, isLast) = (written == 0, ++written == frames);
        gif?.Write(target, picture, duration, isFirst, isLast, frames > 1);
        apng?.Write(target, picture, duration, isFirst, isLast);
        return new Done();
    }
}
