using System.Security.Cryptography;
using Fhir.Server.Dicom;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// An encapsulated document as DocumentReference and Binary; one whose title is coded is a report, and a DiagnosticReport too. A key object
/// note is a DocumentReference to its DICOM instance. PS3.3 §A.45, §A.35.4; https://hl7.org/fhir/R4/documentreference.html
/// </summary>
internal static class EncapsulatedReport
{
    private const string Uri = "urn:ietf:rfc:3986";

    /// <summary>The resources of a PDF, CDA or model; none when its bytes are not there.</summary>
    public static IEnumerable<Resource> Read(DicomFile file, Stream stream)
    {
        if (DocumentBytes.Find(file) is not { } bytes)
        {
            yield break;
        }
        var data = file.Dataset;
        var head = new ReportHead(data, null);
        var title = CodedConcept.Of(data, DicomTag.ConceptNameCodeSequence, new CodingSchemes(data));
        var name = DicomText.Phrase(data.GetString(DicomTag.DocumentTitle));
        Attachment Content() => new()
        {
            ContentType = bytes.ContentType, Url = ReportDerivation.BinaryPlace, Title = name ?? title?.Text, CreationElement = head.Written(),
            SizeUnsignedInt = bytes.Length <= int.MaxValue ? (int)bytes.Length : null, Hash = HashOf(bytes, stream),
        };
        var isReport = title is not null && bytes.ContentType is DocumentBytes.Pdf or DocumentBytes.Xml;
        if (isReport)
        {
            var report = head.ToReport(title);
            report.PresentedForm = [Content()];
            yield return report;
        }
        yield return Document(head, title, name, new DocumentReference.ContentComponent { Attachment = Content(), Format = FormatOf(bytes.ContentType) });
        yield return new Binary { ContentType = bytes.ContentType };
    }

    /// <summary>The DocumentReference of a key object note; none for a rejection note.</summary>
    public static IEnumerable<Resource> ReadKeyObjects(DicomDataset data)
    {
        var root = ContentTree.Read(data);
        if (root.Name is null || Concepts.IsRejection(root.Name))
        {
            yield break;
        }
        var head = new ReportHead(data, root);
        var description = root.Children.FirstOrDefault(part => Concepts.IsKeyObjectDescription(part.Name))?.Text is { } said
            ? DicomText.Cut(said, ReportLimits.Conclusion)
            : null;
        yield return Document(head, root.Name, description, new DocumentReference.ContentComponent
        {
            Attachment = new Attachment
            {
                ContentType = DocumentBytes.Dicom, Url = ReportDerivation.InstancePlace, Title = root.Name.Text, CreationElement = head.Written(),
            },
            Format = new Coding(Uri, "urn:oid:" + SopClasses.KeyObjectSelection, "Key Object Selection Document"),
        });
    }

    private static DocumentReference Document(ReportHead head, CodedConcept? title, string? description, DocumentReference.ContentComponent content) => new()
    {
        Status = DocumentReferenceStatus.Current,
        DocStatus = head.DocumentStatus,
        Type = title?.ToConcept() ?? (description is null ? null : new CodeableConcept { Text = description }),
        Category = [ReportHead.Category()],
        DateElement = ReportDates.ToInstant(head.Written()),
        Author = [.. head.Interpreters().Concat(head.Performers()).DistinctBy(one => one.Display)],
        Description = description,
        Content = [content],
    };

    /// <summary>The format code of the media type, by DICOM's own SOP class where there is no other.</summary>
    private static Coding? FormatOf(string contentType) => contentType switch
    {
        DocumentBytes.Pdf => new Coding("http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "urn:ihe:rad:PDF", "Radiology PDF"),
        DocumentBytes.Xml => new Coding("http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "urn:ihe:rad:CDA:ImagingReportStructuredHeadings:2013"),
        _ => null,
    };

    private static byte[] HashOf(DocumentBytes bytes, Stream stream)
    {
#pragma warning disable CA5350 // Attachment.hash is SHA-1 by definition (https://hl7.org/fhir/R4/datatypes.html#attachment); nothing is trusted on it.
        using var content = bytes.Open(stream, null);
        return SHA1.HashData(content);
#pragma warning restore CA5350
    }
}
