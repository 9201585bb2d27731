using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging.Rendered;

/// <summary>A document within an instance, which is its own picture. PS3.3 §C.24.2.</summary>
/// <param name="MediaType">PDF, or the XML of a clinical document.</param>
/// <param name="Loaded">Its bytes; empty when they lie in the file.</param>
/// <param name="Range">Where they lie in the file; null when they are loaded.</param>
public sealed record EncapsulatedDocument(string MediaType, ReadOnlyMemory<byte> Loaded, (long Offset, long Length)? Range)
{
    /// <summary>Its length in bytes.</summary>
    public long Length => Range?.Length ?? Loaded.Length;

    /// <summary>What a document of a SOP class is; null for what is none that people read.</summary>
    public static string? MediaTypeOf(string? sopClassUid) =>
        sopClassUid is SopClasses.EncapsulatedPdf or SopClasses.EncapsulatedCda ? SopClasses.EncapsulatedType(sopClassUid) : null;

    /// <summary>The document of a file; <c>NotAcceptable</c> when there is none.</summary>
    internal static Outcome<EncapsulatedDocument> Of(DicomFile file)
    {
        if (MediaTypeOf(file.SopClassUid) is not { } type
            || file.Dataset.Find(DicomTag.EncapsulatedDocument) is not { IsEmpty: false, Fragments: null, Items: null } element)
        {
            return Problem.NotAcceptable("There is no document in this instance.");
        }
        var length = SopClasses.EncapsulatedLength(file.Dataset, element.Length);
        return element.Bulk is { } bulk
            ? new EncapsulatedDocument(type, default, (bulk.Offset, length))
            : new EncapsulatedDocument(type, element.Value[..(int)length], null);
    }
}
