using Fhir.Server.SignIn.Accounts;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.SignIn.Pages;

/// <summary>What shows that a form was filled in on a page of ours: bound to the browser and to the session in it.</summary>
internal static class FormToken
{
    public const string FieldName = "form-token";
    public const string HeaderName = "X-Form-Token";

    /// <summary>The hidden field every form has.</summary>
    public static Html Field(HttpContext context) => $"<input type=\"hidden\" name=\"{FieldName}\" value=\"{Value(context)}\">";

    /// <summary>The token itself, for a script that sends it as a header.</summary>
    public static string Value(HttpContext context) =>
        context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken!;

    /// <summary>Whether a request carries a good one.</summary>
    public static Task<bool> IsGoodAsync(HttpContext context) => context.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(context);
}

/// <summary>Binds form tokens to the session: one given out before a sign-in is worth nothing after it.</summary>
internal sealed class FormTokenSession : IAntiforgeryAdditionalDataProvider
{
    public string GetAdditionalData(HttpContext context) => context.Features.Get<SignedInSession>()?.Id ?? "";

    public bool ValidateAdditionalData(HttpContext context, string additionalData) => additionalData == GetAdditionalData(context);
}
