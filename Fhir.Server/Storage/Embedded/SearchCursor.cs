using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The last row of a page: its sort values (numbers or ids) and its key.</summary>
internal sealed record SearchPosition(IReadOnlyList<object> Values, long Pk);

/// <summary>
/// Cursors of search pages: the position of the last row, sealed under the store's own key together with the query it belongs
/// to and who asked it: it tells nothing of the store, and one that was made up, altered or taken from another query is told from a true one.
/// </summary>
internal static class SearchCursor
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static string Write(SearchPosition position, SearchQuery query, byte[] key)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(position.Values.Append(position.Pk));
        var about = Describe(query);
        // Made of what is sealed: the same page of the same query has the same link, and no two different ones share a nonce.
        byte[] all = [.. about, .. body];
        var nonce = HMACSHA256.HashData(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 32, info: "cursor nonce"u8.ToArray()), all)[..NonceLength];
        var (sealedBody, tag) = (new byte[body.Length], new byte[TagLength]);
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, body, sealedBody, tag, about);
        return Base64Url.EncodeToString([.. nonce, .. tag, .. sealedBody]);
    }

    /// <summary>False when the cursor is not one of this query's.</summary>
    public static bool TryRead(string cursor, SearchQuery query, byte[] key, out SearchPosition? position)
    {
        position = null;
        if (!Base64Url.IsValid(cursor))
        {
            return false;
        }
        var bytes = Base64Url.DecodeFromChars(cursor);
        if (bytes.Length <= NonceLength + TagLength)
        {
            return false;
        }
        var body = new byte[bytes.Length - NonceLength - TagLength];
        try
        {
            using var aes = new AesGcm(key, TagLength);
            aes.Decrypt(
                bytes.AsSpan(0, NonceLength), bytes.AsSpan(NonceLength + TagLength), bytes.AsSpan(NonceLength, TagLength), body, Describe(query));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        using var values = JsonDocument.Parse(body);
        var all = values.RootElement.EnumerateArray()
            .Select(one => one.ValueKind != JsonValueKind.Number ? one.GetString()! : one.TryGetInt64(out var whole) ? (object)whole : one.GetDouble()).ToList();
        position = new SearchPosition(all[..^1], (long)all[^1]);
        return true;
    }

    /// <summary>What binds a cursor to its query.</summary>
    private static byte[] Describe(SearchQuery query)
    {
        var text = new StringBuilder(query.Path).Append('\n').Append(query.Asker);
        if (query.IsOverTypes)
        {
            text.Append('\n').AppendJoin(',', query.Types ?? []);
        }
        foreach (var criterion in query.Criteria)
        {
            criterion.Describe(text);
        }
        foreach (var link in query.Links)
        {
            link.Describe(text);
        }
        foreach (var sort in query.Sort)
        {
            text.Append(sort.Descending ? "\n-" : "\n+").Append(sort.Path);
        }
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
