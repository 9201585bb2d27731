using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>
/// The only way from a door to a store. It has asked already: what it gives is what its caller may see, what it refuses is written
/// down, and what is hidden answers like what never was. This file: resources; <c>GuardedRecord.Images.cs</c>: studies and bytes;
/// <c>GuardedRecord.Writes.cs</c>: changes.
/// </summary>
public sealed partial class GuardedRecord
{
    private readonly Stores stores;
    private readonly AccessLog log;
    private readonly CallerSight sight;

    internal GuardedRecord(Stores stores, Caller caller, CallerSight sight, AccessLog log)
    {
        this.stores = stores;
        this.log = log;
        Caller = caller;
        this.sight = sight;
    }

    /// <summary>Who is asking.</summary>
    public Caller Caller { get; }

    /// <summary>The search parameters in force, R4's and this store's; they are the same for every caller.</summary>
    public SearchCatalogue SearchParameters => stores.Parameters.Current;

    /// <summary>To whom links to further pages are given.</summary>
    private string Asker => Caller.Asker;

    /// <summary>FHIR read. <c>NotFound</c> for unknown and hidden alike, <c>Gone</c> for a deleted one the caller could see.</summary>
    public async ValueTask<Outcome<StoredResource>> ReadAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Read, key.Type, "read", key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var found = await stores.Resources.FindAsync(key, To(ScopeLetters.Read), cancellationToken);
        await NoteAsync("read", key.ToString(), found, cancellationToken);
        return Existing(found);
    }

    /// <summary>FHIR vread; as <see cref="ReadAsync"/> for the version.</summary>
    public async ValueTask<Outcome<StoredResource>> ReadVersionAsync(ResourceKey key, long version, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Read, key.Type, "vread", key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var found = await stores.Resources.FindVersionAsync(key, version, To(ScopeLetters.Read), cancellationToken);
        await NoteAsync("vread", $"{key}/_history/{version}", found, cancellationToken);
        return Existing(found);
    }

    /// <summary>FHIR history of one resource, newest first, tombstones among it.</summary>
    public async ValueTask<Outcome<HistoryPage>> HistoryAsync(ResourceKey key, long? before, int count, CancellationToken cancellationToken)
    {
        if (await LacksScopeAsync(ScopeLetters.Read, key.Type, "history", key.ToString(), cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var page = await stores.Resources.HistoryAsync(key, before, count, To(ScopeLetters.Read), cancellationToken);
        await NoteAsync("history", key.ToString(), page?.Versions is [var newest, ..] ? newest : null, cancellationToken);
        return page is null ? Problem.NotFound() : page;
    }

    /// <summary>FHIR history of a type or of all there is: versions the caller may see, newest first, tombstones among them.</summary>
    public async ValueTask<Outcome<PastPage>> HistoryAsync(PastQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Type is null ? !Caller.AllowsAny(ScopeLetters.Search) : !Caller.Allows(ScopeLetters.Search, query.Type))
        {
            return await RefuseScopeAsync(ScopeLetters.Search, query.Type, "history", query.Type ?? "all types", cancellationToken);
        }
        var page = await stores.Resources.HistoryAsync(query with { Asker = Asker }, To(ScopeLetters.Search), cancellationToken);
        if (page.IsSuccess)
        {
            var records = page.Value.Versions.Select(one => one.Version.Record).Distinct().DefaultIfEmpty(RecordId.Shared);
            foreach (var record in records)
            {
                await log.NoteAsync(log.Entry(Caller, record, "history", query.Type ?? "all types"), cancellationToken);
            }
        }
        return page;
    }

    /// <summary>
    /// FHIR search of a type, a compartment or the system. A search that names a patient outside the caller's reach is <c>Forbidden</c>, whether or not that patient exists;
    /// everything else is filtered.
    /// </summary>
    public async ValueTask<Outcome<SearchPage>> SearchAsync(SearchQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        query = query with { Asker = Asker };
        var named = NamedPatients(query).ToList();
        var what = query.Path + "?" + string.Join('&', query.Applied.Select(pair => pair.Key));
        if (await LacksScopeAsync(query, what, cancellationToken) is { } lacking)
        {
            return lacking;
        }
        var visibility = To(ScopeLetters.Search);
        if (await AnyUnreachableAsync(named, query.IsOverTypes ? null : query.ResourceType, visibility, cancellationToken))
        {
            return await log.RefusedAsync(
                log.Entry(Caller, RecordId.Shared, "search", what),
                Problem.Forbidden("The search names a patient outside what this caller may reach."), cancellationToken);
        }
        var found = await stores.Resources.QueryAsync(query, visibility, cancellationToken);
        if (found.IsSuccess)
        {
            foreach (var record in await LookedAtAsync(found.Value, named, cancellationToken))
            {
                await log.NoteAsync(log.Entry(Caller, record, "search", what), cancellationToken);
            }
        }
        return found;
    }

    private async ValueTask<bool> AnyUnreachableAsync(List<RecordId> records, string? type, Visibility visibility, CancellationToken cancellationToken)
    {
        foreach (var record in records)
        {
            if (!await stores.Resources.ReachesAsync(record, type, visibility, cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Whether a record is there for this caller to look for studies; else <c>NotFound</c>, for unknown and hidden alike.</summary>
    public ValueTask<Outcome<Done>> RecordAsync(RecordId record, CancellationToken cancellationToken) =>
        RecordAsync(record, To(ScopeLetters.Read), cancellationToken);

    private async ValueTask<Outcome<Done>> RecordAsync(RecordId record, Visibility visibility, CancellationToken cancellationToken)
    {
        if (await stores.Resources.RecordExistsAsync(record, visibility, cancellationToken)
            & await stores.Resources.ReachesAsync(record, ImagingStudy, visibility, cancellationToken))
        {
            return new Done();
        }
        await log.NoteAsync(log.Entry(Caller, RecordId.Shared, "open", record.Value, outcome: 4), cancellationToken);
        return Problem.NotFound();
    }

    /// <summary>The records a search looked into: those it found something in and those it named, as far as they exist.</summary>
    private async ValueTask<IReadOnlyList<RecordId>> LookedAtAsync(SearchPage page, List<RecordId> named, CancellationToken cancellationToken)
    {
        var records = page.Matches.Concat(page.Included).Select(found => found.Record).ToHashSet();
        foreach (var record in named.Where(record => !records.Contains(record)).ToList())
        {
            if (await stores.Resources.RecordExistsAsync(record, To(ScopeLetters.Search), cancellationToken))
            {
                records.Add(record);
            }
        }
        return records.Count == 0 ? [RecordId.Shared] : [.. records];
    }

    private static Outcome<StoredResource> Existing(StoredResource? found) =>
        found is null ? Problem.NotFound() : found.IsDeleted ? Problem.Gone() : found;

    private static IEnumerable<RecordId> NamedPatients(SearchQuery query) => query.Criteria
        .Where(criterion => criterion.Modifier == Modifier.None)
        .SelectMany(criterion => criterion.Values.OfType<ReferenceValue>().Where(value => IsPatient(criterion, value)))
        .Select(value => new RecordId(value.TargetId))
        .Concat(query.Compartment is { Type: "Patient" } compartment ? [new RecordId(compartment.Id)] : []);

    private static bool IsPatient(Criterion criterion, ReferenceValue value) =>
        value.TargetType == "Patient" || (value.TargetType is null && criterion.Parameter.Targets.Contains("Patient"));

    private ValueTask NoteAsync(string action, string what, StoredResource? found, CancellationToken cancellationToken) =>
        log.NoteAsync(log.Entry(Caller, found?.Record ?? RecordId.Shared, action, what, found is null ? 4 : 0), cancellationToken);
}
