using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// Makes a bearer capability: an address of DICOMweb that is enough alone to read one study, for what cannot send a header. It lives for an hour at
/// most (<c>lifetime</c>, in seconds, may say less), never longer than the access token it was asked for with, and ends at once with that, with its
/// authorisation and with the study. The answer has an Endpoint, and <c>expires</c>. SMART Imaging Access, <i>Capability URLs</i>; not an
/// operation of the standard.
/// </summary>
internal static class CapabilityEndpoint
{
    private const string Lifetime = "lifetime";

    public static void MapCapability(this IEndpointRouteBuilder fhir)
    {
        var route = fhir.MapPost("/ImagingStudy/{id}/$capability", IssueAsync).WithName("capability");
        if (fhir.ServiceProvider.GetService<ICapabilities>() is not null)
        {
            route.WithMetadata(new Operation("capability", "urn:phr:operation:capability"));
        }
    }

    private static async Task<IResult> IssueAsync(
        string id, HttpContext context, GuardedRecord guard, PublicAddress address, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (context.RequestServices.GetService<ICapabilities>() is not { } capabilities)
        {
            return FhirResults.Problem(Problem.NotAllowed("In open mode there are no access tokens, in whose name a capability could be made; every address is open as it is."));
        }
        if (!(await OperationInput.ReadAsync(context.Request, cancellationToken)).TryGet(out var input, out var problem)
            || !input.Number(Lifetime, 1, (int)Capability.Longest.TotalSeconds).TryGet(out var seconds, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (input.Names.FirstOrDefault(name => name != Lifetime) is { } other)
        {
            return FhirResults.Problem(Problem.Invalid($"$capability takes {Lifetime}, in seconds, and not {other}."));
        }
        var name = Guid.NewGuid().ToString("N");
        if (!(await guard.ReachOfCapabilityAsync(new ResourceKey("ImagingStudy", id), name, cancellationToken)).TryGet(out var reach, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (guard.Caller.Authorisation is not { Token: { } token } authorisation)
        {
            return FhirResults.Problem(Problem.Forbidden("A capability is made in the name of an access token, and this one cannot be told again."));
        }
        var asked = clock.GetUtcNow() + (seconds is { } some ? TimeSpan.FromSeconds(some) : Capability.Longest);
        var expires = asked < authorisation.Expires ? asked : authorisation.Expires;
        var secret = TokenHash.MakeSecret();
        await capabilities.AddAsync(
            TokenHash.Of(secret), new Capability { Id = name, Authorisation = authorisation.Id, Token = token, Reach = reach, Expires = expires }, cancellationToken);
        return FhirResults.Unkept(FhirJson.Write(Answer($"{address.Base}{CapabilityRequest.Prefix}/{secret}", expires)));
    }

    private static Parameters Answer(string address, DateTimeOffset expires)
    {
        var endpoint = DicomWebEndpoint.Of("dicom-wado-rs", "WADO-RS", address, requiresAccessToken: false);
        endpoint.Period = new Period { EndElement = new FhirDateTime(expires) };
        return new Parameters().Add("endpoint", endpoint).Add("expires", new Instant(expires));
    }
}
