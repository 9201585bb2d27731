using System.Security.Cryptography;
using System.Text;

namespace Fhir.Server.Access;

/// <summary>The SHA-256 of a secret that is itself random of 256 bits: a token, a launch value, a capability. What is kept instead of the secret.</summary>
public readonly record struct TokenHash
{
    private TokenHash(string value) => Value = value;

    /// <summary>64 hexadecimal digits in lower case.</summary>
    public string Value { get; }

    /// <summary>The hash of a secret as it stands in a request.</summary>
    public static TokenHash Of(string secret) => new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));

    /// <summary>A hash as it was kept: <see cref="Value"/> of another one.</summary>
    public static TokenHash Kept(string value) => new(value);

    /// <summary>A new secret: 43 characters of base64url, 256 bits.</summary>
    public static string MakeSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
