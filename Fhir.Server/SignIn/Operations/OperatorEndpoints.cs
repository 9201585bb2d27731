using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Operations;

/// <summary>
/// What the commands <c>clients</c>, <c>tokens</c>, <c>links</c> and <c>launch</c> speak to. They go through the server that runs, since it alone knows
/// at once that something it has in memory no longer holds.
/// </summary>
internal static class OperatorEndpoints
{
    public static void MapOperator(this IEndpointRouteBuilder app)
    {
        var operations = app.MapGroup("/operator").AddEndpointFilter<OperatorFilter>();
        operations.MapPost("/tokens", TokenOperation.IssueAsync).WithName("operator-tokens");
        operations.MapPost("/launches", LaunchOperation.IssueAsync).WithName("operator-launches");
        operations.MapPost("/clients", ClientOperations.AddAsync).WithName("operator-clients-add");
        operations.MapGet("/clients", ClientOperations.ListAsync).WithName("operator-clients");
        operations.MapPost("/clients/{id}/disable", ClientOperations.DisableAsync).WithName("operator-clients-disable");
        operations.MapPost("/links", LinkOperations.AddAsync).WithName("operator-links-add");
        operations.MapGet("/links", LinkOperations.ListAsync).WithName("operator-links");
        operations.MapPost("/links/remove", LinkOperations.RemoveAsync).WithName("operator-links-remove");
    }
}
