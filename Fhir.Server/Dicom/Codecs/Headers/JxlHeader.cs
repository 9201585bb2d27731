using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>
/// Reads size, bit depth and colour space of a JPEG XL codestream, naked or in boxes; fields are single bits, low ones first.
/// ISO/IEC 18181-1 §9, §D.
/// </summary>
internal static class JxlHeader
{
    private const int Grey = 1;
    private static readonly int[] SizeBits = [9, 13, 18, 30];
    private static readonly Problem Damaged = Problem.Invalid("The header of the JPEG XL codestream is damaged.");

    public static Outcome<CodestreamHeader> Read(ReadOnlySpan<byte> stream)
    {
        var at = FindCodestream(stream);
        if (at < 0)
        {
            return Problem.Invalid("The frame is no JPEG XL.");
        }

        var bits = new JxlBits(stream[(at + 2)..]);
        var (rows, columns) = ReadSize(ref bits);
        if (rows > 0xFFFF || columns > 0xFFFF)
        {
            return Damaged;
        }

        // All defaults: 8 bits, sRGB, kept as XYB.
        var header = bits.Flag()
            ? new CodestreamHeader((int)rows, (int)columns, 3, 8, false) { IsRgb = true }
            : ReadMetadata(ref bits, (int)rows, (int)columns);
        return bits.IsPastEnd || header is null ? Damaged : header;
    }

    private static int FindCodestream(ReadOnlySpan<byte> stream)
    {
        if (stream is [0xFF, 0x0A, ..])
        {
            return 0;
        }

        if (stream.Length < 12 || !stream[4..8].SequenceEqual("JXL "u8))
        {
            return -1;
        }

        var whole = Boxes.Find(stream, "jxlc"u8);
        if (whole < 0 && Boxes.Find(stream, "jxlp"u8) is >= 0 and var part)
        {
            whole = part + 4;
        }

        return whole >= 0 && whole + 2 <= stream.Length && stream[whole] == 0xFF && stream[whole + 1] == 0x0A ? whole : -1;
    }

    private static (long Rows, long Columns) ReadSize(ref JxlBits bits)
    {
        var isSmall = bits.Flag();
        var rows = Side(ref bits, isSmall);
        var ratio = bits.Take(3);
        var columns = ratio switch
        {
            0 => Side(ref bits, isSmall),
            1 => rows,
            2 => rows * 12 / 10,
            3 => rows * 4 / 3,
            4 => rows * 3 / 2,
            5 => rows * 16 / 9,
            6 => rows * 5 / 4,
            _ => rows * 2,
        };
        return (rows, columns);
    }

    private static long Side(ref JxlBits bits, bool isSmall) =>
        isSmall ? (bits.Take(5) + 1) * 8L : 1L + bits.Take(SizeBits[bits.Take(2)]);

    /// <summary>Told also when an ICC profile follows.</summary>
    private static int ColourSpace(ref JxlBits bits)
    {
        _ = bits.Flag();
        return bits.Take(2);
    }

    private static CodestreamHeader? ReadMetadata(ref JxlBits bits, int rows, int columns)
    {
        if (bits.Flag())
        {
            var orientation = bits.Take(3) + 1;
            var hasFurther = bits.Flag() | bits.Flag() | bits.Flag();
            if (hasFurther || orientation != 1)
            {
                // A turned image, a preview, an animation: none of them is a frame of DICOM.
                return null;
            }
        }

        if (bits.Flag())
        {
            // Floating point.
            return null;
        }

        var precision = bits.Take(2) switch { 0 => 8, 1 => 10, 2 => 12, _ => 1 + bits.Take(6) };
        _ = bits.Flag();
        if (bits.Take(2) != 0)
        {
            // Further channels.
            return null;
        }

        var isXyb = bits.Flag();
        var isGrey = !bits.Flag() && ColourSpace(ref bits) == Grey;
        return new CodestreamHeader(rows, columns, isGrey ? 1 : 3, precision, false) { IsRgb = isXyb && !isGrey ? true : null };
    }
}
