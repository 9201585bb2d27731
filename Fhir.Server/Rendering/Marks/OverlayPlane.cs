using System.Buffers.Binary;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Rendering.Marks;

/// <summary>A plane of single bits that lies over an image. PS3.3 §C.9.2.</summary>
internal sealed class OverlayPlane
{
    private const int PlaneLimit = 16;
    private readonly ReadOnlyMemory<byte> data;
    private readonly int bit;

    private OverlayPlane(DicomDataset holder, int number, int rows, int columns, ReadOnlyMemory<byte> data, int bit)
    {
        (Number, Rows, Columns, this.data, this.bit) = (number, rows, columns, data, bit);
        var origin = holder.GetDoubles(RenderingTags.Overlay(number, 0x0050));
        (Top, Left) = origin.Count >= 2 ? (Place(origin[0]), Place(origin[1])) : (0, 0);
        IsRegion = holder.GetString(RenderingTags.Overlay(number, 0x0040)) == "R";
        Frames = holder.GetInt32(RenderingTags.Overlay(number, 0x0015));
        FirstFrame = (holder.GetInt32(RenderingTags.Overlay(number, 0x0051)) ?? 1) - 1;
        Layer = holder.GetString(RenderingTags.Overlay(number, 0x1001));
    }

    /// <summary>0 for group 6000, 15 for group 601E.</summary>
    public int Number { get; }

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Row of the image where it begins, counted from 0; may be negative.</summary>
    public int Top { get; }

    /// <summary>Column of the image where it begins.</summary>
    public int Left { get; }

    /// <summary>It marks a region, not lines and letters.</summary>
    public bool IsRegion { get; }

    /// <summary>How many frames it has; null when it lies over all alike.</summary>
    public int? Frames { get; }

    /// <summary>The frame of the image its first frame is for, counted from 0.</summary>
    public int FirstFrame { get; }

    /// <summary>The graphic layer that shows it, in a presentation state.</summary>
    public string? Layer { get; }

    /// <summary>All planes of a data set; those in unused bits of the pixels are taken from the frame. PS3.5 §8.1.2.</summary>
    public static IEnumerable<OverlayPlane> Of(DicomDataset holder, DecodedFrame? frame)
    {
        for (var number = 0; number < PlaneLimit; number++)
        {
            var rows = holder.GetInt32(RenderingTags.Overlay(number, 0x0010)) ?? 0;
            var columns = holder.GetInt32(RenderingTags.Overlay(number, 0x0011)) ?? 0;
            if (rows is < 1 or > ushort.MaxValue || columns is < 1 or > ushort.MaxValue)
            {
                continue;
            }

            if (holder.Find(RenderingTags.Overlay(number, 0x3000)) is { Value.IsEmpty: false } own)
            {
                yield return new OverlayPlane(holder, number, rows, columns, own.Value, -1);
            }
            else if (frame is not null && EmbeddedBit(holder, number, frame.Layout) is { } bit)
            {
                yield return new OverlayPlane(holder, number, frame.Layout.Rows, frame.Layout.Columns, frame.Bytes, bit);
            }
        }
    }

    /// <summary>Whether a point of the plane is set for a frame of the image.</summary>
    public bool IsSet(int row, int column, int frame)
    {
        var index = ((long)row * Columns) + column;
        if (bit >= 0)
        {
            return (BinaryPrimitives.ReadUInt16LittleEndian(data.Span[(int)(index * 2)..]) >> bit & 1) != 0;
        }

        index += Frames is > 1 ? (frame - FirstFrame) * (long)Rows * Columns : 0;
        return index >> 3 < data.Length && (data.Span[(int)(index >> 3)] >> (int)(index & 7) & 1) != 0;
    }

    /// <summary>Its rows and columns that lie over a picture of the image's own size.</summary>
    public ((int First, int End) Rows, (int First, int End) Columns) Within(Picture picture) =>
        ((Math.Max(0, -Top), Math.Min(Rows, picture.Height - Top)), (Math.Max(0, -Left), Math.Min(Columns, picture.Width - Left)));

    /// <summary>Whether it lies over a frame of the image.</summary>
    public bool IsOver(int frame) => Frames is not { } frames || (frame >= FirstFrame && frame < FirstFrame + frames) || frames <= 1;

    private static int Place(double origin) => (int)Math.Clamp(origin, -ushort.MaxValue, ushort.MaxValue) - 1;

    /// <summary>A bit beside the value. Signed values are stretched over those bits by many decoders, so theirs are not looked at.</summary>
    private static int? EmbeddedBit(DicomDataset holder, int number, PixelLayout layout) =>
        holder.GetInt32(RenderingTags.Overlay(number, 0x0102)) is { } position and >= 0 and < 16
        && layout is { BitsAllocated: 16, SamplesPerPixel: 1, IsSigned: false }
        && (position > layout.HighBit || position < layout.HighBit - layout.BitsStored + 1) ? position : null;
}
