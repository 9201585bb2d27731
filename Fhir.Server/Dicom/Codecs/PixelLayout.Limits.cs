using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <content>What decoding makes of it, and how much of it is too much.</content>
public sealed partial record PixelLayout
{
    /// <summary>A frame is in memory as a whole, so it may have this many bytes: sixteen times the largest mammogram.</summary>
    public const long FrameLimit = 256L << 20;

    /// <summary>Why a frame of this size is not decoded; null when it may be. To be asked before anything is allocated.</summary>
    internal Problem? FrameTooLarge() => (long)Rows * Columns * SamplesPerPixel * Math.Max(BitsAllocated, 8) / 8 > FrameLimit
        ? Problem.TooCostly($"A frame of {Columns} by {Rows} pixels is more than this server decodes.") : null;

    /// <summary>The same pixels with their samples side by side and chroma for each of them, as codecs give and take them.</summary>
    internal PixelLayout AsDecoded() => this with { IsPlanar = false, PhotometricInterpretation = IsSubsampled ? "YBR_FULL" : PhotometricInterpretation };
}
