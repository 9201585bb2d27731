using Fhir.Server.Access;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Operations;

/// <summary>Lets in the commands of this program, which hold the operator key, and nobody else: to others there is nothing here.</summary>
internal sealed class OperatorFilter : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.Features.Get<Caller>() is { Kind: CallerKind.Operator } ? await next(context) : Results.NotFound();
}
