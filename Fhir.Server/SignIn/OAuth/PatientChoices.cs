using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>A record an app may be given.</summary>
/// <param name="Record">Its id.</param>
/// <param name="Name">Whose it is.</param>
/// <param name="Basis">Why the user may give it; null when a portal opened it.</param>
internal sealed record PatientChoice(string Record, string Name, RecordBasis? Basis);

/// <summary>Which records a user may let an app use: their own, those they are a proxy for, or the one a portal opened for them.</summary>
internal sealed class PatientChoices(GuardedRecords records, AuthorisationStore authorisations, TimeProvider clock)
{
    public async ValueTask<IReadOnlyList<PatientChoice>> ListAsync(Account account, LaunchRow? launch, CancellationToken cancellationToken)
    {
        if (launch is { User: { } user } && user != account.FhirUser)
        {
            return [];
        }
        var now = clock.GetUtcNow();
        var own = (await authorisations.RecordsOfAsync(account, cancellationToken)).Where(record => record.From is null || record.From <= now)
            .DistinctBy(record => record.Record);
        if (launch is not null)
        {
            // A portal opens records for those who treat; everybody else needs a right of their own.
            var isTheirs = account.Kind == AccountKind.Practitioner || own.Any(record => record.Record == launch.Patient);
            return isTheirs ? [new(launch.Patient, await NameAsync(launch.Patient, account, cancellationToken), null)] : [];
        }
        var choices = new List<PatientChoice>();
        foreach (var record in own)
        {
            choices.Add(new(record.Record, await NameAsync(record.Record, account, cancellationToken), record.Basis));
        }
        return choices;
    }

    /// <summary>Whose record it is, as its Patient says; their own display name for a user, the id when nothing is said.</summary>
    public async ValueTask<string> NameAsync(string record, Account account, CancellationToken cancellationToken)
    {
        if (record == account.Record)
        {
            return account.DisplayName;
        }
        var caller = new Caller(CallerKind.Restricted, "sign-in", account.Id, Reach.Of(new ReachedRecord(record)), MayWrite: false);
        var found = await records.For(caller).ReadAsync(new ResourceKey("Patient", record), cancellationToken);
        return found.IsSuccess ? NameIn(found.Value.Json) ?? record : record;
    }

    private static string? NameIn(ReadOnlyMemory<byte> patient)
    {
        using var json = JsonDocument.Parse(patient);
        if (!json.RootElement.TryGetProperty("name", out var names) || names.GetArrayLength() == 0)
        {
            return null;
        }
        var name = names[0];
        if (name.TryGetProperty("text", out var text))
        {
            return text.GetString();
        }
        var given = name.TryGetProperty("given", out var parts) ? parts.EnumerateArray().Select(part => part.GetString()) : [];
        var family = name.TryGetProperty("family", out var last) ? last.GetString() : null;
        return string.Join(' ', given.Append(family).Where(part => !string.IsNullOrEmpty(part))) is { Length: > 0 } whole ? whole : null;
    }
}
