using System.Text;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The last resource of a page of a whole record: in which part it stood, and which it was.</summary>
internal sealed record EverythingPlace(int Part, string Type, string Id)
{
    public string Write(RecordId record, EverythingQuery query, byte[] key) =>
        SealedCursor.Write(JsonSerializer.SerializeToUtf8Bytes(this), Describe(record, query), key);

    /// <summary>Null when it is none that was given out for this.</summary>
    public static EverythingPlace? Read(RecordId record, EverythingQuery query, byte[] key) =>
        SealedCursor.TryRead(query.Cursor, Describe(record, query), key, out var place) ? JsonSerializer.Deserialize<EverythingPlace>(place) : null;

    private static byte[] Describe(RecordId record, EverythingQuery query) =>
        Encoding.UTF8.GetBytes($"everything\n{record}\n{string.Join(',', query.Types)}\n{query.Since}\n{query.Asker}");
}

/// <summary>
/// A whole record as SQL: its Patient, then the rest by type and id, then what of the shared resources it refers to, directly or by way
/// of each other. A page begins behind the last resource of the one before, so that none comes twice and none is passed over, whatever
/// is written meanwhile.
/// </summary>
internal sealed class EverythingSql(RecordId record, EverythingQuery query, Visibility visibility)
{
    public const int Patient = 0, Others = 1, Referenced = 2;

    private const string Part = "(CASE r.type WHEN 'Patient' THEN 0 ELSE 1 END)";

    private readonly List<object?> values = [];

    /// <summary>Keys of the record's own resources, in order.</summary>
    public (string Sql, object?[] Values) Own(EverythingPlace? after)
    {
        values.Clear();
        var sql = new StringBuilder("SELECT r.pk, ").Append(Part).Append(", r.type, r.id FROM ").Append(OwnRows()).Append(Chosen());
        if (after is not null)
        {
            sql.Append($" AND ({Part}, r.type, r.id) > ({Value(after.Part)}, {Value(after.Type)}, {Value(after.Id)})");
        }
        return (sql.Append(" ORDER BY 2, 3, 4 LIMIT ").Append(Value(query.Count + 1)).ToString(), [.. values]);
    }

    /// <summary>Keys of the shared resources the record leads to, in order.</summary>
    public (string Sql, object?[] Values) Shared(EverythingPlace? after)
    {
        values.Clear();
        var target = "CROSS JOIN resource t ON t.type = x.type AND t.id = x.id AND t.method <> 'DELETE' AND t.record = (SELECT pk FROM record WHERE name = "
            + Value(RecordId.Shared.Value) + ")";
        var seen = visibility.SeesEverything ? "" : SearchSql.SeriesVisible("r", "rec", "x");
        // The order of the joins is said: from the record outwards, never through all there is.
        var sql = new StringBuilder("WITH RECURSIVE reached(pk) AS (SELECT t.pk FROM ")
            .Append(OwnRows("CROSS JOIN ix_reference x ON x.resource = r.pk " + target)).Append(seen)
            .Append(" UNION SELECT t.pk FROM reached p CROSS JOIN ix_reference x ON x.resource = p.pk ").Append(target).Append(") ")
            .Append("SELECT r.pk, 2, r.type, r.id FROM reached n CROSS JOIN resource r ON r.pk = n.pk CROSS JOIN record rec ON rec.pk = r.record WHERE 1")
            .Append(Visible()).Append(Chosen());
        if (after is { Part: Referenced })
        {
            sql.Append($" AND (r.type, r.id) > ({Value(after.Type)}, {Value(after.Id)})");
        }
        return (sql.Append(" ORDER BY 3, 4 LIMIT ").Append(Value(query.Count + 1)).ToString(), [.. values]);
    }

    private string OwnRows(string further = "") =>
        $"record rec CROSS JOIN resource r ON r.record = rec.pk {further} WHERE rec.name = {Value(record.Value)} AND r.method <> 'DELETE'{Visible()}";

    private string Visible() => visibility.SeesEverything ? "" : SearchSql.Visible("r", "rec");

    private string Chosen() =>
        (query.Types.Count == 0 ? "" : $" AND r.type IN (SELECT value FROM json_each({Value(JsonSerializer.Serialize(query.Types))}))")
        + (query.Since is { } since ? $" AND r.updated >= {Value(since)}" : "");

    private string Value(object? value)
    {
        values.Add(value);
        return $"${values.Count - 1}";
    }
}
