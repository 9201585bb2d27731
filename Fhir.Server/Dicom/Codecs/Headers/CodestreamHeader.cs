using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>What a codestream says of itself, read by us before any decoder sees it.</summary>
/// <param name="Rows">Its height.</param>
/// <param name="Columns">Its width.</param>
/// <param name="Components">Samples of a pixel.</param>
/// <param name="Precision">Bits of a sample.</param>
/// <param name="IsSigned">Samples may be negative.</param>
internal sealed record CodestreamHeader(int Rows, int Columns, int Components, int Precision, bool IsSigned)
{
    /// <summary>The samples are in RGB, as the codestream says or as they become by decoding it; null when it says nothing.</summary>
    public bool? IsRgb { get; init; }

    /// <summary>The samples come in planes, component after component.</summary>
    public bool IsByPlane { get; init; }

    /// <summary>Components are kept in different sizes in a way the decoder does not undo.</summary>
    public bool IsUneven { get; init; }

    /// <summary>The components have been transformed together. ISO/IEC 15444-1 §G.</summary>
    public bool IsTransformed { get; init; }

    /// <summary>Reads the header of a codestream; a problem when it has none or a damaged one.</summary>
    public static Outcome<CodestreamHeader> Read(CodestreamKind kind, ReadOnlySpan<byte> codestream) => kind switch
    {
        CodestreamKind.Jpeg or CodestreamKind.JpegLs => JpegHeader.Read(codestream, kind),
        CodestreamKind.Jpeg2000 or CodestreamKind.HtJpeg2000 => J2kHeader.Read(codestream),
        _ => JxlHeader.Read(codestream),
    };

    /// <summary>Why it contradicts what the data set says; null when it does not.</summary>
    public Problem? Contradicts(PixelLayout layout)
    {
        if (Rows != layout.Rows || Columns != layout.Columns)
        {
            return Problem.Invalid($"The codestream is {Columns} by {Rows} pixels, the header says {layout.Columns} by {layout.Rows}.");
        }

        if (Components != layout.SamplesPerPixel)
        {
            return Problem.Invalid($"The codestream has {Components} samples a pixel, the header says {layout.SamplesPerPixel}.");
        }

        return Precision > layout.BitsAllocated
            ? Problem.Invalid($"The samples of the codestream have {Precision} bits, the header leaves room for {layout.BitsAllocated}.") : null;
    }
}
