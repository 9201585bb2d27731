using System.Text.Json.Nodes;
using Fhir.Server.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn;

/// <summary>Errors as OAuth says them. https://www.rfc-editor.org/rfc/rfc6749#section-5.2</summary>
internal static class OAuthAnswers
{
    /// <summary>A problem as JSON.</summary>
    public static IResult Problem(Problem problem) => problem.Kind switch
    {
        ProblemKind.NotFound => Error(StatusCodes.Status404NotFound, "not_found", problem.Text),
        ProblemKind.Forbidden => Error(StatusCodes.Status403Forbidden, "access_denied", problem.Text),
        ProblemKind.Conflict => Error(StatusCodes.Status409Conflict, "invalid_request", problem.Text),
        ProblemKind.Unauthenticated => Error(StatusCodes.Status401Unauthorized, "invalid_token", problem.Text),
        _ => Error(StatusCodes.Status400BadRequest, "invalid_request", problem.Text),
    };

    /// <summary>An error with a status.</summary>
    public static IResult Error(int status, string error, string description) =>
        Results.Json(new JsonObject { ["error"] = error, ["error_description"] = description }, statusCode: status);
}
