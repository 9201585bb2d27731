namespace Fhir.Server.Storage;

/// <summary>Ids the server gives to resources it makes, which nobody else may use.</summary>
public static class ServerIds
{
    /// <summary>How the ids of resources made from DICOM documents begin.</summary>
    public const string OfDocuments = "dicom-";

    /// <summary>The types of what is made from documents.</summary>
    public static IReadOnlyList<string> TypesOfDocuments { get; } = ["Binary", "DiagnosticReport", "DocumentReference", "Observation"];

    /// <summary>Whether an id is of the form given to what is made from documents.</summary>
    public static bool IsOfDocument(string? id) => id?.StartsWith(OfDocuments, StringComparison.Ordinal) == true;

    /// <summary>The id of the document a resource is made from: its own, without the number an Observation has behind it.</summary>
    public static string DocumentOf(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        return id.IndexOf('-', OfDocuments.Length) is var end and >= 0 ? id[..end] : id;
    }

    /// <summary>Whether a resource is made from a document.</summary>
    public static bool IsOfDocument(ResourceKey key) => TypesOfDocuments.Contains(key.Type) && IsOfDocument(key.Id);
}
