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

/// <summary>Cursors of the history of a type or of all: the position of the last version that was shown, sealed with the query it belongs to.</summary>
internal static class PastCursor
{
    public static string Write(PastPosition position, PastQuery query, byte[] key) =>
        SealedCursor.Write(JsonSerializer.SerializeToUtf8Bytes(position), Describe(query), key);

    /// <summary>False when the cursor is not one of this query's.</summary>
    public static bool TryRead(PastQuery query, byte[] key, out PastPosition? position)
    {
        position = SealedCursor.TryRead(query.Cursor, Describe(query), key, out var body) ? JsonSerializer.Deserialize<PastPosition>(body) : null;
        return position is not null;
    }

    private static byte[] Describe(PastQuery query) =>
        Encoding.UTF8.GetBytes($"history\n{query.Type}\n{query.Since}\n{query.At?.From}\n{query.At?.Until}\n{query.Asker}");
}
