using System.Buffers;

namespace Fhir.Server.Search;

/// <summary>The two spellings of a DICOM UID in FHIR, bare and <c>urn:oid:</c>. See https://hl7.org/fhir/R4/imagingstudy.html#notes</summary>
internal static class DicomUids
{
    /// <summary>The system of DICOM UIDs in an Identifier.</summary>
    public const string System = "urn:dicom:uid";

    private const string Prefix = "urn:oid:";

    private static readonly SearchValues<char> Letters = SearchValues.Create("0123456789.");

    /// <summary>Takes <c>urn:oid:</c> off when a UID follows; everything else stays as it is.</summary>
    public static string Bare(string code) =>
        code.Length > Prefix.Length
        && code.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
        && code.AsSpan(Prefix.Length).IndexOfAnyExcept(Letters) < 0
            ? code[Prefix.Length..]
            : code;
}
