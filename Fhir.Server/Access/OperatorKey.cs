using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Fhir.Server.Access;

/// <summary>What a command of this program shows to a live server that owns the store: the key lies beside the store, not in it.</summary>
public sealed class OperatorKey
{
    /// <summary>The scheme in the Authorization header.</summary>
    public const string Scheme = "Operator";

    private readonly byte[] key;

    public OperatorKey(IConfiguration configuration) => key = KeyFile.ReadOrCreate(PathIn(KeyFolder.Of(configuration)));

    /// <summary>The key as it stands in the header, read from a key folder.</summary>
    public static string ReadFrom(string keyFolder) => Convert.ToHexStringLower(KeyFile.Read(PathIn(keyFolder)));

    /// <summary>The key as it stands in the header.</summary>
    public string Shown => Convert.ToHexStringLower(key);

    /// <summary>Compares in constant time.</summary>
    public bool Equals(string shown) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown.Trim().ToLowerInvariant()), Encoding.UTF8.GetBytes(Shown));

    private static string PathIn(string keyFolder) => Path.Combine(keyFolder, "operator.key");
}

/// <summary>Where keys lie: <c>Storage:KeyPath</c>, else the store's folder with <c>-keys</c> behind its name.</summary>
public static class KeyFolder
{
    public static string Of(IConfiguration configuration) =>
        configuration["Storage:KeyPath"] ?? StoreFolder(configuration).TrimEnd('/', '\\') + "-keys";

    /// <summary>The folder of the embedded store: <c>Storage:Path</c>, else <c>data</c> beside the program.</summary>
    public static string StoreFolder(IConfiguration configuration) =>
        Path.GetFullPath(configuration["Storage:Path"] ?? Path.Combine(AppContext.BaseDirectory, "data"));
}
