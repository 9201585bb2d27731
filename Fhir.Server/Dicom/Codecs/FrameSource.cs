using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Where the frames of an opened instance come from. The stream stays its owner's, and belongs to one reader at a time.</summary>
/// <param name="Stream">What the places count in: the file, or the inflated data set.</param>
/// <param name="TransferSyntax">What encapsulated frames are in.</param>
/// <param name="Layout">What the data set says of a frame.</param>
/// <param name="Frames">Where each frame is.</param>
/// <param name="WordLength">Bytes that are turned around because the file is big endian; 1 when none are.</param>
/// <param name="Start">Where the pixels begin; words count from there.</param>
public sealed record FrameSource(Stream Stream, string TransferSyntax, PixelLayout Layout, FrameTable Frames, int WordLength, long Start)
{
    /// <summary>The frames of a file that was read from the stream.</summary>
    public static Outcome<FrameSource> Of(DicomFile file, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.PixelData is not { } pixels)
        {
            return Problem.NotAcceptable("The instance has no pixels.");
        }

        if (!PixelLayout.Of(file.Dataset).TryGet(out var layout, out var problem))
        {
            return problem;
        }

        if (pixels.Frames is not { } frames)
        {
            return Problem.Invalid("It cannot be told where the frames of the instance are.");
        }

        // Words are what the element says, whatever the samples in them are: pixels of 8 and 32 bits lie in words of 16. PS3.5 §8.1.1.
        var vr = file.Dataset.Find(pixels.Tag) is { Vr: not DicomVr.UN } element ? element.Vr : DicomVr.OW;
        Stream source = file.IsDeflated ? AsStream(file.Inflated) : stream;
        return new FrameSource(source, file.TransferSyntax, layout, frames, pixels.IsBigEndian ? vr.UnitSize : 1, pixels.Offset);
    }

    private static MemoryStream AsStream(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false) : new MemoryStream(bytes.ToArray(), writable: false);
}
