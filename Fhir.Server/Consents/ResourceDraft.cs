using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Consents;

/// <summary>A resource a caller wants to be written.</summary>
/// <param name="Key">Type and id.</param>
/// <param name="Record">The record it belongs to, told from its content.</param>
/// <param name="Content">What it says, with its index rows.</param>
/// <param name="Method">POST, PUT or PATCH.</param>
public sealed record ResourceDraft(ResourceKey Key, RecordId Record, ResourceContent Content, string Method)
{
    /// <summary>What it defines, when it is a SearchParameter.</summary>
    public SearchParameter? Defines { get; init; }

    /// <summary>What it changes of the search parameters in force: something for a SearchParameter, nothing for all else.</summary>
    internal IReadOnlyList<(string Id, SearchParameter? Definition)> Parameters => Defines is null || Record != RecordId.Shared
        ? []
        : [(Key.Id, Defines.Status == PublicationStatus.Active ? Defines : null)];
}

/// <summary>An If-Match header. See https://hl7.org/fhir/R4/http.html#concurrency</summary>
/// <param name="Any">True for <c>*</c>.</param>
/// <param name="Versions">The versions listed.</param>
public sealed record IfMatch(bool Any, IReadOnlyList<long> Versions)
{
    internal Precondition ToPrecondition(ResourceKey key) =>
        Any ? new Precondition.Exists(key) : new Precondition.VersionIs(key, Versions);
}
