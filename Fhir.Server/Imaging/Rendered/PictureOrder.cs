using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;
using Fhir.Server.Rendering.Formats;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>What a picture is written as.</summary>
public enum PictureType
{
    /// <summary>image/jpeg.</summary>
    Jpeg,

    /// <summary>image/png.</summary>
    Png,

    /// <summary>image/gif; of several frames a moving one.</summary>
    Gif,

    /// <summary>image/apng; of several frames a moving one.</summary>
    Apng,
}

/// <summary>In which colours a picture is given, and whether it says so. PS3.18 §8.3.5.1.5.</summary>
public enum ProfileWish
{
    /// <summary>As they are, without a profile.</summary>
    None,

    /// <summary>As they are, with the profile of the image; without one of its own, that of sRGB.</summary>
    Own,

    /// <summary>sRGB.</summary>
    Srgb,

    /// <summary>Adobe RGB (1998).</summary>
    AdobeRgb,

    /// <summary>ROMM RGB.</summary>
    RommRgb,

    /// <summary>Display P3.</summary>
    DisplayP3,
}

/// <summary>An instance the caller may see, and the way to its bytes. Made as soon as its row is given.</summary>
/// <param name="guard">The caller's guarded record.</param>
/// <param name="row">A row that it gave.</param>
public sealed class PicturedInstance(GuardedRecord guard, InstanceRow row)
{
    /// <summary>What the index says of it.</summary>
    public InstanceRow Row => row;

    /// <summary>When the guard said that it is there.</summary>
    internal DateTimeOffset Asked { get; } = TimeProvider.System.GetUtcNow();

    /// <summary>Its header, once it was read for this request.</summary>
    internal ImageHeader? Header { get; set; }

    internal ValueTask<IBlobContent?> OpenAsync(CancellationToken cancellationToken) => guard.OpenAsync(row, cancellationToken);
}

/// <summary>How a picture shall look.</summary>
public sealed record PictureLook
{
    /// <summary>Window, viewport, captions. A presentation state is told by the order.</summary>
    public RenderOptions Options { get; init; } = RenderOptions.Default;

    /// <summary>From 1 to 100; for JPEG alone.</summary>
    public int Quality { get; init; } = PictureEncoder.DefaultQuality;

    /// <summary>Colours and profile; for JPEG and PNG alone.</summary>
    public ProfileWish Profile { get; init; }
}

/// <summary>A picture that is wanted.</summary>
/// <param name="Instance">The image.</param>
/// <param name="Frames">Its frames counted from 0, in order: one, or for GIF and APNG several.</param>
/// <param name="Look">How it shall look.</param>
/// <param name="Type">What it shall be written as.</param>
/// <param name="State">The presentation state it is shown by; null for none. The caller may see it too.</param>
public sealed record PictureOrder(
    PicturedInstance Instance, IReadOnlyList<int> Frames, PictureLook Look, PictureType Type, PicturedInstance? State = null)
{
    /// <summary>Goes up with every change of how pictures look.</summary>
    private const int RendererVersion = 1;

    private string? tag;

    /// <summary>Several frames that move.</summary>
    public bool IsAnimation => Frames.Count > 1;

    /// <summary>
    /// What the picture is made of and how, as a strong entity tag without quotes: bytes of image and state, frames, look, type and the
    /// version of the renderer. Whoever may see the image sees the same picture.
    /// </summary>
    public string Tag => tag ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text()))[..16]);

    /// <summary>Pixels of one frame of the image.</summary>
    internal long SourcePixels => (long)Instance.Row.Rows * Instance.Row.Columns;

    /// <summary>Pixels of the picture of one frame, at most.</summary>
    internal long PicturePixels => Look.Options.Viewport is { } viewport ? (long)viewport.Width * viewport.Height : SourcePixels;

    internal long AllPixels => Math.Max(SourcePixels, PicturePixels) * Frames.Count;

    /// <summary>Why it would cost too much; null when it would not.</summary>
    public Problem? TooCostly(RenderedOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (Math.Max(SourcePixels, PicturePixels) > options.PixelLimit)
        {
            return Problem.TooCostly("The image or its picture would have more pixels than this server renders.");
        }
        return IsAnimation && (Frames.Count > options.AnimationFrames || AllPixels > options.AnimationPixels)
            ? Problem.TooCostly("The animation would have more frames or pixels than this server makes; ask for fewer frames by /frames/{list}/rendered, or for a smaller viewport.")
            : null;
    }

    private string Text()
    {
        var options = Look.Options;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{RendererVersion}|{Instance.Row.Blob}|{(Frames is AllFrames all ? all.ToString() : string.Join(',', Frames))}|{Type}|{options.Window}|{options.VoiIndex}|{options.Viewport}|{options.IsInverted}|"
            + $"{options.ShowsOverlays}|{options.ShowsAnnotations}|{options.Captions}|{(Type == PictureType.Jpeg ? Look.Quality : 0)}|{Look.Profile}|{State?.Row.Blob}");
    }
}

/// <summary>A picture that was made.</summary>
/// <param name="Bytes">As it is sent.</param>
/// <param name="MediaType">Such as <c>image/jpeg</c>.</param>
/// <param name="IsDamaged">Samples of the image were missing or damaged; it shows what is left.</param>
public sealed record RenderedPicture(ReadOnlyMemory<byte> Bytes, string MediaType, bool IsDamaged);

/// <summary>Names of what pictures are written as.</summary>
public static class PictureTypes
{
    /// <summary>The media type.</summary>
    public static string MediaType(this PictureType type) => type switch
    {
        PictureType.Jpeg => "image/jpeg",
        PictureType.Png => "image/png",
        PictureType.Gif => "image/gif",
        _ => "image/apng",
    };

    internal static bool Moves(this PictureType type) => type is PictureType.Gif or PictureType.Apng;
}
