using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fhir.Server.DicomWeb;

/// <summary>STOW-RS: multipart or single part, streamed, durable before it is acknowledged. PS3.18 §10.5</summary>
internal static class StowEndpoint
{
    public static void MapStow(this IEndpointRouteBuilder web, string names)
    {
        web.MapPost("/studies", StoreAsync).WithName($"{names}-stow");
        web.MapPost("/studies/{study}", StoreAsync).WithName($"{names}-stow-study");
    }

    private static async Task<IResult> StoreAsync(
        HttpContext context, GuardedRecord guard, StowRun run, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null)
    {
        if (StowResponse.FormatFor(context.Request) is not { } format)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable($"The answer to a store is {StowBody.Json} or {StowBody.Xml}."));
        }
        if (study is not null && !DicomUid.IsValid(study))
        {
            return DicomWebResults.Problem(Problem.Invalid("The address does not name a valid Study Instance UID."));
        }
        if (StowBody.Of(context.Request) is not { } body)
        {
            return DicomWebResults.Problem(Problem.Unsupported(
                $"Instances are sent as multipart/related with a boundary and type=\"{StowBody.Dicom}\", \"{StowBody.Json}\" or \"{StowBody.Xml}\", or one alone as {StowBody.Dicom}."));
        }
        if (!webBase.RecordToStoreIn().TryGet(out var record, out var problem)
            || (record is { } known && (problem = (await guard.MayStoreAsync(known, cancellationToken)).Problem) is not null))
        {
            return DicomWebResults.Problem(problem!);
        }
        // How slowly a body may come is told by StowOptions.StallLimit and MinimumRate, in words.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
        if (await run.ReceiveAsync(body, record, study, cancellationToken) is { } failure)
        {
            return DicomWebResults.Problem(failure);
        }
        return run.Results.Count == 0
            ? DicomWebResults.Problem(Problem.Invalid("The request has no instance in it."))
            : StowResponse.Answer(context, format, run.Results, webBase, study);
    }
}
