using Fhir.Server.Consents;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging;

/// <summary>Where a site's study goes, and as whose.</summary>
/// <param name="Record">The record.</param>
/// <param name="Contributor">The site, with the namespace it means the PatientID in.</param>
internal readonly record struct SiteRoute(RecordId Record, Contributor Contributor);

/// <summary>
/// Says to whom a study of a site belongs: by a verified link of its PatientID in the namespace of its issuer, if that is registered to the site, else in
/// the site's first. What the file says beside, and what anybody wrote into a Patient, routes nothing. Without a link it waits unclaimed.
/// </summary>
internal sealed class SiteRouting(GuardedRecord guard, Site site)
{
    private readonly Dictionary<(string Namespace, string Value), RecordId?> known = [];

    /// <summary>The route of one instance.</summary>
    /// <param name="keys">What it says of its patient.</param>
    /// <param name="named">The record the sender named; null to find one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<SiteRoute> RouteAsync(MatchingKeys keys, RecordId? named, CancellationToken cancellationToken)
    {
        var space = keys.PatientIssuers.FirstOrDefault(site.Namespaces.Contains) ?? (site.Namespaces.Count > 0 ? site.Namespaces[0] : null);
        var linked = space is not null && DicomText.Clean(keys.PatientId) is { } id ? await LinkedAsync(space, id, cancellationToken) : null;
        var target = named ?? linked ?? site.Unclaimed;
        // Whose number it is by which the patient is known here, knows best.
        var trust = linked is not null && linked == target ? Trust.IssuerOwner : Trust.Site;
        return new SiteRoute(target, guard.Contributor with { Trust = trust, Namespace = space });
    }

    private async ValueTask<RecordId?> LinkedAsync(string space, string id, CancellationToken cancellationToken) =>
        known.TryGetValue((space, id), out var before) ? before
            : known[(space, id)] = (await guard.FindLinkAsync(space, id, cancellationToken))?.Record;
}
