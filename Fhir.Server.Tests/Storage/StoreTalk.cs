using System.Text;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>The calls of a store as tests say them: without what is the same each time, and seeing everything unless said.</summary>
internal static class StoreTalk
{
    public static string Text(this StoredResource resource) => Encoding.UTF8.GetString(resource.Json.Span);

    public static async Task<CommitReceipt> CommitAsync(this StoreUnderTest store, RecordCommit commit) =>
        (await store.Resources.CommitAsync(commit, default)).OrFail();

    public static async Task<Problem?> TryAsync(this StoreUnderTest store, RecordCommit commit) =>
        (await store.Resources.CommitAsync(commit, default)).Problem;

    public static T OrFail<T>(this Outcome<T> outcome)
    {
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }

    public static RecordCommit Put(RecordId record, ResourceKey key, ResourceContent content) =>
        new(record) { Resources = [new ResourceChange(key, content, "PUT")] };

    public static RecordCommit Delete(RecordId record, ResourceKey key) => new(record) { Resources = [new ResourceChange(key, null, "DELETE")] };

    public static async Task<CommittedResource> PutAsync(this StoreUnderTest store, RecordId record, ResourceKey key, ResourceContent content) =>
        (await store.CommitAsync(Put(record, key, content))).Resources.Single();

    public static Task<CommittedResource> PutAsync(this StoreUnderTest store, RecordId record, ResourceKey key, string text) =>
        store.PutAsync(record, key, TestContent.Saying(text));

    public static Task<CommitReceipt> DeleteAsync(this StoreUnderTest store, RecordId record, ResourceKey key) => store.CommitAsync(Delete(record, key));

    /// <summary>Makes a record by its Patient.</summary>
    public static async Task<ResourceKey> AdmitAsync(this StoreUnderTest store, RecordId record)
    {
        var key = new ResourceKey("Patient", record.Value);
        await store.PutAsync(record, key, $"I am {record}");
        return key;
    }

    public static async Task<StoredResource?> FindAsync(this StoreUnderTest store, ResourceKey key, Visibility? visibility = null) =>
        await store.Resources.FindAsync(key, visibility ?? Visibility.Everything, default);

    public static async Task<StoredResource?> FindVersionAsync(this StoreUnderTest store, ResourceKey key, long version, Visibility? visibility = null) =>
        await store.Resources.FindVersionAsync(key, version, visibility ?? Visibility.Everything, default);

    public static async Task<HistoryPage?> HistoryAsync(
        this StoreUnderTest store, ResourceKey key, Visibility? visibility = null, long? before = null, int count = 1000) =>
        await store.Resources.HistoryAsync(key, before, count, visibility ?? Visibility.Everything, default);

    public static async Task<SearchPage> QueryAsync(this StoreUnderTest store, SearchQuery query, Visibility? visibility = null) =>
        (await store.Resources.QueryAsync(query, visibility ?? Visibility.Everything, default)).OrFail();

    /// <summary>Follows the cursors to the end; fails when they do not end or a page but the last is not full.</summary>
    public static async Task<IReadOnlyList<StoredResource>> QueryAllAsync(this StoreUnderTest store, SearchQuery query, Visibility? visibility = null)
    {
        var found = new List<StoredResource>();
        for (var pages = 0; pages < 1000; pages++)
        {
            var page = await store.QueryAsync(query, visibility);
            found.AddRange(page.Matches);
            if (page.Next is null)
            {
                return found;
            }
            Assert.That(page.Matches, Has.Count.EqualTo(query.Count), "A page with a next one must be full.");
            query = query with { Cursor = page.Next };
        }
        throw new InvalidOperationException("The pages never end.");
    }

    public static async Task<IReadOnlyList<ChangeEntry>> ChangesAsync(this StoreUnderTest store, RecordId record, long after = 0, int limit = 10_000) =>
        await store.Resources.ChangesAsync(record, after, limit, default);

    public static async Task<IReadOnlyList<AuditRow>> AuditAsync(this StoreUnderTest store, RecordId record, long after = 0, int limit = 10_000) =>
        await store.Resources.AuditAsync(record, after, limit, default);

    public static async Task<VerifiedLink?> FindLinkAsync(this StoreUnderTest store, string @namespace, string value) =>
        await store.Resources.FindLinkAsync(@namespace, value, default);

    /// <summary>Writes bytes as a blob and lets go of it.</summary>
    public static async Task<BlobName> BlobAsync(this StoreUnderTest store, ReadOnlyMemory<byte> bytes)
    {
        await using var upload = await store.Blobs.BeginAsync(default);
        await upload.WriteAsync(bytes, default);
        await upload.CompleteAsync(default);
        return upload.Name;
    }

    /// <summary>Writes the file of an instance and makes what a commit needs of it.</summary>
    public static async Task<NewInstance> ReceiveAsync(this StoreUnderTest store, TestInstance instance, Contributor? by = null) =>
        new(instance.Describe(), await store.BlobAsync(instance.File), instance.File.Length, instance.Hash, by ?? Givers.Person, InstanceSource.Import);

    /// <summary>Adds instances of one contributor in one commit.</summary>
    public static async Task<IReadOnlyList<InstanceVerdict>> AddAsync(
        this StoreUnderTest store, RecordId record, Contributor by, params IReadOnlyList<TestInstance> instances)
    {
        var received = new List<NewInstance>();
        foreach (var instance in instances)
        {
            received.Add(await store.ReceiveAsync(instance, by));
        }
        return (await store.CommitAsync(new RecordCommit(record) { Instances = received })).Instances;
    }

    public static InstanceQuery In(RecordId? record, string? study = null, string? series = null, params IReadOnlyList<AttributeMatch> matches) =>
        new(record, study, series, matches, 0, 10_000);

    public static async Task<IReadOnlyList<StudyRow>> StudiesAsync(this StoreUnderTest store, InstanceQuery query, Visibility? visibility = null) =>
        (await store.Instances.FindStudiesAsync(query, visibility ?? Visibility.Everything, default)).Rows;

    public static async Task<IReadOnlyList<SeriesRow>> SeriesAsync(this StoreUnderTest store, InstanceQuery query, Visibility? visibility = null) =>
        (await store.Instances.FindSeriesAsync(query, visibility ?? Visibility.Everything, default)).Rows;

    public static async Task<IReadOnlyList<InstanceRow>> InstancesAsync(this StoreUnderTest store, InstanceQuery query, Visibility? visibility = null) =>
        (await store.Instances.FindInstancesAsync(query, visibility ?? Visibility.Everything, default)).Rows;

    public static async Task<IReadOnlyList<ContributionRow>> ContributionsAsync(
        this StoreUnderTest store, RecordId record, string study, string sop, Visibility? visibility = null) =>
        await store.Instances.ContributionsAsync(record, study, sop, visibility ?? Visibility.Everything, default);

    public static async Task<Sight> SightAsync(this StoreUnderTest store, RecordId record, string study, Visibility visibility) =>
        await store.Instances.SightOfStudyAsync(record, study, visibility, default);

    /// <summary>The ImagingStudy of a study, found as a client would: by its identifier.</summary>
    public static async Task<StoredResource?> ImagingStudyAsync(this StoreUnderTest store, string study, Visibility? visibility = null) =>
        (await store.QueryAsync(Ask.For("ImagingStudy", Ask.Identifier(study)), visibility)).Matches.SingleOrDefault();

    public static AuditEntry Audit(this StoreUnderTest store, RecordId record, string action = "write", string what = "something") =>
        new(record, store.Clock.GetUtcNow(), "user-1", "app-1", action, what, 0, "open-mode", "");
}
