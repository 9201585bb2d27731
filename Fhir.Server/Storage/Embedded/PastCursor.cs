using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Where a version stands among all, newest first: by time, then by type, id and number. Being archived does not change it.</summary>
internal sealed record PastPosition(long Updated, string Type, string Id, long Version) : IComparable<PastPosition>
{
    /// <summary>Before all that are older than a microsecond.</summary>
    public static PastPosition Before(long updated) => new(updated, "", "", 0);

    /// <summary>Newer ones first; texts as SQLite compares them, by the bytes of UTF-8.</summary>
    public int CompareTo(PastPosition? other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var order = other.Updated.CompareTo(Updated);
        order = order != 0 ? order : string.CompareOrdinal(other.Type, Type);
        order = order != 0 ? order : string.CompareOrdinal(other.Id, Id);
        return order != 0 ? order : other.Version.CompareTo(Version);
    }
}

/// <summary>
/// Cursors of the history of a type or of all: the position of the last version that was shown, signed under the store's own key
/// together with the query it belongs to.
/// </summary>
internal static class PastCursor
{
    private const int TagLength = 16;

    public static string Write(PastPosition position, PastQuery query, byte[] key)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(position);
        return Base64Url.EncodeToString([.. Tag(body, query, key), .. body]);
    }

    /// <summary>False when the cursor is not one of this query's.</summary>
    public static bool TryRead(PastQuery query, byte[] key, out PastPosition? position)
    {
        position = null;
        if (!Base64Url.IsValid(query.Cursor))
        {
            return false;
        }
        var bytes = Base64Url.DecodeFromChars(query.Cursor);
        if (bytes.Length <= TagLength || !CryptographicOperations.FixedTimeEquals(Tag(bytes.AsSpan(TagLength), query, key), bytes.AsSpan(0, TagLength)))
        {
            return false;
        }
        position = JsonSerializer.Deserialize<PastPosition>(bytes.AsSpan(TagLength));
        return true;
    }

    private static byte[] Tag(ReadOnlySpan<byte> body, PastQuery query, byte[] key)
    {
        var about = Encoding.UTF8.GetBytes($"history\n{query.Type}\n{query.Since}\n{query.At?.From}\n{query.At?.Until}\n");
        return HMACSHA256.HashData(key, (byte[])[.. about, .. body])[..TagLength];
    }
}
