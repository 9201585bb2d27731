using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.DicomWeb;

/// <summary>What pixels in a transfer syntax are called outside of DICOM. PS3.18 Tables 8.7.3-4 and 8.7.3-5.</summary>
internal static class FrameMediaTypes
{
    public const string OctetStream = "application/octet-stream";

    private const string Jpeg = "1.2.840.10008.1.2.4.";

    /// <summary>What pixels are converted to, where the codecs for it are at hand.</summary>
    public static IReadOnlyList<string> Made { get; } =
    [
        DicomTransferSyntax.ExplicitLittleEndian, CodecSyntaxes.HtJpeg2000Lossless, CodecSyntaxes.HtJpeg2000LosslessRpcl, CodecSyntaxes.Jpeg2000Lossless,
        CodecSyntaxes.JpegLsLossless, CodecSyntaxes.JpegLossless, CodecSyntaxes.JpegXlLossless, CodecSyntaxes.Rle,
    ];

    /// <summary>The media type of frames or of the video in a transfer syntax.</summary>
    public static string Of(string syntax) => syntax switch
    {
        Jpeg + "50" or Jpeg + "51" or Jpeg + "57" or Jpeg + "70" => "image/jpeg",
        Jpeg + "80" or Jpeg + "81" => "image/jls",
        Jpeg + "90" or Jpeg + "91" => "image/jp2",
        Jpeg + "92" or Jpeg + "93" => "image/jpx",
        Jpeg + "201" or Jpeg + "202" or Jpeg + "203" => "image/jphc",
        Jpeg + "110" or Jpeg + "111" or Jpeg + "112" => "image/jxl",
        CodecSyntaxes.Rle => "image/dicom-rle",
        Jpeg + "100" or Jpeg + "100.1" or Jpeg + "101" or Jpeg + "101.1" => "video/mpeg",
        Jpeg + "102" or Jpeg + "102.1" or Jpeg + "103" or Jpeg + "103.1" or Jpeg + "104" or Jpeg + "104.1" or Jpeg + "105" or Jpeg + "105.1"
            or Jpeg + "106" or Jpeg + "106.1" or Jpeg + "107" or Jpeg + "108" => "video/mp4",
        _ => OctetStream,
    };

    /// <summary>All names it goes by: before some were registered, clients asked by others.</summary>
    public static IReadOnlyList<string> NamesOf(string syntax) => Of(syntax) switch
    {
        "image/jls" => ["image/jls", "image/x-jls"],
        "image/jphc" => ["image/jphc", "image/jhc"],
        "image/dicom-rle" => ["image/dicom-rle", "image/x-dicom-rle"],
        var name => [name],
    };

    /// <summary>What a media type means when it comes without a transfer syntax; null when it has no default.</summary>
    public static string? DefaultSyntax(string mediaType) => mediaType switch
    {
        OctetStream => DicomTransferSyntax.ExplicitLittleEndian,
        "image/jpeg" => CodecSyntaxes.JpegLossless,
        "image/jls" or "image/x-jls" => CodecSyntaxes.JpegLsLossless,
        "image/jp2" => CodecSyntaxes.Jpeg2000Lossless,
        "image/jphc" or "image/jhc" => CodecSyntaxes.HtJpeg2000Lossless,
        "image/jxl" => CodecSyntaxes.JpegXlLossless,
        "image/dicom-rle" or "image/x-dicom-rle" => CodecSyntaxes.Rle,
        _ => null,
    };
}
