using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Fhir.Server.Tests.SignIn;

/// <summary>A client that signs assertions: one key for RS384, one for ES384.</summary>
internal sealed class SigningClient(string id) : IDisposable
{
    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa curve = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    public string Id => id;

    public const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public string PublicKeys => new JsonObject { ["keys"] = new JsonArray(PublicRsa(), PublicCurve()) }.ToJsonString();

    /// <summary>An assertion; everything of it can be changed, and a claim or header set to null is left out.</summary>
    public string Assert(string audience, string algorithm = "ES384", Dictionary<string, object?>? claims = null, Dictionary<string, object?>? headers = null, SigningClient? signer = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var all = new Dictionary<string, object?>
        {
            ["iss"] = id, ["sub"] = id, ["aud"] = audience, ["exp"] = now + 240, ["iat"] = now, ["jti"] = Guid.NewGuid().ToString(),
        };
        foreach (var (name, value) in claims ?? [])
        {
            all[name] = value;
        }
        var head = new Dictionary<string, object?> { ["alg"] = algorithm, ["typ"] = "JWT", ["kid"] = algorithm.StartsWith('R') ? "rsa-1" : "ec-1" };
        foreach (var (name, value) in headers ?? [])
        {
            head[name] = value;
        }
        var text = $"{Encode(head)}.{Encode(all)}";
        return $"{text}.{Base64UrlEncoder.Encode((signer ?? this).Sign(text, algorithm))}";
    }

    public void Dispose()
    {
        rsa.Dispose();
        curve.Dispose();
    }

    private byte[] Sign(string text, string algorithm)
    {
        var bytes = System.Text.Encoding.ASCII.GetBytes(text);
        return algorithm switch
        {
            "RS384" => rsa.SignData(bytes, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1),
            "RS256" => rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
            _ => curve.SignData(bytes, HashAlgorithmName.SHA384),
        };
    }

    private static string Encode(Dictionary<string, object?> members) =>
        Base64UrlEncoder.Encode(System.Text.Json.JsonSerializer.Serialize(members.Where(one => one.Value is not null).ToDictionary()));

    private JsonObject PublicRsa()
    {
        var key = rsa.ExportParameters(false);
        return new JsonObject { ["kty"] = "RSA", ["kid"] = "rsa-1", ["n"] = Base64UrlEncoder.Encode(key.Modulus), ["e"] = Base64UrlEncoder.Encode(key.Exponent) };
    }

    private JsonObject PublicCurve()
    {
        var key = curve.ExportParameters(false);
        return new JsonObject { ["kty"] = "EC", ["crv"] = "P-384", ["kid"] = "ec-1", ["x"] = Base64UrlEncoder.Encode(key.Q.X), ["y"] = Base64UrlEncoder.Encode(key.Q.Y) };
    }
}
