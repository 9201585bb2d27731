using System.Collections.Concurrent;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Access;

/// <summary>Authorisations of tests: tokens are made, changed and revoked at will; how often each question was asked is counted.</summary>
internal sealed class FakeAuthorisations : IAuthorisations
{
    private readonly ConcurrentDictionary<TokenHash, Authorisation> tokens = [];
    private readonly ConcurrentDictionary<string, long> epochs = [];
    private int found;

    /// <summary>How often a token was looked up.</summary>
    public int Lookups => found;

    /// <summary>A new token; every one has an authorisation of its own.</summary>
    public string Issue(
        string scopes, string? patient = null, string? fhirUser = null, string? organization = null, string client = "app",
        IReadOnlyList<AuthorisedRecord>? records = null, TimeSpan? lifetime = null, DateTimeOffset? now = null)
    {
        var secret = TokenHash.MakeSecret();
        tokens[TokenHash.Of(secret)] = new Authorisation
        {
            Id = Guid.NewGuid().ToString("N"), Client = client, Scopes = ScopeSet.Parse(scopes), Patient = patient, FhirUser = fhirUser,
            User = fhirUser is null ? null : "account-" + fhirUser, Organization = organization, Records = records ?? [],
            Expires = (now ?? DateTimeOffset.UtcNow) + (lifetime ?? TimeSpan.FromHours(1)), Epoch = 1,
        };
        return secret;
    }

    /// <summary>A token of a patient's own app.</summary>
    public string OfPatient(string scopes, string patient) =>
        Issue(scopes, patient, $"Patient/{patient}", records: [new AuthorisedRecord(patient, RecordBasis.Self)]);

    /// <summary>Ends all tokens of the authorisation of one.</summary>
    public void Revoke(string token)
    {
        if (tokens.TryRemove(TokenHash.Of(token), out var authorisation))
        {
            epochs.AddOrUpdate(authorisation.Id, 2, (_, epoch) => epoch + 1);
        }
    }

    /// <summary>Changes what a token stands for, as a proxy grant or consent would.</summary>
    public void Change(string token, Func<Authorisation, Authorisation> change)
    {
        var hash = TokenHash.Of(token);
        var epoch = epochs.AddOrUpdate(tokens[hash].Id, 2, (_, before) => before + 1);
        tokens[hash] = change(tokens[hash]) with { Epoch = epoch };
    }

    public ValueTask<Authorisation?> FindAsync(TokenHash token, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref found);
        return ValueTask.FromResult(tokens.GetValueOrDefault(token) is { } known ? known with { Token = token } : null);
    }

    public ValueTask<long> EpochAsync(string authorisation, CancellationToken cancellationToken) => ValueTask.FromResult(epochs.GetValueOrDefault(authorisation, 1));
}
