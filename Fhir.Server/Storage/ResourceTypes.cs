using Fhir.Server.Search;

namespace Fhir.Server.Storage;

/// <summary>A resource as it is kept and as it is served.</summary>
/// <param name="Key">Type and id.</param>
/// <param name="Record">The record it lives in.</param>
/// <param name="Version"><c>meta.versionId</c>, from 1, one more at each change or deletion.</param>
/// <param name="LastUpdated"><c>meta.lastUpdated</c>, microseconds, strictly increasing within a record.</param>
/// <param name="Method">The HTTP verb that made this version: POST, PUT, PATCH or DELETE.</param>
/// <param name="Json">UTF-8 JSON, served as it is; empty for a tombstone.</param>
/// <param name="Redaction">A short tag of what was left out when the caller sees only a part; null for the stored bytes.</param>
public sealed record StoredResource(
    ResourceKey Key, RecordId Record, long Version, DateTimeOffset LastUpdated, string Method, ReadOnlyMemory<byte> Json, string? Redaction = null)
{
    /// <summary>True for a tombstone.</summary>
    public bool IsDeleted => Method == "DELETE";

    /// <summary>The weak ETag of https://hl7.org/fhir/R4/http.html#versioning; a redacted rendering has its own.</summary>
    public string ETag => Redaction is null ? $"W/\"{Version}\"" : $"W/\"{Version}-{Redaction}\"";
}

/// <summary>One version in a history, newest first.</summary>
/// <param name="Versions">The versions of this page.</param>
/// <param name="Before">Ask again with this version number for the next page; null on the last.</param>
public sealed record HistoryPage(IReadOnlyList<StoredResource> Versions, long? Before);

/// <summary>What is asked of the history of a type or of all there is. See https://hl7.org/fhir/R4/http.html#history</summary>
/// <param name="Type">Only of this resource type; null for all.</param>
/// <param name="Count">Versions a page, at least 1.</param>
/// <param name="Since">Only versions of this microsecond or later; null for all.</param>
/// <param name="At">Only versions that were current at some moment from the first microsecond to before the second; null for all.</param>
/// <param name="Cursor">Where the page begins; null at the newest.</param>
public sealed record PastQuery(string? Type, int Count, long? Since = null, (long From, long Until)? At = null, string? Cursor = null)
{
    /// <summary>Who asks: a cursor serves nobody else.</summary>
    public string Asker { get; init; } = "";
}

/// <summary>A version among those of other resources.</summary>
/// <param name="Version">The version.</param>
/// <param name="IsNew">True when the resource was not there before it.</param>
public sealed record PastVersion(StoredResource Version, bool IsNew);

/// <summary>A page of the history of a type or of all there is, newest first.</summary>
/// <param name="Versions">The versions of this page.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record PastPage(IReadOnlyList<PastVersion> Versions, string? Next);

/// <summary>What a search found.</summary>
/// <param name="Matches">The resources of this page that match.</param>
/// <param name="Included">What <c>_include</c> and <c>_revinclude</c> add to them, each once.</param>
/// <param name="Total">How many match in all; null when not asked for.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
public sealed record SearchPage(
    IReadOnlyList<StoredResource> Matches, IReadOnlyList<StoredResource> Included, long? Total, string? Next)
{
    /// <summary>Whether the total is an estimate: there are more than are counted.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>Whether more would have been included than a page may bring along.</summary>
    public bool IsCut { get; init; }

    /// <summary>Types of which something would have been included, but that the caller's scopes do not cover.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>How the search was answered, when that was asked.</summary>
    public string? Explanation { get; init; }
}

/// <summary>
/// What a resource is but for its version: the store writes <c>resourceType</c>, <c>id</c>, <c>meta.versionId</c> and
/// <c>meta.lastUpdated</c> in front and this behind.
/// </summary>
/// <param name="Tail">UTF-8 JSON from after the value of <c>meta.lastUpdated</c> to the end of the resource.</param>
/// <param name="Index">Its index rows.</param>
/// <param name="StudyInstanceUid">The study it is, for an ImagingStudy; the study it comes from, for what is made from an instance.</param>
/// <param name="Series">The series of an ImagingStudy, for filters; the one series of what is made from an instance.</param>
public sealed record ResourceContent(
    ReadOnlyMemory<byte> Tail, IReadOnlyList<IndexRow> Index, string? StudyInstanceUid, IReadOnlyList<SeriesFact> Series)
{
    /// <summary>
    /// Makes the rows anew when other search parameters are in force than those <see cref="Index"/> was made by, the given ones or, for
    /// null, those of the moment; null when the rows hold whatever is in force.
    /// </summary>
    public Func<SearchCatalogue?, IReadOnlyList<IndexRow>>? Again { get; init; }

    /// <summary>The rows by the given parameters, or by those in force now.</summary>
    public IReadOnlyList<IndexRow> RowsBy(SearchCatalogue? parameters) => Again?.Invoke(parameters) ?? Index;
}

/// <summary>One resource to be changed in a commit.</summary>
/// <param name="Key">Which.</param>
/// <param name="Content">Its new content; null deletes it (a tombstone is kept, and deleting what is not there changes nothing).</param>
/// <param name="Method">POST, PUT, PATCH or DELETE, for its history.</param>
public sealed record ResourceChange(ResourceKey Key, ResourceContent? Content, string Method);
