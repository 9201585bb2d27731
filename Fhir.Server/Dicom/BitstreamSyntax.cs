using System.Buffers.Binary;

namespace Fhir.Server.Dicom;

/// <summary>Which transfer syntax pixel data have that come as a media type. PS3.18 §8.7.3.</summary>
public static class BitstreamSyntax
{
    private const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    private const string JpegExtended = "1.2.840.10008.1.2.4.51";
    private const string JpegLossless = "1.2.840.10008.1.2.4.57";
    private const string JpegLosslessFirstOrder = "1.2.840.10008.1.2.4.70";
    private const string JpegLs = "1.2.840.10008.1.2.4.80";
    private const string JpegLsNearLossless = "1.2.840.10008.1.2.4.81";
    private const string Jpeg2000Lossless = "1.2.840.10008.1.2.4.90";
    private const string Jpeg2000 = "1.2.840.10008.1.2.4.91";

    /// <summary>
    /// The transfer syntax of a media type: what the media type's parameter says; else what the bitstream says where the media type
    /// leaves a choice; else the default of the standard. Null for a media type that no pixel data come in.
    /// </summary>
    /// <param name="mediaType">As <c>image/jls</c>, lower case.</param>
    /// <param name="declared">The <c>transfer-syntax</c> parameter; null or <c>*</c> when it says nothing.</param>
    /// <param name="first">The first bytes; some hundred suffice.</param>
    public static string? Of(string mediaType, string? declared, ReadOnlySpan<byte> first)
    {
        ArgumentNullException.ThrowIfNull(mediaType);
        var told = mediaType switch
        {
            "application/octet-stream" => DicomTransferSyntax.ExplicitLittleEndian,
            "image/jpeg" => OfJpeg(first),
            "image/jls" or "image/x-jls" => OfJpegLs(first),
            "image/jp2" or "image/j2c" or "image/j2k" => OfJpeg2000(first),
            "image/jpx" => "1.2.840.10008.1.2.4.92",
            "image/jphc" or "image/jph" => "1.2.840.10008.1.2.4.201",
            "image/jxl" => "1.2.840.10008.1.2.4.110",
            "image/dicom-rle" or "image/x-dicom-rle" => "1.2.840.10008.1.2.5",
            "video/mpeg" or "video/mpeg2" => "1.2.840.10008.1.2.4.100",
            "video/mp4" => "1.2.840.10008.1.2.4.102",
            "video/h265" => "1.2.840.10008.1.2.4.107",
            _ => null,
        };
        return told is null || declared is null or "*" ? told : declared;
    }

    /// <summary>
    /// The range of the bitstream itself: of JP2, whose boxes do not belong into DICOM, that of its codestream (PS3.5 §A.4.4). Null when
    /// there is none in it.
    /// </summary>
    /// <param name="source">Seekable.</param>
    /// <param name="place">Where the value is.</param>
    public static BulkValue? WithoutBoxes(Stream source, BulkValue place)
    {
        ArgumentNullException.ThrowIfNull(source);
        Span<byte> head = stackalloc byte[16];
        if (Read(source, place, place.Offset, head) < 12 || !head[4..8].SequenceEqual("jP  "u8))
        {
            return place;
        }

        for (var at = place.Offset; Read(source, place, at, head) is var read && read >= 8;)
        {
            var (header, length) = ((long)8, (long)BinaryPrimitives.ReadUInt32BigEndian(head));
            if (length == 1 && read == 16)
            {
                (header, length) = (16, (long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(head[8..]), long.MaxValue));
            }

            length = length == 0 ? place.End - at : length;
            if (length < header || length > place.End - at)
            {
                return null;
            }

            if (head[4..8].SequenceEqual("jp2c"u8))
            {
                return new BulkValue(at + header, length - header);
            }

            at += length;
        }

        return null;
    }

    private static int Read(Stream source, BulkValue place, long at, Span<byte> into)
    {
        source.Position = at;
        var length = (int)Math.Clamp(place.End - at, 0, into.Length);
        return source.ReadAtLeast(into[..length], length, throwOnEndOfStream: false);
    }

    /// <summary>By the start of frame: process, and for a lossless one its predictor. ISO/IEC 10918-1 §B.2.</summary>
    private static string OfJpeg(ReadOnlySpan<byte> first)
    {
        var lossless = false;
        for (var at = 2; at + 4 <= first.Length && first[at] == 0xFF;)
        {
            var (marker, length) = (first[at + 1], BinaryPrimitives.ReadUInt16BigEndian(first[(at + 2)..]));
            switch (marker)
            {
                case 0xFF:
                    at++;
                    continue;
                case 0xC0:
                    return JpegBaseline;
                case 0xC1:
                    return JpegExtended;
                case 0xC3:
                    lossless = true;
                    break;
                case 0xDA when lossless && at + 4 < first.Length:
                    var selection = at + 5 + (2 * first[at + 4]);
                    return selection < first.Length && first[selection] == 1 ? JpegLosslessFirstOrder : JpegLossless;
            }

            at += 2 + length;
        }

        return JpegLosslessFirstOrder;
    }

    /// <summary>By NEAR in the start of scan. ISO/IEC 14495-1 §C.2.3.</summary>
    private static string OfJpegLs(ReadOnlySpan<byte> first)
    {
        for (var at = 2; at + 5 <= first.Length && first[at] == 0xFF; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(first[(at + 2)..]))
        {
            if (first[at + 1] == 0xDA)
            {
                var near = at + 5 + (2 * first[at + 4]);
                return near < first.Length && first[near] != 0 ? JpegLsNearLossless : JpegLs;
            }
        }

        return JpegLs;
    }

    /// <summary>By the wavelet of the default coding style: 1 is the reversible one. ISO/IEC 15444-1 §A.6.1.</summary>
    private static string OfJpeg2000(ReadOnlySpan<byte> first)
    {
        var start = first.IndexOf((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]);
        for (var at = start + 2; start >= 0 && at + 14 <= first.Length && first[at] == 0xFF; at += 2 + BinaryPrimitives.ReadUInt16BigEndian(first[(at + 2)..]))
        {
            if (first[at + 1] == 0x52)
            {
                return first[at + 13] == 1 ? Jpeg2000Lossless : Jpeg2000;
            }
        }

        return Jpeg2000Lossless;
    }
}
