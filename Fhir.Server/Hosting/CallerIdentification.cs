using Fhir.Server.Access;
using Fhir.Server.Rest;

namespace Fhir.Server.Hosting;

/// <summary>Tells who is asking, before any door opens. What cannot be told is 401.</summary>
internal sealed class CallerIdentification(RequestDelegate next, ICallerSource source)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!(await source.IdentifyAsync(context)).TryGet(out var caller, out var problem))
        {
            await FhirResults.Problem(problem).ExecuteAsync(context);
            return;
        }
        context.Features.Set(caller);
        await next(context);
    }
}
