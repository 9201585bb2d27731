using System.Buffers;
using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Managed;

/// <summary>Writes RLE frames: each row of each byte plane is coded by itself. PS3.5 §G.3.1, §G.4.</summary>
internal static class RleEncoder
{
    private const int HeaderLength = 64;
    private const int MostSegments = 15;
    private const int LongestRun = 128;

    public static Outcome<EncodedFrame> Encode(ReadOnlySpan<byte> frame, PixelLayout layout)
    {
        var width = layout.BitsAllocated / 8;
        var segments = width * layout.SamplesPerPixel;
        if (layout.BitsAllocated == 1 || layout.IsSubsampled || segments > MostSegments)
        {
            return Problem.NotAcceptable("RLE does not carry samples such as these.");
        }

        if (frame.Length != layout.FrameLength)
        {
            return Problem.Invalid("The frame is not as long as its layout says.");
        }

        var target = new ArrayBufferWriter<byte>((frame.Length / 2) + HeaderLength);
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(header, (uint)segments);
        target.Write(header);
        var pixels = layout.Rows * layout.Columns;
        var row = new byte[layout.Columns];
        for (var segment = 0; segment < segments; segment++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4 + (segment * 4)), (uint)target.WrittenCount);
            var (sample, place) = (segment / width, width - 1 - (segment % width));
            var first = layout.IsPlanar ? (sample * width * pixels) + place : (sample * width) + place;
            EncodePlane(frame[first..], layout.IsPlanar ? width : width * layout.SamplesPerPixel, layout.Rows, row, target);
        }

        var bytes = target.WrittenSpan.ToArray();
        header.CopyTo(bytes, 0);
        return new EncodedFrame(bytes, layout.AsDecoded());
    }

    private static void EncodePlane(ReadOnlySpan<byte> source, int step, int rows, byte[] row, ArrayBufferWriter<byte> target)
    {
        for (var (y, from) = (0, 0); y < rows; y++)
        {
            for (var x = 0; x < row.Length; x++, from += step)
            {
                row[x] = source[from];
            }

            EncodeRow(row, target);
        }

        if ((target.WrittenCount & 1) != 0)
        {
            target.Write<byte>([0]);
        }
    }

    private static void EncodeRow(ReadOnlySpan<byte> row, ArrayBufferWriter<byte> target)
    {
        while (!row.IsEmpty)
        {
            var run = RunOf(row);
            if (run > 1)
            {
                target.Write<byte>([(byte)(1 - run), row[0]]);
                row = row[run..];
                continue;
            }

            // Two equal bytes within others that differ cost as much as they save: three end a literal run.
            var literal = 1;
            while (literal < row.Length && literal < LongestRun && RunOf(row[literal..]) < 3)
            {
                literal++;
            }

            target.Write<byte>([(byte)(literal - 1)]);
            target.Write(row[..literal]);
            row = row[literal..];
        }
    }

    private static int RunOf(ReadOnlySpan<byte> row)
    {
        var limit = Math.Min(row.Length, LongestRun);
        var length = row[..limit].IndexOfAnyExcept(row[0]);
        return length < 0 ? limit : length;
    }
}
