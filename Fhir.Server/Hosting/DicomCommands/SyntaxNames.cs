using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Short names for the transfer syntaxes that can be written. PS3.6 Annex A.</summary>
internal static class SyntaxNames
{
    private static readonly (string Name, string Uid)[] Names =
    [
        ("explicit", DicomTransferSyntax.ExplicitLittleEndian),
        ("rle", CodecSyntaxes.Rle),
        ("deflated-frame", CodecSyntaxes.DeflatedFrame),
        ("jpeg-lossless", CodecSyntaxes.JpegLossless),
        ("jpeg-ls", CodecSyntaxes.JpegLsLossless),
        ("jpeg2000", CodecSyntaxes.Jpeg2000Lossless),
        ("htj2k", CodecSyntaxes.HtJpeg2000Lossless),
        ("htj2k-rpcl", CodecSyntaxes.HtJpeg2000LosslessRpcl),
        ("jpeg-xl", CodecSyntaxes.JpegXlLossless),
    ];

    /// <summary>All names, for people.</summary>
    public static string All { get; } = string.Join(", ", Names.Select(one => one.Name));

    /// <summary>The UID of a name, or the UID itself; null when it is neither.</summary>
    public static string? Find(string nameOrUid) =>
        Names.FirstOrDefault(one => one.Name.Equals(nameOrUid, StringComparison.OrdinalIgnoreCase)).Uid ?? (DicomUid.IsValid(nameOrUid) ? nameOrUid : null);
}
