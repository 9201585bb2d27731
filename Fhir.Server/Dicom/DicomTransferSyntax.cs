namespace Fhir.Server.Dicom;

/// <summary>What a transfer syntax says about the bytes of a data set. PS3.5 §10 and Annex A.</summary>
/// <param name="Uid">Its identifier.</param>
/// <param name="IsExplicit">Representations are written.</param>
/// <param name="IsBigEndian">High byte first; retired.</param>
/// <param name="IsDeflated">The data set is compressed as a whole.</param>
/// <param name="IsEncapsulated">Pixel data come in fragments.</param>
public sealed record DicomTransferSyntax(string Uid, bool IsExplicit, bool IsBigEndian, bool IsDeflated, bool IsEncapsulated)
{
    /// <summary>The default of DICOM, without representations.</summary>
    public const string ImplicitLittleEndian = "1.2.840.10008.1.2";

    /// <summary>The usual one.</summary>
    public const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    /// <summary>The usual one, deflated.</summary>
    public const string Deflated = "1.2.840.10008.1.2.1.99";

    /// <summary>Retired, high byte first.</summary>
    public const string ExplicitBigEndian = "1.2.840.10008.1.2.2";

    /// <summary>A private one of GE: implicit, with pixels of the other byte order.</summary>
    internal const string ImplicitWithBigEndianPixels = "1.2.840.113619.5.2";

    /// <summary>What the identifier says; one that is not known is taken for an encapsulated one, as PS3.5 §A.4 has all new ones.</summary>
    public static DicomTransferSyntax Of(string uid) => uid switch
    {
        ImplicitLittleEndian or ImplicitWithBigEndianPixels => new(uid, false, false, false, false),
        ExplicitLittleEndian => new(uid, true, false, false, false),
        ExplicitBigEndian => new(uid, true, true, false, false),
        Deflated => new(uid, true, false, true, false),
        "1.2.840.10008.1.2.4.95" or "1.2.840.10008.1.2.4.205" => new(uid, true, false, true, false),
        _ => new(uid, true, false, false, true),
    };
}
