using System.ComponentModel.DataAnnotations;
using Fhir.Server.Rendering;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>Section <c>Rendered</c>: what making pictures may cost, and how much of them is kept.</summary>
public sealed class RenderedOptions
{
    /// <summary>Bytes of pictures kept in memory; 0 keeps none. Default 64 MiB.</summary>
    [Range(0, 1L << 40)]
    public long CacheBytes { get; set; } = 64L << 20;

    /// <summary>Bytes of headers of images kept in memory, so that the frames of one need not be read for each; 0 keeps none. Default 16 MiB.</summary>
    [Range(0, 1L << 40)]
    public long HeaderBytes { get; set; } = 16L << 20;

    /// <summary>How long what nobody asks for is kept. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Pictures made at once; 0, the default, for as many as there are processors.</summary>
    [Range(0, 1024)]
    public int AtOnce { get; set; }

    /// <summary>Pixels of those together; one that has more is made alone. Default 67,108,864: one of 8,192 by 8,192.</summary>
    [Range(1, long.MaxValue)]
    public long PixelsAtOnce { get; set; } = 1L << 26;

    /// <summary>Pictures that may wait to be made; more are refused with 503. Default 256.</summary>
    [Range(0, 1_000_000)]
    public int Waiting { get; set; } = 256;

    /// <summary>How long one waits before it is refused with 503. Default 20 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan WaitFor { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Pixels an image or a picture may have. Default 67,108,864.</summary>
    [Range(1, RenderOptions.PixelLimit)]
    public int PixelLimit { get; set; } = RenderOptions.PixelLimit;

    /// <summary>Frames of an animation. Default 1,000.</summary>
    [Range(1, 100_000)]
    public int AnimationFrames { get; set; } = 1000;

    /// <summary>Pixels of all frames of an animation together, of the images and of the pictures. Default 268,435,456.</summary>
    [Range(1, long.MaxValue)]
    public long AnimationPixels { get; set; } = 1L << 28;

    /// <summary>Animations of more pixels are sent while they are made, and not kept. Default 16,777,216.</summary>
    [Range(0, 1 << 28)]
    public int AnimationBuffer { get; set; } = 1 << 24;

    /// <summary>Animations sent while they are made at once; each holds a frame while its reader takes it. Default 32.</summary>
    [Range(1, 1024)]
    public int AnimationsAtOnce { get; set; } = 32;

    /// <summary>Pictures in one multipart answer. Default 10,000.</summary>
    [Range(1, 1_000_000)]
    public int PartLimit { get; set; } = 10_000;

    /// <summary>Pixels across and down a thumbnail has at most when nobody asks for a size. Default 128.</summary>
    [Range(16, 1024)]
    public int ThumbnailSize { get; set; } = 128;

    /// <summary>Pixels across and down a thumbnail may be asked for. Default 1,024.</summary>
    [Range(16, Viewport.Limit)]
    public int ThumbnailLimit { get; set; } = 1024;
}
