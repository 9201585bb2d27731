namespace Fhir.Server.Dicom.Codecs;

/// <summary>The transfer syntaxes of compressed frames this server speaks of by name. PS3.5 Annex A, PS3.6 Annex A.</summary>
public static class CodecSyntaxes
{
    /// <summary>Frames as they are, in fragments. PS3.5 §A.4.11.</summary>
    public const string EncapsulatedUncompressed = "1.2.840.10008.1.2.1.98";

    /// <summary>Each frame deflated. PS3.5 §A.4.13.</summary>
    public const string DeflatedFrame = "1.2.840.10008.1.2.8.1";

    /// <summary>RLE. PS3.5 Annex G.</summary>
    public const string Rle = "1.2.840.10008.1.2.5";

    /// <summary>JPEG baseline, 8 bits, lossy.</summary>
    public const string JpegBaseline = "1.2.840.10008.1.2.4.50";

    /// <summary>JPEG extended, 8 and 12 bits, lossy.</summary>
    public const string JpegExtended = "1.2.840.10008.1.2.4.51";

    /// <summary>JPEG lossless with the first predictor.</summary>
    public const string JpegLossless = "1.2.840.10008.1.2.4.70";

    /// <summary>JPEG-LS without loss.</summary>
    public const string JpegLsLossless = "1.2.840.10008.1.2.4.80";

    /// <summary>JPEG 2000 without loss.</summary>
    public const string Jpeg2000Lossless = "1.2.840.10008.1.2.4.90";

    /// <summary>High-Throughput JPEG 2000 without loss.</summary>
    public const string HtJpeg2000Lossless = "1.2.840.10008.1.2.4.201";

    /// <summary>The same, resolution by resolution (RPCL).</summary>
    public const string HtJpeg2000LosslessRpcl = "1.2.840.10008.1.2.4.202";

    /// <summary>JPEG XL without loss.</summary>
    public const string JpegXlLossless = "1.2.840.10008.1.2.4.110";

    /// <summary>A JPEG kept within JPEG XL.</summary>
    public const string JpegXlRecompression = "1.2.840.10008.1.2.4.111";

    /// <summary>Which kind of codestream frames of the syntax are; null when none this server knows.</summary>
    public static CodestreamKind? KindOf(string transferSyntaxUid) => transferSyntaxUid switch
    {
        JpegBaseline or JpegExtended or JpegLossless or "1.2.840.10008.1.2.4.52" or "1.2.840.10008.1.2.4.53" or "1.2.840.10008.1.2.4.54"
            or "1.2.840.10008.1.2.4.55" or "1.2.840.10008.1.2.4.56" or "1.2.840.10008.1.2.4.57" => CodestreamKind.Jpeg,
        JpegLsLossless or "1.2.840.10008.1.2.4.81" => CodestreamKind.JpegLs,
        Jpeg2000Lossless or "1.2.840.10008.1.2.4.91" or "1.2.840.10008.1.2.4.92" or "1.2.840.10008.1.2.4.93" => CodestreamKind.Jpeg2000,
        HtJpeg2000Lossless or HtJpeg2000LosslessRpcl or "1.2.840.10008.1.2.4.203" => CodestreamKind.HtJpeg2000,
        JpegXlLossless or JpegXlRecompression or "1.2.840.10008.1.2.4.112" => CodestreamKind.JpegXl,
        _ => null,
    };

    /// <summary>Every frame of the syntax has lost something; in the others it is for the data set to say.</summary>
    public static bool IsAlwaysLossy(string transferSyntaxUid) => transferSyntaxUid is JpegBaseline or JpegExtended
        or "1.2.840.10008.1.2.4.52" or "1.2.840.10008.1.2.4.53" or "1.2.840.10008.1.2.4.54" or "1.2.840.10008.1.2.4.55" or "1.2.840.10008.1.2.4.56";
}

/// <summary>Families of codestreams, each with a decoder of its own.</summary>
public enum CodestreamKind
{
    /// <summary>ISO/IEC 10918: baseline, extended, progressive, lossless.</summary>
    Jpeg,

    /// <summary>ISO/IEC 14495.</summary>
    JpegLs,

    /// <summary>ISO/IEC 15444-1.</summary>
    Jpeg2000,

    /// <summary>ISO/IEC 15444-15.</summary>
    HtJpeg2000,

    /// <summary>ISO/IEC 18181.</summary>
    JpegXl,
}
