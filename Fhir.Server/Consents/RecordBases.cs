using Fhir.Server.Access;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>Why a record may be looked into.</summary>
/// <param name="Record">The record; null for every patient's.</param>
/// <param name="Contributor">Only what this Organization contributed; null for all of it.</param>
/// <param name="Scopes">What a proxy may do at most; null for no such bound.</param>
internal sealed record AccessBasis(RecordId? Record, string? Contributor = null, ScopeSet? Scopes = null);

/// <summary>
/// Which records the levels of a token's scopes reach, and why: by their own right, as a proxy within the grant, by an administrator's leave, by what was
/// contributed, by the implicit policy. Each level keeps its own context: without a patient <c>patient/</c> reaches none, <c>user/</c> without a user none,
/// and with a user <c>system/</c> none. Recorded consents will add bases here.
/// </summary>
internal static class RecordBases
{
    public static IReadOnlyList<AccessBasis> Of(Caller caller, ScopeLevel level, ImplicitPolicy policy)
    {
        var own = caller.Authorisation!;
        var hasUser = HasUser(own);
        return level switch
        {
            ScopeLevel.Patient => own.Patient is { } patient ? [.. All(caller, policy).Select(basis => OfPatient(basis, new RecordId(patient))).OfType<AccessBasis>()] : [],
            ScopeLevel.User => hasUser ? [.. All(caller, policy)] : [],
            ScopeLevel.System => hasUser ? [] : [.. All(caller, ImplicitPolicy.Deny)],
            _ => [],
        };
    }

    /// <summary>Whether the caller acts for an Organization: a client by itself, or a practitioner.</summary>
    public static bool SpeaksForOrganization(Authorisation own) => !HasUser(own) || IsPractitioner(own);

    private static IEnumerable<AccessBasis> All(Caller caller, ImplicitPolicy policy)
    {
        var own = caller.Authorisation!;
        var (hasUser, isProfessional) = (HasUser(own), SpeaksForOrganization(own));
        foreach (var record in caller.Records.Where(record => record.Basis == RecordBasis.Client ? isProfessional : hasUser))
        {
            var id = new RecordId(record.Record);
            if (!id.IsReserved)
            {
                yield return new AccessBasis(id, Scopes: record.Scopes is null ? null : ScopeSet.Parse(record.Scopes));
            }
        }
        if (!isProfessional)
        {
            yield break;
        }
        if (own.Organization is { } organization)
        {
            yield return new AccessBasis(null, Contributor: organization);
            yield return new AccessBasis(RecordId.UnclaimedOf(organization));
        }
        if (policy == ImplicitPolicy.Normal)
        {
            yield return new AccessBasis(null);
        }
    }

    private static AccessBasis? OfPatient(AccessBasis basis, RecordId patient) =>
        patient.IsReserved ? null : basis.Record is null ? basis with { Record = patient } : basis.Record == patient ? basis : null;

    private static bool HasUser(Authorisation own) => own.User is not null || own.FhirUser is not null;

    private static bool IsPractitioner(Authorisation own) => own.FhirUser?.Split('/') is [.., "Practitioner" or "PractitionerRole", _];
}
