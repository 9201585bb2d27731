using Fhir.Server.Outcomes;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.Storage.Accounts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;

namespace Fhir.Server.SignIn.Clients;

/// <summary>An assertion that was found good.</summary>
/// <param name="Client">Who signed it.</param>
/// <param name="Audience">For whom.</param>
/// <param name="Expires">Until when it holds.</param>
internal sealed record GoodAssertion(string Client, string Audience, DateTimeOffset Expires);

/// <summary>Judges client assertions. https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html, RFC 7523 §3</summary>
internal sealed class ClientAssertions(
    IOpenIddictApplicationManager applications, ClientStore clients, AssertionStore seen, RemoteKeys remote, OAuthAddresses addresses, TimeProvider clock)
{
    private const int JtiLength = 256;
    private static readonly string[] Algorithms = [SecurityAlgorithms.RsaSha384, SecurityAlgorithms.EcdsaSha384];
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>How far a client's clock may be ahead of ours.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(10);

    private static readonly JsonWebTokenHandler Tokens = new() { MaximumTokenSizeInBytes = 16 * 1024 };

    /// <summary>Judges an assertion and takes note of it; <c>Unauthenticated</c> with the reason for one that is not good.</summary>
    /// <param name="text">The assertion.</param>
    /// <param name="claimed">The <c>client_id</c> of the request; null when it says none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Outcome<GoodAssertion>> JudgeAsync(string text, string? claimed, CancellationToken cancellationToken)
    {
        if (Read(text) is not { } token)
        {
            return Bad("The assertion is no JWT.");
        }
        if (Head(token, claimed) is { } fault)
        {
            return Bad(fault);
        }
        if (await clients.FindAsync(token.Issuer, cancellationToken) is not { IsDisabled: false } client)
        {
            return Bad("The client is not registered.");
        }
        if (token.TryGetHeaderValue<string>("jku", out var jku) && jku != client.JwksUri)
        {
            return Bad("jku is not the address registered for the client.");
        }
        var keys = (await KeysOfAsync(client, token.Kid, cancellationToken))
            .Where(key => key.Kid == token.Kid && key.Kty == KindOf(token.Alg)).ToList();
        if (keys is not [var key])
        {
            return Bad("Not exactly one key of the client has this kid and fits the algorithm.");
        }
        if (!await IsSignedAsync(text, token.Alg, key))
        {
            return Bad("The signature is not good.");
        }
        var expires = Expiry(token);
        return expires is null ? Bad("exp must be at most five minutes ahead, and not over.")
            : token.Id is not { Length: > 0 and <= JtiLength } jti ? Bad("jti is missing or longer than 256 characters.")
            : !await seen.TryUseAsync(client.Id, jti, expires.Value + Skew, cancellationToken) ? Bad("The assertion was used already.")
            : new GoodAssertion(client.Id, addresses.Token, expires.Value);
    }

    private static JsonWebToken? Read(string text)
    {
        try
        {
            return Tokens.CanReadToken(text) ? Tokens.ReadJsonWebToken(text) : null;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or SecurityTokenException)
        {
            return null;
        }
    }

    /// <summary>What is wrong with all that can be judged without a key; null when nothing.</summary>
    private string? Head(JsonWebToken token, string? claimed) =>
        token.Typ is { Length: > 0 } type && !type.Equals("JWT", StringComparison.OrdinalIgnoreCase) ? "typ must be JWT."
        : !Algorithms.Contains(token.Alg, StringComparer.Ordinal) ? "alg must be RS384 or ES384."
        : string.IsNullOrEmpty(token.Kid) ? "kid is missing."
        : string.IsNullOrEmpty(token.Issuer) || token.Issuer != token.Subject ? "iss and sub must both be the client_id."
        : !string.IsNullOrEmpty(claimed) && claimed != token.Issuer ? "client_id is not that of the assertion."
        : !token.Audiences.Contains(addresses.Token, StringComparer.Ordinal) ? $"aud must be {addresses.Token}."
        : null;

    private async ValueTask<IReadOnlyList<JsonWebKey>> KeysOfAsync(ClientRow client, string kid, CancellationToken cancellationToken)
    {
        if (client.JwksUri is { } address)
        {
            return await remote.FindAsync(address, kid, cancellationToken);
        }
        var application = await applications.FindByClientIdAsync(client.Id, cancellationToken);
        var keys = application is null ? null : await applications.GetJsonWebKeySetAsync(application, cancellationToken);
        return keys is null ? [] : ClientKeys.Usable(keys);
    }

    private static string KindOf(string algorithm) =>
        algorithm == SecurityAlgorithms.RsaSha384 ? JsonWebAlgorithmsKeyTypes.RSA : JsonWebAlgorithmsKeyTypes.EllipticCurve;

    private static async ValueTask<bool> IsSignedAsync(string text, string algorithm, JsonWebKey key)
    {
        // Lifetime, issuer and audience are judged by SMART's rules beside.
        var result = await Tokens.ValidateTokenAsync(text, new TokenValidationParameters
        {
            ValidateIssuer = false, ValidateAudience = false, ValidateLifetime = false, RequireSignedTokens = true, ValidAlgorithms = [algorithm],
            IssuerSigningKey = key,
        });
        return result.IsValid;
    }

    /// <summary>When it ends; null when that is over, too far ahead or not said, or it was issued in the future.</summary>
    private DateTimeOffset? Expiry(JsonWebToken token)
    {
        var now = clock.GetUtcNow();
        if (!token.TryGetPayloadValue<long>("exp", out var seconds) || seconds is < 0 or > 253402300799)
        {
            return null;
        }
        var expires = DateTimeOffset.FromUnixTimeSeconds(seconds);
        var isFromTheFuture = token.ValidFrom > (now + Skew).UtcDateTime || token.IssuedAt > (now + Skew).UtcDateTime;
        return expires <= now || expires > now + Longest + Skew || isFromTheFuture ? null : expires;
    }

    private static Problem Bad(string text) => new(ProblemKind.Unauthenticated, text);
}
