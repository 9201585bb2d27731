using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.Tests.Conformance;

/// <summary>A verifier and its challenge. https://www.rfc-editor.org/rfc/rfc7636#section-4</summary>
internal sealed record Pkce(string Verifier)
{
    public string Challenge => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    public static Pkce Make() => new(Secret());

    /// <summary>43 characters nobody guesses.</summary>
    public static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
