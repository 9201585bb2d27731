using Microsoft.IdentityModel.Tokens;

namespace Fhir.Server.SignIn.Clients;

/// <summary>The public keys of a client, as far as SMART allows them: RSA of 2048 bits or more for RS384, EC on P-384 for ES384.</summary>
internal static class ClientKeys
{
    private const int RsaModulusBytes = 256;
    private const string P384 = "P-384";

    /// <summary>Reads a JSON Web Key Set (RFC 7517 §5); keys that cannot be used are left out. Throws <see cref="ArgumentException"/> when it is none.</summary>
    public static IReadOnlyList<JsonWebKey> Parse(string json) => Usable(new JsonWebKeySet(json));

    /// <summary>Those keys of a set that can be used.</summary>
    public static IReadOnlyList<JsonWebKey> Usable(JsonWebKeySet keys) => [.. keys.Keys.Where(IsUsable)];

    private static bool IsUsable(JsonWebKey key)
    {
        if (string.IsNullOrEmpty(key.Kid) || !string.IsNullOrEmpty(key.D) || key.Use is not (null or "" or "sig"))
        {
            return false;
        }
        try
        {
            return key.Kty switch
            {
                JsonWebAlgorithmsKeyTypes.RSA => key.N is not null && key.E is not null && Base64UrlEncoder.DecodeBytes(key.N).Length >= RsaModulusBytes,
                JsonWebAlgorithmsKeyTypes.EllipticCurve => key.Crv == P384 && key.X is not null && key.Y is not null,
                _ => false,
            };
        }
        catch (FormatException)
        {
            // A modulus that is not base64url.
            return false;
        }
    }
}
