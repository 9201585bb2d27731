using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// Which record a DICOMweb request is about: the one in its path, or, at the site-wide base, the only one in which the caller sees the
/// study, or that of the capability. And what addresses in its answer begin with.
/// </summary>
internal sealed class DicomWebBase(IHttpContextAccessor accessor, PublicAddress address, GuardedRecord guard)
{
    private HttpContext Context => accessor.HttpContext!;

    private CapabilityRequest? Capability => Context.Features.Get<CapabilityRequest>();

    private string Origin => address.BaseFor(Context.Request.Scheme, Context.Request.Host.Value ?? "");

    /// <summary>The record in the path, or of the capability in it; null at the site-wide base.</summary>
    public RecordId? Named => Capability is { Record: { } owner } ? new RecordId(owner)
        : Context.Request.RouteValues.TryGetValue("patient", out var value) && value is string id ? new RecordId(id) : null;

    /// <summary>What addresses of this request's answers begin with: scheme, host and <c>/dicomweb</c>.</summary>
    public string Site => Origin + "/dicomweb";

    /// <summary>The DICOMweb base of the request: of its record, of its capability, or site-wide.</summary>
    public string Own => Named is { } record ? Of(record) : Site;

    /// <summary>The DICOMweb base of a record, for this request: who came by a capability knows no other.</summary>
    public string Of(RecordId record) => Capability is { } shown ? $"{Origin}{CapabilityRequest.Prefix}/{shown.Secret}" : $"{Site}/patients/{record}";

    /// <summary>
    /// What the address of a stored instance begins with. Of what a site had routed it names no record: whether the patient is known here, is not told.
    /// </summary>
    public string OfStored(RecordId record) => Named is null && guard.Site is not null ? Site : Of(record);

    /// <summary>
    /// The record a store goes to: the one in the path, else the only one the caller reaches; null to route each instance by its
    /// PatientID, for who reaches everything, or by its verified link, for a site. <c>Conflict</c>, naming the bases, for who reaches several.
    /// </summary>
    public Outcome<RecordId?> RecordToStoreIn()
    {
        var reach = guard.Caller.Reach;
        if (Named is not null || guard.Caller.IsUnbounded)
        {
            return Named;
        }
        if (guard.Site is not null)
        {
            return (RecordId?)null;
        }
        var records = guard.Caller.Authorisation is null ? [.. reach.Records.Select(one => new RecordId(one.Record)).Distinct()] : guard.RecordsToStoreIn();
        return records.Count switch
        {
            0 => Problem.Forbidden("The caller may not write."),
            1 => (RecordId?)records[0],
            _ => Problem.Conflict("The caller reaches more than one record; use one of these bases: " + string.Join(" ", records.Select(Of))),
        };
    }

    /// <summary>
    /// The record a study is to be taken from. <c>NotFound</c> when the caller sees it nowhere; <c>Conflict</c>, naming the bases, when
    /// it lies in more than one record the caller sees.
    /// </summary>
    public async ValueTask<Outcome<RecordId>> RecordOfAsync(string study, CancellationToken cancellationToken, bool toDelete = false)
    {
        if (Named is { } named)
        {
            return named;
        }
        if (!(await guard.RecordsOfStudyAsync(study, toDelete, cancellationToken)).TryGet(out var records, out var problem))
        {
            return problem;
        }
        return records.Count switch
        {
            0 => Problem.NotFound(),
            1 => records[0],
            _ => Problem.Conflict("The study lies in more than one record; use one of these bases: " + string.Join(" ", records.Select(Of))),
        };
    }
}
