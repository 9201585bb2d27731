namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Versions of one table in the order of <see cref="PastPosition"/>, walked along an index, a few at a time. What is walked is those of
/// a type or those of a record, never the whole table.
/// </summary>
internal sealed class PastStream(SqliteSession session, bool superseded, string? type, long? record, long since, PastPosition after, int atOnce)
{
    private readonly Queue<PastRow> ahead = [];
    private PastPosition position = after;
    private bool isOver;

    /// <summary>The next version, which stays the next until <see cref="Take"/>; null at the end.</summary>
    public PastRow? Next()
    {
        if (ahead.Count == 0 && !isOver)
        {
            Fetch();
        }
        return ahead.TryPeek(out var next) ? next : null;
    }

    /// <summary>Goes on behind the next one.</summary>
    public void Take() => position = ahead.Dequeue().Position;

    private void Fetch()
    {
        var rows = session.All(Sql(), row => new PastRow(
            new(row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetInt64(4)), row.GetInt64(0), superseded, row.GetString(5) == "DELETE"),
            type ?? "", record ?? 0, since, position.Updated, position.Type, position.Id, position.Version, atOnce);
        rows.ForEach(ahead.Enqueue);
        isOver = rows.Count < atOnce;
    }

    /// <summary>The index is named: with another, SQLite would walk everybody's versions, or sort them.</summary>
    private string Sql()
    {
        var (table, index) = (superseded, record is not null) switch
        {
            (true, true) => ("version", "version_by_record"),
            (true, false) => ("version", "version_by_type"),
            (false, true) => ("resource", "resource_by_time"),
            (false, false) => ("resource", "resource_updated"),
        };
        return $"SELECT x.pk, x.updated, x.type, x.id, x.version, x.method FROM {table} x INDEXED BY {index} WHERE "
            + (record is null ? "x.type = $0 AND $1 = 0" : "x.record = $1 AND ($0 = '' OR x.type = $0)")
            + " AND x.updated >= $2 AND (x.updated, x.type, x.id, x.version) < ($3, $4, $5, $6)"
            + " ORDER BY x.updated DESC, x.type DESC, x.id DESC, x.version DESC LIMIT $7";
    }
}

/// <summary>Where a version stands and where it is kept.</summary>
internal sealed record PastRow(PastPosition Position, long Pk, bool IsSuperseded, bool IsDeletion);
