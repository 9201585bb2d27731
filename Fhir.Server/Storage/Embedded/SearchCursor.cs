using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The last row of a page: its sort values (numbers or ids) and its key.</summary>
internal sealed record SearchPosition(IReadOnlyList<object> Values, long Pk);

/// <summary>
/// Cursors of search pages: the position of the last row, signed with the store's own key together with the query it belongs to, so
/// that one that was made up, altered or taken from another query is told from a true one.
/// </summary>
internal static class SearchCursor
{
    private const int SignatureLength = 16;

    public static string Write(SearchPosition position, SearchQuery query, byte[] key)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(position.Values.Append(position.Pk));
        return Base64Url.EncodeToString([.. Sign(body, query, key), .. body]);
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
        if (bytes.Length <= SignatureLength
            || !CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, SignatureLength), Sign(bytes[SignatureLength..], query, key)))
        {
            return false;
        }
        using var values = JsonDocument.Parse(bytes.AsMemory(SignatureLength));
        var all = values.RootElement.EnumerateArray()
            .Select(one => one.ValueKind == JsonValueKind.Number ? (object)one.GetInt64() : one.GetString()!).ToList();
        position = new SearchPosition(all[..^1], (long)all[^1]);
        return true;
    }

    private static byte[] Sign(byte[] body, SearchQuery query, byte[] key)
    {
        var text = new StringBuilder(query.ResourceType);
        foreach (var criterion in query.Criteria)
        {
            text.Append('\n').Append(criterion.Parameter.Code).Append(criterion.Modifier).Append(criterion.Missing);
            foreach (var value in criterion.Values)
            {
                text.Append('\n').Append(' ').Append(value);
            }
        }
        foreach (var sort in query.Sort)
        {
            text.Append(sort.Descending ? "\n-" : "\n+").Append(sort.Parameter.Code);
        }
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hmac.AppendData(body);
        hmac.AppendData(Encoding.UTF8.GetBytes(text.ToString()));
        return hmac.GetHashAndReset()[..SignatureLength];
    }
}
