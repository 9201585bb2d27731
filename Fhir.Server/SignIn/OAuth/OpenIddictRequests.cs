using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Http;
using OpenIddict.Abstractions;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>The request OpenIddict has read.</summary>
internal static class OpenIddictRequests
{
    public static OpenIddictRequest GetOpenIddictRequestOrThrow(this HttpContext http) =>
        http.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("The request did not pass the authorisation server.");
}
