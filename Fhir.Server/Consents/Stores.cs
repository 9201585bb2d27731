using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>The three parts of a store, as the guard holds them.</summary>
internal sealed record Stores(IResourceStore Resources, IInstanceIndex Instances, IBlobStore Blobs);
