using Fhir.Server.Storage;

namespace Fhir.Server.Discs;

/// <summary>What the walk has to say of one path.</summary>
/// <param name="Path">Where it is, beginning as the source was named.</param>
public abstract record DiscEntry(string Path);

/// <summary>A DICOM instance, to be sent.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Bytes.</param>
/// <param name="SopInstanceUid">Its UID, by which the server answers.</param>
/// <param name="Person">Whom it says it is of.</param>
public sealed record DiscInstance(string Path, long Length, string SopInstanceUid, MatchingKeys Person) : DiscEntry(Path);

/// <summary>Nothing for the record, as is to be expected on a disc.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Reason">Why it is left out.</param>
public sealed record DiscSkip(string Path, string Reason) : DiscEntry(Path);

/// <summary>Something that may well belong into the record and cannot be had.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Reason">Why it cannot.</param>
public sealed record DiscFailure(string Path, string Reason) : DiscEntry(Path);

/// <summary>A file that could be read a moment ago and no longer can.</summary>
internal sealed class DiscReadException(DiscInstance file, string reason, Exception? inner = null) : Exception(reason, inner)
{
    public DiscInstance File { get; } = file;
}
