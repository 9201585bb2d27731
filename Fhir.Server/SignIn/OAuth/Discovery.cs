using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>
/// What the authorisation server says of itself: https://hl7.org/fhir/smart-app-launch/conformance.html and
/// https://openid.net/specs/openid-connect-discovery-1_0.html. Public, for pages of any origin.
/// </summary>
internal static class Discovery
{
    private static readonly string[] Capabilities =
    [
        "launch-ehr", "launch-standalone", "authorize-post", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
        "sso-openid-connect", "context-banner", "context-ehr-patient", "context-standalone-patient", "permission-offline", "permission-online",
        "permission-patient", "permission-user", "permission-v1", "permission-v2", "smart-imaging-access",
        "http://fhir.org/argonaut/smart-imaging/capabilities/app-launch", "http://fhir.org/argonaut/smart-imaging/capabilities/backend-services",
    ];

    private static readonly string[] Scopes =
    [
        .. ScopeRules.Named, "patient/*.rs", "patient/*.cruds", "patient/ImagingStudy.rs", "patient/Patient.rs", "patient/*.read", "patient/ImagingStudy.read",
        "user/*.rs", "user/*.cruds", "user/ImagingStudy.rs", "system/*.rs", "system/*.cruds", "system/ImagingStudy.rs",
    ];

    public static void MapDiscovery(this IEndpointRouteBuilder app)
    {
        app.MapGet("/fhir/.well-known/smart-configuration", (OAuthAddresses addresses) => Results.Json(Smart(addresses)))
            .WithName("smart-configuration").AllowAnonymous().RequireCors(AnyOrigin);
        app.MapGet("/.well-known/openid-configuration", (OAuthAddresses addresses) => Results.Json(OpenId(addresses)))
            .WithName("openid-configuration").AllowAnonymous().RequireCors(AnyOrigin);
    }

    private static void AnyOrigin(CorsPolicyBuilder policy) => policy.AllowAnyOrigin().AllowAnyHeader().WithMethods("GET", "HEAD", "OPTIONS");

    private static JsonObject Smart(OAuthAddresses addresses)
    {
        var document = Common(addresses);
        document["capabilities"] = List(Capabilities);
        document["management_endpoint"] = addresses.Apps;
        return document;
    }

    private static JsonObject OpenId(OAuthAddresses addresses)
    {
        var document = Common(addresses);
        document["subject_types_supported"] = List("public");
        document["id_token_signing_alg_values_supported"] = List("RS256");
        document["claims_supported"] = List("iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "fhirUser", "name");
        document["response_modes_supported"] = List("query");
        document["prompt_values_supported"] = List("none", "login", "consent");
        document["authorization_response_iss_parameter_supported"] = true;
        document["request_parameter_supported"] = false;
        document["request_uri_parameter_supported"] = false;
        return document;
    }

    private static JsonObject Common(OAuthAddresses addresses) => new()
    {
        ["issuer"] = addresses.Issuer,
        ["authorization_endpoint"] = addresses.Authorize,
        ["token_endpoint"] = addresses.Token,
        ["revocation_endpoint"] = addresses.Revoke,
        ["introspection_endpoint"] = addresses.Introspect,
        ["jwks_uri"] = addresses.Keys,
        ["grant_types_supported"] = List("authorization_code", "client_credentials", "refresh_token"),
        ["response_types_supported"] = List("code"),
        ["code_challenge_methods_supported"] = List("S256"),
        ["token_endpoint_auth_methods_supported"] = List("none", "client_secret_basic", "client_secret_post", "private_key_jwt"),
        ["token_endpoint_auth_signing_alg_values_supported"] = List("RS384", "ES384"),
        ["scopes_supported"] = List(Scopes),
    };

    private static JsonArray List(params string[] values) => new([.. values.Select(value => (JsonNode)value)]);
}
