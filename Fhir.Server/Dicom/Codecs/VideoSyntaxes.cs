namespace Fhir.Server.Dicom.Codecs;

/// <summary>Transfer syntaxes in which the frames of an instance are one stream of video. PS3.5 §A.4.5 to §A.4.8, §A.4.10; PS3.5 §A.6.</summary>
public static class VideoSyntaxes
{
    /// <summary>MPEG-2, MPEG-4 AVC/H.264, HEVC/H.265, and the real-time ones of SMPTE ST 2110.</summary>
    public static bool Includes(string transferSyntaxUid)
    {
        ArgumentNullException.ThrowIfNull(transferSyntaxUid);
        return transferSyntaxUid.StartsWith("1.2.840.10008.1.2.4.10", StringComparison.Ordinal)
            || transferSyntaxUid.StartsWith("1.2.840.10008.1.2.7.", StringComparison.Ordinal);
    }
}
