using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>Walks the markers of a JPEG or JPEG-LS codestream up to its first scan. ISO/IEC 10918-1 §B, ISO/IEC 14495-1 §C.</summary>
internal static class JpegHeader
{
    private const int JpegLsFrame = 0xF7;

    public static Outcome<CodestreamHeader> Read(ReadOnlySpan<byte> stream, CodestreamKind kind)
    {
        if (stream is not [0xFF, 0xD8, ..])
        {
            return Problem.Invalid("The frame is no JPEG.");
        }

        var walk = new Markers(stream[2..]);
        var colour = new JpegColour();
        CodestreamHeader? header = null;
        while (walk.Next(out var marker, out var segment))
        {
            if (marker == 0xDA)
            {
                return header is null ? Problem.Invalid("The JPEG has no frame header.") : Finish(header, colour, segment, kind);
            }

            colour.Note(marker, segment);
            if (!IsFrame(marker))
            {
                continue;
            }

            if (header is not null || marker == JpegLsFrame != (kind == CodestreamKind.JpegLs))
            {
                return Problem.Invalid("The JPEG is of another kind than the transfer syntax says.");
            }

            if (!ReadFrame(segment, marker, colour).TryGet(out header, out var problem))
            {
                return problem;
            }
        }

        return Problem.Invalid("The JPEG ends before its first scan.");
    }

    private static bool IsFrame(int marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC) or JpegLsFrame;

    private static Outcome<CodestreamHeader> ReadFrame(ReadOnlySpan<byte> segment, int marker, JpegColour colour)
    {
        if (segment.Length < 6 || segment.Length < 6 + (segment[5] * 3))
        {
            return Problem.Invalid("The frame header of the JPEG is cut off.");
        }

        var (rows, columns, components) =
            (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), segment[5]);
        if (rows == 0 || columns == 0 || components == 0 || segment[0] is < 2 or > 16)
        {
            return Problem.Invalid("The frame header of the JPEG makes no sense.");
        }

        colour.NoteFrame(marker, segment[6..], components);
        return new CodestreamHeader(rows, columns, components, segment[0], false);
    }

    private static Outcome<CodestreamHeader> Finish(CodestreamHeader header, JpegColour colour, ReadOnlySpan<byte> scan, CodestreamKind kind)
    {
        // In JPEG-LS the scan says how components alternate; one that holds only some of them is followed by others.
        var count = scan.Length > 0 ? scan[0] : 0;
        if (count == 0 || scan.Length < 4 + (count * 2))
        {
            return Problem.Invalid("The scan header of the JPEG is cut off.");
        }

        return header with
        {
            IsRgb = header.Components == 3 ? colour.IsRgb : null,
            IsByPlane = kind == CodestreamKind.JpegLs && header.Components > 1 && scan[2 + (count * 2)] == 0,
        };
    }

    /// <summary>Marker segments one after the other.</summary>
    private ref struct Markers(ReadOnlySpan<byte> rest)
    {
        private ReadOnlySpan<byte> rest = rest;

        public bool Next(out int marker, out ReadOnlySpan<byte> segment)
        {
            marker = 0;
            segment = default;
            while (rest.Length >= 2 && rest[0] == 0xFF && rest[1] is 0xFF or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                rest = rest[(rest[1] == 0xFF ? 1 : 2)..];
            }

            if (rest.Length < 4 || rest[0] != 0xFF)
            {
                return false;
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length < 2 || length + 2 > rest.Length)
            {
                return false;
            }

            marker = rest[1];
            segment = rest[4..(length + 2)];
            rest = rest[(length + 2)..];
            return true;
        }
    }
}
