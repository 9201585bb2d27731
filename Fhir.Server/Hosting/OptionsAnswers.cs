namespace Fhir.Server.Hosting;

/// <summary>
/// OPTIONS without a page behind it: says what an address can do, by the routes alone and so without asking who is there (RFC 9110 §9.3.7,
/// PS3.18 §8.9). Preflights never come as far as here.
/// </summary>
internal sealed class OptionsAnswers(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (!HttpMethods.IsOptions(context.Request.Method) || context.GetEndpoint() is RouteEndpoint)
        {
            await next(context);
            return;
        }
        if (context.GetEndpoint() is not { RequestDelegate: { } refuse })
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        // Where no route takes the method, the framework refuses it and says which would be taken.
        await refuse(context);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        context.Response.Headers.Allow = context.Response.Headers.Allow + ", OPTIONS";
    }
}
