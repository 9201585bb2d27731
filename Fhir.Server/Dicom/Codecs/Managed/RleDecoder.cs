using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Managed;

/// <summary>
/// Reads the segments of an RLE frame. Each is a plane of one byte of the samples, the high byte first. Segments that end early are
/// filled up with zeros and flagged, those that run past the frame are cut. PS3.5 §G.3.
/// </summary>
internal static class RleDecoder
{
    private const int HeaderLength = 64;
    private const int MostSegments = 15;

    public static Outcome<DecodedFrame> Decode(ReadOnlySpan<byte> stream, PixelLayout layout)
    {
        if (layout is { BitsAllocated: 1, SamplesPerPixel: > 1 })
        {
            return Problem.NotAcceptable("Single bits of several samples cannot be read from RLE here.");
        }

        if (!ReadHeader(stream, layout).TryGet(out var starts, out var problem))
        {
            return problem;
        }

        return layout.BitsAllocated == 1 ? DecodeBits(stream, starts[0], layout) : DecodeSamples(stream, starts, layout);
    }

    private static Outcome<int[]> ReadHeader(ReadOnlySpan<byte> stream, PixelLayout layout)
    {
        if (stream.Length < HeaderLength)
        {
            return Problem.Invalid("The RLE frame is shorter than its header.");
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(stream);
        var wanted = (layout.BitsAllocated + 7) / 8 * layout.SamplesPerPixel;
        if (count != wanted || count > MostSegments)
        {
            return Problem.Invalid($"The RLE frame has {count} segments where {wanted} are needed.");
        }

        var starts = new int[count + 1];
        for (var i = 0; i < count; i++)
        {
            var start = BinaryPrimitives.ReadUInt32LittleEndian(stream[(4 + (i * 4))..]);
            if (start < HeaderLength || start > stream.Length || (i > 0 && start < starts[i - 1]))
            {
                return Problem.Invalid("The segments of the RLE frame do not lie within it.");
            }

            starts[i] = (int)start;
        }

        starts[count] = stream.Length;
        return starts;
    }

    private static Outcome<DecodedFrame> DecodeSamples(ReadOnlySpan<byte> stream, int[] starts, PixelLayout layout)
    {
        var width = layout.BitsAllocated / 8;
        var pixels = layout.Rows * layout.Columns;
        var bytes = new byte[(long)pixels * width * layout.SamplesPerPixel];
        var plane = new byte[pixels];
        var isCutOff = false;
        for (var segment = 0; segment < starts.Length - 1; segment++)
        {
            var filled = Expand(stream[starts[segment]..starts[segment + 1]], plane);
            plane.AsSpan(filled).Clear();
            isCutOff |= filled < pixels;

            // Planes in the codestream whatever the data set says; pixel by pixel in what is given back.
            var (sample, place) = (segment / width, segment % width);
            Spread(plane, bytes, (sample * width) + (width - 1 - place), width * layout.SamplesPerPixel);
        }

        return new DecodedFrame(bytes, layout.AsDecoded()) { IsDamaged = isCutOff };
    }

    /// <summary>Of single bits some writers make a byte each, others keep eight in one.</summary>
    private static Outcome<DecodedFrame> DecodeBits(ReadOnlySpan<byte> stream, int start, PixelLayout layout)
    {
        var pixels = layout.Rows * layout.Columns;
        var plane = new byte[pixels];
        var filled = Expand(stream[start..], plane);
        var packed = (pixels + 7) / 8;
        return filled > packed + 1 || filled == pixels
            ? new DecodedFrame(SampleShapes.PackBits(plane), layout.AsDecoded()) { IsDamaged = filled < pixels }
            : new DecodedFrame(plane.AsMemory(0, packed), layout.AsDecoded()) { IsDamaged = filled < packed };
    }

    /// <summary>Undoes the runs; how many bytes came out, at most as many as there is room for. PS3.5 §G.3.2.</summary>
    private static int Expand(ReadOnlySpan<byte> segment, Span<byte> target)
    {
        var (from, to) = (0, 0);
        while (from < segment.Length && to < target.Length)
        {
            var code = (sbyte)segment[from++];
            if (code >= 0)
            {
                var count = Math.Min(Math.Min(code + 1, segment.Length - from), target.Length - to);
                segment.Slice(from, count).CopyTo(target[to..]);
                (from, to) = (from + count, to + count);
            }
            else if (code != -128 && from < segment.Length)
            {
                var count = Math.Min(1 - code, target.Length - to);
                target.Slice(to, count).Fill(segment[from++]);
                to += count;
            }
        }

        return to;
    }

    private static void Spread(ReadOnlySpan<byte> plane, Span<byte> target, int first, int step)
    {
        if (step == 1)
        {
            plane.CopyTo(target);
            return;
        }

        for (var (i, to) = (0, first); i < plane.Length; i++, to += step)
        {
            target[to] = plane[i];
        }
    }
}
