using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>The three parts of a store, as the guard holds them.</summary>
/// <param name="Resources">Resources.</param>
/// <param name="Instances">The index of instances.</param>
/// <param name="Blobs">Bytes.</param>
/// <param name="Index">Rebuilds index rows.</param>
/// <param name="Parameters">The search parameters in force.</param>
/// <param name="FreeBytesFloor">With less room than this nothing more is taken in.</param>
/// <param name="Quota">What one record may hold.</param>
internal sealed record Stores(IResourceStore Resources, IInstanceIndex Instances, IBlobStore Blobs, IIndexRebuild Index, ParametersInForce Parameters, long FreeBytesFloor, RecordQuota Quota);
