using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest;

namespace Fhir.Server.Hosting;

/// <summary>Tells who is asking, before any door opens. What cannot be told is 401.</summary>
internal sealed class CallerIdentification(RequestDelegate next, ICallerSource source, PublicAddress address)
{
    public async Task InvokeAsync(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!address.IsKnown)
        {
            // Connections are taken a moment before the server is told on which addresses.
            await FhirResults.Problem(Problem.Unavailable("The server is starting.", TimeSpan.FromSeconds(1))).ExecuteAsync(context);
            return;
        }
        if (!(await source.IdentifyAsync(context)).TryGet(out var caller, out var problem))
        {
            await FhirResults.Problem(problem).ExecuteAsync(context);
            return;
        }
        context.Features.Set(caller);
        await next(context);
    }
}
