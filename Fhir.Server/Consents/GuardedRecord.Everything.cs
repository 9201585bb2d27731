using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>The one record this caller is bound to; null for who may reach several, or all.</summary>
    public RecordId? OnlyRecord => Caller.Authorisation is { } authorisation ? authorisation.Patient is { } patient ? new RecordId(patient) : null
        : Caller.Reach is { IsEverything: false, Records: { Count: > 0 } records } && records.Select(one => one.Record).Distinct().ToList() is [var only]
        ? new RecordId(only)
        : null;

    /// <summary>
    /// All of a record, as far as the caller sees it. <c>Forbidden</c> for a record outside the caller's reach, whether or not there is
    /// one; <c>NotFound</c> or <c>Gone</c> when the caller would see its Patient and there is none.
    /// </summary>
    public async ValueTask<Outcome<SearchPage>> EverythingAsync(RecordId record, EverythingQuery query, CancellationToken cancellationToken)
    {
        if (!Caller.AllowsAny(ScopeLetters.Search))
        {
            return await RefuseScopeAsync(ScopeLetters.Search, null, "everything", record.Value, cancellationToken);
        }
        if (query.Types.FirstOrDefault(type => !Caller.Allows(ScopeLetters.Search, type)) is { } lacking)
        {
            return await RefuseScopeAsync(ScopeLetters.Search, lacking, "everything", record.Value, cancellationToken);
        }
        var visibility = To(ScopeLetters.Search);
        // What belongs to nobody is no patient, whoever may read of it.
        if ((record == RecordId.Shared && !visibility.SeesEverything) || !await stores.Resources.ReachesAsync(record, null, visibility, cancellationToken))
        {
            return await log.RefusedAsync(
                log.Entry(Caller, RecordId.Shared, "everything", new ResourceKey(Patient, record.Value).ToString()),
                Problem.Forbidden("The operation names a patient outside what this caller may reach."), cancellationToken);
        }
        var patient = await stores.Resources.FindAsync(new ResourceKey(Patient, record.Value), visibility, cancellationToken);
        if (patient is null or { IsDeleted: true } && visibility.SeesAll(record, Patient))
        {
            await NoteAsync("everything", new ResourceKey(Patient, record.Value).ToString(), patient, cancellationToken);
            return Existing(patient).Problem!;
        }
        var exists = await stores.Resources.RecordExistsAsync(record, visibility, cancellationToken);
        await log.NoteAsync(
            log.Entry(Caller, exists ? record : RecordId.Shared, "everything", record.Value, exists ? 0 : 4), cancellationToken);
        return exists ? await stores.Resources.EverythingAsync(record, query with { Asker = Asker }, visibility, cancellationToken) : Problem.NotFound();
    }
}
