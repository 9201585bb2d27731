using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fhir.Server.Tests.SignIn;

/// <summary>An authenticator in memory: makes a passkey (ES256, attestation none) and signs with it. https://www.w3.org/TR/webauthn-3/</summary>
internal sealed class SoftPasskey : IDisposable
{
    private const byte Present = 1;
    private const byte Verified = 4;
    private const byte WithKey = 64;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(32);
    private string user = "";
    private uint counter;

    /// <summary>What a browser sends for the creation options of a server.</summary>
    public string Make(string optionsJson, string origin)
    {
        using var options = JsonDocument.Parse(optionsJson);
        var root = options.RootElement;
        user = root.GetProperty("user").GetProperty("id").GetString()!;
        var client = ClientData("webauthn.create", root.GetProperty("challenge").GetString()!, origin);
        var point = key.ExportParameters(false).Q;
        byte[] cose = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!];
        byte[] data = [.. Head(root.GetProperty("rp").GetProperty("id").GetString()!, Present | Verified | WithKey), .. new byte[16], 0, (byte)id.Length, .. id, .. cose];
        byte[] attestation =
        [
            0xA3, 0x63, .. "fmt"u8, 0x64, .. "none"u8, 0x67, .. "attStmt"u8, 0xA0, 0x68, .. "authData"u8, 0x58, (byte)data.Length, .. data,
        ];
        return Credential($$"""{"clientDataJSON":"{{client}}","attestationObject":"{{Base64Url.EncodeToString(attestation)}}","transports":["internal"]}""");
    }

    /// <summary>What a browser sends for the request options of a server.</summary>
    public string Use(string optionsJson, string origin, bool verify = true)
    {
        using var options = JsonDocument.Parse(optionsJson);
        var root = options.RootElement;
        var client = ClientData("webauthn.get", root.GetProperty("challenge").GetString()!, origin);
        var data = Head(root.GetProperty("rpId").GetString()!, (byte)(Present | (verify ? Verified : 0)));
        var signature = key.SignData([.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(
            $$"""{"clientDataJSON":"{{client}}","authenticatorData":"{{Base64Url.EncodeToString(data)}}","signature":"{{Base64Url.EncodeToString(signature)}}","userHandle":"{{user}}"}""");
    }

    public void Dispose() => key.Dispose();

    private string Credential(string response)
    {
        var name = Base64Url.EncodeToString(id);
        return $$"""{"id":"{{name}}","rawId":"{{name}}","type":"public-key","authenticatorAttachment":"platform","clientExtensionResults":{},"response":{{response}}}""";
    }

    private byte[] Head(string relyingParty, byte flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, ++counter);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(relyingParty)), flags, .. count];
    }

    private static string ClientData(string type, string challenge, string origin) => Base64Url.EncodeToString(
        Encoding.UTF8.GetBytes($$"""{"type":"{{type}}","challenge":"{{challenge}}","origin":"{{origin}}","crossOrigin":false}"""));
}
