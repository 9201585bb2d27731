using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>How an authorization request fails. https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1</summary>
internal static class AuthorizationErrors
{
    /// <summary>Told to the person, since nobody known asked: no browser is ever sent to an address that is not registered.</summary>
    public static IResult Page(HttpContext context, bool knownClient)
    {
        var texts = AppTexts.In(context.LanguageOf());
        return PageFrame.Problem(context, texts.CannotGoOn, knownClient ? texts.UnknownRedirect : texts.UnknownApp);
    }

    /// <summary>Told to the app.</summary>
    public static IResult Redirect(string redirectUri, string? state, string issuer, string error, string description)
    {
        var parameters = new Dictionary<string, string?> { ["error"] = error, ["error_description"] = description, ["state"] = state, ["iss"] = issuer };
        return Results.Redirect(QueryHelpers.AddQueryString(redirectUri, parameters.Where(one => !string.IsNullOrEmpty(one.Value))!));
    }
}
