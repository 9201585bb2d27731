using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Conformance;

/// <summary>A key pair of an asymmetric client, and the assertions it signs. https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html</summary>
internal sealed class ClientKey : IDisposable
{
    private readonly AsymmetricAlgorithm pair;

    private ClientKey(string algorithm, AsymmetricAlgorithm pair, string? id)
    {
        (Algorithm, this.pair) = (algorithm, pair);
        Id = id ?? Guid.NewGuid().ToString("N");
    }

    /// <summary><c>RS384</c> or <c>ES384</c>.</summary>
    public string Algorithm { get; }

    /// <summary>Its <c>kid</c>.</summary>
    public string Id { get; }

    public static ClientKey Make(string algorithm, string? id = null) => algorithm == "RS384"
        ? new ClientKey(algorithm, RSA.Create(2048), id) : new ClientKey(algorithm, ECDsa.Create(ECCurve.NamedCurves.nistP384), id);

    /// <summary>The pair of a JSON Web Key with its private half (EC, P-384).</summary>
    public static ClientKey Read(string jwk)
    {
        var key = JsonSerializer.Deserialize<JsonElement>(jwk);
        byte[] Value(string name) => Base64Url.DecodeFromChars(key.GetProperty(name).GetString());
        var pair = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP384, Q = new ECPoint { X = Value("x"), Y = Value("y") }, D = Value("d") });
        return new ClientKey("ES384", pair, key.GetProperty("kid").GetString());
    }

    /// <summary>The public half, bare.</summary>
    public JsonObject PublicKey()
    {
        if (pair is RSA rsa)
        {
            var values = rsa.ExportParameters(includePrivateParameters: false);
            return new JsonObject { ["kty"] = "RSA", ["kid"] = Id, ["n"] = Text(values.Modulus!), ["e"] = Text(values.Exponent!) };
        }
        var point = ((ECDsa)pair).ExportParameters(includePrivateParameters: false).Q;
        return new JsonObject { ["kty"] = "EC", ["kid"] = Id, ["crv"] = "P-384", ["x"] = Text(point.X!), ["y"] = Text(point.Y!) };
    }

    /// <summary>A key set of the public halves.</summary>
    public static string Set(params IEnumerable<ClientKey> keys) =>
        new JsonObject { ["keys"] = new JsonArray([.. keys.Select(one => one.PublicKey())]) }.ToJsonString();

    /// <summary>A signed assertion.</summary>
    /// <param name="client">iss and sub.</param>
    /// <param name="audience">The token endpoint.</param>
    /// <param name="now">The time it says.</param>
    /// <param name="header">Changes the header.</param>
    /// <param name="claims">Changes the claims.</param>
    public string Assert(string client, string audience, DateTimeOffset now, Action<JsonObject>? header = null, Action<JsonObject>? claims = null)
    {
        var head = new JsonObject { ["alg"] = Algorithm, ["kid"] = Id, ["typ"] = "JWT" };
        var body = new JsonObject
        {
            ["iss"] = client, ["sub"] = client, ["aud"] = audience, ["exp"] = now.AddMinutes(4).ToUnixTimeSeconds(), ["jti"] = Guid.NewGuid().ToString(),
        };
        header?.Invoke(head);
        claims?.Invoke(body);
        var text = $"{Text(Encoding.UTF8.GetBytes(head.ToJsonString()))}.{Text(Encoding.UTF8.GetBytes(body.ToJsonString()))}";
        return $"{text}.{Text(Sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public void Dispose() => pair.Dispose();

    private byte[] Sign(byte[] data) => pair is RSA rsa
        ? rsa.SignData(data, HashAlgorithmName.SHA384, RSASignaturePadding.Pkcs1) : ((ECDsa)pair).SignData(data, HashAlgorithmName.SHA384);

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
