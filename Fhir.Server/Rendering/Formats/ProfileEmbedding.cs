using System.Buffers.Binary;
using System.IO.Compression;

namespace Fhir.Server.Rendering.Formats;

/// <summary>Puts an ICC profile into a written picture. See https://www.w3.org/TR/png-3/#11iCCP and annex B.4 of ICC.1:2022.</summary>
public static class ProfileEmbedding
{
    private const int AfterPngHeader = 33;
    private const int SegmentLimit = 65_519;

    /// <summary>The picture with the profile in it.</summary>
    /// <param name="picture">PNG or JPEG as this server writes them.</param>
    /// <param name="format">Which of them.</param>
    /// <param name="profile">The profile of RGB; at most 255 segments of a JPEG long.</param>
    public static byte[] Add(ReadOnlySpan<byte> picture, PictureFormat format, ReadOnlySpan<byte> profile)
    {
        using var target = new MemoryStream(picture.Length + profile.Length + 64);
        if (format == PictureFormat.Png)
        {
            target.Write(picture[..AfterPngHeader]);
            PngChunks.Write(target, "iCCP"u8, Deflated(profile));
            target.Write(picture[AfterPngHeader..]);
            return target.ToArray();
        }

        var at = picture is [_, _, 0xFF, 0xE0, ..] ? 4 + BinaryPrimitives.ReadUInt16BigEndian(picture[4..]) : 2;
        target.Write(picture[..at]);
        WriteSegments(target, profile);
        target.Write(picture[at..]);
        return target.ToArray();
    }

    private static byte[] Deflated(ReadOnlySpan<byte> profile)
    {
        using var data = new MemoryStream();
        data.Write("ICC profile\0\0"u8);
        using (var deflate = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(profile);
        }

        return data.ToArray();
    }

    private static void WriteSegments(MemoryStream target, ReadOnlySpan<byte> profile)
    {
        var count = (profile.Length + SegmentLimit - 1) / SegmentLimit;
        Span<byte> length = stackalloc byte[2];
        for (var i = 0; i < count; i++)
        {
            var piece = profile.Slice(i * SegmentLimit, Math.Min(SegmentLimit, profile.Length - (i * SegmentLimit)));
            target.Write([0xFF, 0xE2]);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(piece.Length + 16));
            target.Write(length);
            target.Write("ICC_PROFILE\0"u8);
            target.Write([(byte)(i + 1), (byte)count]);
            target.Write(piece);
        }
    }
}
