namespace Fhir.Server.Dicom;

/// <summary>Families of SOP classes that are more than images. PS3.4 Table B.5-1</summary>
public static class SopClasses
{
    /// <summary>Key Object Selection Document Storage.</summary>
    public const string KeyObjectSelection = "1.2.840.10008.5.1.4.1.1.88.59";

    /// <summary>Encapsulated PDF Storage.</summary>
    public const string EncapsulatedPdf = Encapsulated + "1";

    /// <summary>Encapsulated CDA Storage.</summary>
    public const string EncapsulatedCda = Encapsulated + "2";

    private const string StructuredReports = "1.2.840.10008.5.1.4.1.1.88.";
    private const string Encapsulated = "1.2.840.10008.5.1.4.1.1.104.";

    /// <summary>Whether it is one of the structured reports, key object notes among them.</summary>
    public static bool IsStructuredReport(string? sopClassUid) => sopClassUid?.StartsWith(StructuredReports, StringComparison.Ordinal) == true;

    /// <summary>The media type of what instances encapsulate; null when they encapsulate nothing. PS3.3 §A.45, §A.85</summary>
    public static string? EncapsulatedType(string? sopClassUid) => sopClassUid switch
    {
        EncapsulatedPdf => "application/pdf",
        EncapsulatedCda => "text/xml",
        Encapsulated + "3" => "model/stl",
        Encapsulated + "4" => "model/obj",
        Encapsulated + "5" => "model/mtl",
        _ => null,
    };

    /// <summary>Bytes of an encapsulated document, without the one that may make an odd length even. PS3.3 Table C.24-2</summary>
    /// <param name="holder">The data set it is in, which may say how many there really are.</param>
    /// <param name="length">Those of the element.</param>
    public static long EncapsulatedLength(DicomDataset holder, long length)
    {
        ArgumentNullException.ThrowIfNull(holder);
        return holder.GetInt64(DicomTag.EncapsulatedDocumentLength) is { } said && said == length - 1 ? said : length;
    }
}
