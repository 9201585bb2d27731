using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Cursors of pages: a position, sealed under the store's own key together with what it is about, the question and who asked it. It
/// tells nothing of the store, and one that was made up, altered or taken from another question is told from a true one.
/// </summary>
internal static class SealedCursor
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Seals a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="about">What it is about; whoever opens it must say the same.</param>
    /// <param name="key">The store's key.</param>
    public static string Write(ReadOnlySpan<byte> position, ReadOnlySpan<byte> about, byte[] key)
    {
        // Made of what is sealed: the same page of the same question has the same link, and no two different ones share a nonce.
        byte[] all = [.. about, .. position];
        var nonce = HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "cursor nonce"u8.ToArray()), all)[..NonceLength];
        var (sealedPosition, tag) = (new byte[position.Length], new byte[TagLength]);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, position, sealedPosition, tag, about);
        return Base64Url.EncodeToString([.. nonce, .. tag, .. sealedPosition]);
    }

    /// <summary>Opens a cursor; false when it is not one of this question's.</summary>
    public static bool TryRead(string? cursor, ReadOnlySpan<byte> about, byte[] key, [NotNullWhen(true)] out byte[]? position)
    {
        position = null;
        if (cursor is null || !Base64Url.IsValid(cursor))
        {
            return false;
        }
        var bytes = Base64Url.DecodeFromChars(cursor).AsSpan();
        if (bytes.Length <= NonceLength + TagLength)
        {
            return false;
        }
        var opened = new byte[bytes.Length - NonceLength - TagLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(bytes[..NonceLength], bytes[(NonceLength + TagLength)..], bytes[NonceLength..(NonceLength + TagLength)], opened, about);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        position = opened;
        return true;
    }
}
