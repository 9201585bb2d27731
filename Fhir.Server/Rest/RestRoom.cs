using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Rest.Operations;

namespace Fhir.Server.Rest;

/// <summary>
/// The room of REST: FHIR R4 over HTTP at <c>/fhir</c>, one class an interaction, named as the standard names it. Everything goes through
/// <see cref="Consents.GuardedRecord"/>; <see cref="FhirResults"/> alone knows statuses.
/// </summary>
internal static class RestRoom
{
    public static void MapRest(this IEndpointRouteBuilder app)
    {
        var fhir = app.MapGroup("/fhir").AddEndpointFilter(JudgeAsync);
        // Outside what is the same for all: a Binary is given as what it is.
        app.MapReadBinary();
        fhir.MapBundle();
        fhir.MapCapabilities();
        fhir.MapRead();
        fhir.MapVersionRead();
        fhir.MapHistory();
        fhir.MapSearch();
        fhir.MapCreate();
        fhir.MapUpdate();
        fhir.MapPatch();
        fhir.MapDelete();
        fhir.MapEverything();
        fhir.MapValidate();
        fhir.MapMatch();
        fhir.MapExpand();
        fhir.MapValidateCode();
        fhir.MapMeta();
        fhir.MapReindex();
        fhir.MapCapability();
        fhir.MapJobs();
    }

    /// <summary>Addresses at the base that are no type, and are looked at only.</summary>
    private static readonly string[] Looks = ["metadata", "_history"];

    /// <summary>Answers GET, and HEAD with the same but its body (RFC 9110 §9.3.2).</summary>
    public static RouteHandlerBuilder MapLook(this IEndpointRouteBuilder fhir, string pattern, Delegate handler) =>
        fhir.MapMethods(pattern, [HttpMethods.Get, HttpMethods.Head], handler);

    /// <summary>
    /// What is the same for all: the caller takes a format of this server, the type is one it keeps, and which elements are wanted can be
    /// read. A search by POST settles the last by its form.
    /// </summary>
    private static async ValueTask<object?> JudgeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (request.RouteValues.TryGetValue("type", out var name) && Looks.Contains(name as string))
        {
            context.HttpContext.Response.Headers.Allow = "GET, HEAD";
            return FhirResults.Problem(Problem.NotAllowed("This address does not do that."));
        }
        if (!FhirFormat.Settle(context.HttpContext).TryGet(out _, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        if (request.RouteValues.TryGetValue("type", out var type) && !ResourceContents.Types.Contains(type as string ?? ""))
        {
            return FhirResults.Problem(new Problem(ProblemKind.NotFound, "This server keeps no resources of that type."));
        }
        if ((HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Query.Count > 0
            && !Subset.Settle(context.HttpContext, SearchEndpoint.Pairs(request.Query)).TryGet(out _, out problem))
        {
            return FhirResults.Problem(problem);
        }
        return await next(context);
    }
}
