using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>Reads the main header of a JPEG 2000 codestream, which may lie in a JP2 box. ISO/IEC 15444-1 §A.5.1, §A.6.1, §I.5.4.</summary>
internal static class J2kHeader
{
    private const ushort Size = 0xFF51;
    private const ushort CodingStyle = 0xFF52;
    private const ushort TilePart = 0xFF90;
    private static readonly Problem Damaged = Problem.Invalid("The header of the JPEG 2000 codestream is damaged.");

    public static Outcome<CodestreamHeader> Read(ReadOnlySpan<byte> stream)
    {
        var at = FindCodestream(stream);
        if (at < 0 || at + 2 > stream.Length)
        {
            return Problem.Invalid("The frame is no JPEG 2000.");
        }

        var rest = stream[(at + 2)..];
        CodestreamHeader? header = null;
        var isTransformed = false;
        while (rest.Length >= 4)
        {
            var (marker, length) = (BinaryPrimitives.ReadUInt16BigEndian(rest), BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
            if (marker == TilePart && header is not null)
            {
                return header with { IsTransformed = isTransformed, IsRgb = isTransformed && header.Components == 3 ? true : null };
            }

            if (marker < 0xFF00 || length < 2 || length + 2 > rest.Length)
            {
                return Damaged;
            }

            var segment = rest[4..(length + 2)];
            if (marker == Size && !ReadSize(segment).TryGet(out header, out var problem))
            {
                return problem;
            }

            isTransformed |= marker == CodingStyle && segment.Length > 4 && segment[4] == 1;
            rest = rest[(length + 2)..];
        }

        return Damaged;
    }

    /// <summary>Where the codestream begins: at once, or in the box <c>jp2c</c>; -1 when it does not.</summary>
    public static int FindCodestream(ReadOnlySpan<byte> stream)
    {
        if (stream is [0xFF, 0x4F, 0xFF, 0x51, ..])
        {
            return 0;
        }

        return stream.Length >= 12 && stream[4..8].SequenceEqual("jP  "u8) ? Boxes.Find(stream, "jp2c"u8) : -1;
    }

    private static Outcome<CodestreamHeader> ReadSize(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 36)
        {
            return Damaged;
        }

        var (width, height) = (Number(segment, 2), Number(segment, 6));
        var (left, top) = (Number(segment, 10), Number(segment, 14));
        var (tileWidth, tileHeight) = (Number(segment, 18), Number(segment, 22));
        int components = BinaryPrimitives.ReadUInt16BigEndian(segment[34..]);
        if (width <= left || height <= top || width - left > 0xFFFF || height - top > 0xFFFF || tileWidth == 0 || tileHeight == 0
            || components is 0 or > 4 || segment.Length < 36 + (components * 3))
        {
            return Damaged;
        }

        var (first, isUneven) = (segment[36], false);
        for (var i = 0; i < components; i++)
        {
            isUneven |= segment[36 + (i * 3)] != first || segment[37 + (i * 3)] != 1 || segment[38 + (i * 3)] != 1;
        }

        return new CodestreamHeader((int)(height - top), (int)(width - left), components, (first & 0x7F) + 1, (first & 0x80) != 0) { IsUneven = isUneven };
    }

    private static uint Number(ReadOnlySpan<byte> segment, int at) => BinaryPrimitives.ReadUInt32BigEndian(segment[at..]);
}
