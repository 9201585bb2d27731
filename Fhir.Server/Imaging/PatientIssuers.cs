using Fhir.Server.Dicom;

namespace Fhir.Server.Imaging;

/// <summary>
/// Who a file says gave the patient their PatientID, as namespaces: the qualifiers (0010,0024) with their universal entity id, then Issuer of Patient ID
/// (0010,0021) as it stands, as an OID if it is one, and taken apart where it is written as HL7 version 2 does (<c>name&amp;oid&amp;ISO</c>). PS3.3 §C.7.1.1
/// </summary>
internal static class PatientIssuers
{
    private static readonly DicomTag LocalNamespaceEntityId = Tag("LocalNamespaceEntityID");
    private static readonly DicomTag UniversalEntityId = Tag("UniversalEntityID");
    private static readonly DicomTag UniversalEntityIdType = Tag("UniversalEntityIDType");

    /// <summary>What the issuer may be called, the most exact first; empty when the file names none.</summary>
    public static IReadOnlyList<string> Of(DicomDataset data)
    {
        var found = new List<string?>();
        foreach (var qualifier in data.Items(DicomTag.IssuerOfPatientIDQualifiersSequence).Take(1))
        {
            found.Add(Universal(Text(qualifier, UniversalEntityId), Text(qualifier, UniversalEntityIdType)));
            found.AddRange(Named(Text(qualifier, LocalNamespaceEntityId)));
        }
        found.AddRange(Named(Text(data, DicomTag.IssuerOfPatientID)));
        return [.. found.OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    private static IEnumerable<string?> Named(string? text)
    {
        if (text is null)
        {
            yield break;
        }
        if (text.Split('&') is [var name, var id, var type])
        {
            yield return Universal(DicomText.Clean(id), DicomText.Clean(type));
            text = DicomText.Clean(name);
        }
        if (text is not null)
        {
            yield return text;
            yield return DicomUid.IsValid(text) ? "urn:oid:" + text : null;
        }
    }

    private static string? Universal(string? id, string? type) => id is null ? null : type?.ToUpperInvariant() switch
    {
        "ISO" => "urn:oid:" + id,
        "UUID" => "urn:uuid:" + id.ToLowerInvariant(),
        _ => id,
    };

    private static string? Text(DicomDataset data, DicomTag tag) => DicomText.Phrase(data.GetString(tag));

    private static DicomTag Tag(string keyword) =>
        DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword);
}
