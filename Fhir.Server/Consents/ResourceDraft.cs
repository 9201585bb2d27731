using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>A resource a caller wants to be written.</summary>
/// <param name="Key">Type and id.</param>
/// <param name="Record">The record it belongs to, told from its content.</param>
/// <param name="Content">What it says, with its index rows.</param>
/// <param name="Method">POST, PUT or PATCH.</param>
public sealed record ResourceDraft(ResourceKey Key, RecordId Record, ResourceContent Content, string Method);

/// <summary>An If-Match header. See https://hl7.org/fhir/R4/http.html#concurrency</summary>
/// <param name="Any">True for <c>*</c>.</param>
/// <param name="Versions">The versions listed.</param>
public sealed record IfMatch(bool Any, IReadOnlyList<long> Versions)
{
    internal Precondition ToPrecondition(ResourceKey key) =>
        Any ? new Precondition.Exists(key) : new Precondition.VersionIs(key, Versions);
}
