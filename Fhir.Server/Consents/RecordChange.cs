using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>One change of several that a caller wants to be made together. See https://hl7.org/fhir/R4/http.html#transaction</summary>
public abstract record RecordChange
{
    private RecordChange(ResourceKey key) => Key = key;

    /// <summary>Of which resource.</summary>
    public ResourceKey Key { get; }

    /// <summary>FHIR create; the draft's id is new.</summary>
    public sealed record Create(ResourceDraft Draft) : RecordChange(Draft.Key);

    /// <summary>FHIR update, also as create.</summary>
    /// <param name="Draft">What it shall say.</param>
    /// <param name="IfMatch">The versions it may have now; null for any.</param>
    /// <param name="ReadAt">The version it was read at to be changed, which it must still have; null when it is written as it was sent.</param>
    /// <param name="HasInstances">It is a study with instances, of which only the human part was changed.</param>
    public sealed record Update(ResourceDraft Draft, IfMatch? IfMatch, long? ReadAt = null, bool HasInstances = false) : RecordChange(Draft.Key);

    /// <summary>FHIR delete; of what is not there nothing is changed.</summary>
    public sealed record Delete(ResourceKey Of, IfMatch? IfMatch) : RecordChange(Of);
}
