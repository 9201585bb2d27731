using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering;

/// <summary>How a frame shall look. The default is what the image itself asks for. PS3.18 §8.3.5.</summary>
public sealed record RenderOptions
{
    /// <summary>The most pixels a frame or a picture may have. A frame of 8,000 x 8,000 fits.</summary>
    public const int PixelLimit = 1 << 26;

    /// <summary>What the image asks for, in its own size.</summary>
    public static RenderOptions Default { get; } = new();

    /// <summary>The window to use instead of the image's own. Colour images have none.</summary>
    public VoiWindow? Window { get; init; }

    /// <summary>Which of several windows or VOI tables of the image to use, counted from 0. The last, if there are fewer.</summary>
    public int VoiIndex { get; init; }

    /// <summary>Size and part; null for all of the image in its own size, with square pixels.</summary>
    public Viewport? Viewport { get; init; }

    /// <summary>Black becomes white.</summary>
    public bool IsInverted { get; init; }

    /// <summary>Overlay planes of the image are drawn. PS3.3 §C.9.2.</summary>
    public bool ShowsOverlays { get; init; } = true;

    /// <summary>A softcopy presentation state about the image, its bulk values loaded. PS3.3 §A.33.</summary>
    public DicomDataset? PresentationState { get; init; }

    /// <summary>What is written about patient and technique. Default none, as the standard wants.</summary>
    public Captions Captions { get; init; }

    /// <summary>Text and figures of the presentation state are drawn. PS3.3 §C.10.5.</summary>
    public bool ShowsAnnotations { get; init; } = true;
}
