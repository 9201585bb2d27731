using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

public sealed partial class GuardedRecord
{
    /// <summary>The one record this caller is bound to; null for who may reach several, or all.</summary>
    public RecordId? OnlyRecord => Caller.Reach is { IsEverything: false, Records: { Count: > 0 } records } && records.Select(one => one.Record).Distinct().ToList() is [var only]
        ? new RecordId(only)
        : null;

    /// <summary>
    /// All of a record, as far as the caller sees it. <c>Forbidden</c> for a record outside the caller's reach, whether or not there is
    /// one; <c>NotFound</c> or <c>Gone</c> when the caller would see its Patient and there is none.
    /// </summary>
    public async ValueTask<Outcome<SearchPage>> EverythingAsync(RecordId record, EverythingQuery query, CancellationToken cancellationToken)
    {
        if (!visibility.SeesAnythingIn(record))
        {
            return await log.RefusedAsync(
                log.Entry(Caller, RecordId.Shared, "everything", new ResourceKey(Patient, record.Value).ToString()),
                Problem.Forbidden("The operation names a patient outside what this caller may reach."), cancellationToken);
        }
        var patient = await stores.Resources.FindAsync(new ResourceKey(Patient, record.Value), visibility, cancellationToken);
        if (patient is null or { IsDeleted: true } && visibility.SeesWhole(record))
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
