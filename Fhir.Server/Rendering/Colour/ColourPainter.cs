using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering.Colour;

/// <summary>Frames of three samples a pixel become red, green and blue. PS3.3 §C.7.6.3.1.2. An ICC profile is not applied.</summary>
internal static class ColourPainter
{
    /// <summary>Paints a frame whose length has been checked.</summary>
    public static Outcome<Picture> Paint(DecodedFrame frame)
    {
        var layout = frame.Layout;
        if (layout.BitsAllocated is not (8 or 16))
        {
            return Problem.NotAcceptable($"Colours of {layout.BitsAllocated} bits a sample cannot be shown.");
        }

        if (Refuse(layout) is { } problem)
        {
            return problem;
        }

        var picture = new Picture(layout.Columns, layout.Rows, true);
        if (layout.IsSubsampled)
        {
            ColourSamples.TakeSubsampled(frame.Bytes.Span, picture.Pixels);
        }
        else
        {
            ColourSamples.Take(frame, picture.Pixels);
        }

        Convert(layout.PhotometricInterpretation, picture.Pixels);
        return picture;
    }

    private static Problem? Refuse(PixelLayout layout) => layout switch
    {
        { IsSubsampled: true, BitsAllocated: not 8 } => Problem.NotAcceptable("Subsampled colours of 16 bits cannot be shown."),
        { IsSubsampled: true } when layout.Columns % 2 != 0 && layout.Rows * (long)layout.Columns % 2 != 0 =>
            Problem.Invalid("Subsampled colours need an even number of columns."),
        { PhotometricInterpretation: "YBR_PARTIAL_420" } => Problem.NotAcceptable("Colours of YBR_PARTIAL_420 occur in video only, which is not shown here."),
        { PhotometricInterpretation: "HSV" } => Problem.NotAcceptable("Colours in HSV are retired and cannot be shown."),
        _ => null,
    };

    /// <summary>RCT and ICT are undone by the decoder: what still bears their name is red, green and blue already.</summary>
    private static void Convert(string photometricInterpretation, Span<byte> pixels)
    {
        switch (photometricInterpretation)
        {
            case "YBR_FULL" or "YBR_FULL_422":
                Ybr.FromFull(pixels);
                break;
            case "YBR_PARTIAL_422":
                Ybr.FromPartial(pixels);
                break;
        }
    }
}
