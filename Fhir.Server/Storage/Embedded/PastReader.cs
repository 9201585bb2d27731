namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// The history of a type or of all: streams of versions, each along an index, joined newest first. Who sees everything has a stream of
/// each type; anybody else of each record in reach, so that nobody walks what is hidden from them.
/// </summary>
internal sealed class PastReader(SqliteSession session, ResourceReader reader, PastQuery query, Visibility visibility)
{
    private const int AtOnce = 64;
    private static readonly bool[] CurrentAndSuperseded = [false, true];

    /// <summary>How long a page may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    public PastPage Page(PastPosition? after, byte[] cursorKey)
    {
        var shown = new List<(PastVersion Version, PastPosition Position)>();
        foreach (var row in Rows(after ?? PastPosition.Before(query.At?.Until ?? long.MaxValue)))
        {
            session.LookAtClock();
            if (!WasCurrent(row) || Show(row) is not { } version)
            {
                continue;
            }
            if (shown.Count == query.Count)
            {
                return new PastPage([.. shown.Select(one => one.Version)], PastCursor.Write(shown[^1].Position, query, cursorKey));
            }
            shown.Add((version, row.Position));
        }
        return new PastPage([.. shown.Select(one => one.Version)], null);
    }

    private IEnumerable<PastRow> Rows(PastPosition after)
    {
        var streams = new PriorityQueue<PastStream, PastPosition>();
        foreach (var stream in Streams(after))
        {
            if (stream.Next() is { } first)
            {
                streams.Enqueue(stream, first.Position);
            }
        }
        while (streams.TryDequeue(out var stream, out _))
        {
            yield return stream.Next()!;
            stream.Take();
            if (stream.Next() is { } next)
            {
                streams.Enqueue(stream, next.Position);
            }
        }
    }

    private IEnumerable<PastStream> Streams(PastPosition after)
    {
        var atOnce = Math.Min(query.Count + 1, AtOnce);
        var since = query.Since ?? long.MinValue;
        IEnumerable<(string? Type, long? Record)> sources = visibility is { IsBounded: false, OnlyContributor: null }
            ? (query.Type is null ? Types() : [query.Type]).Select(type => ((string?)type, (long?)null))
            : Records().Select(record => (query.Type, (long?)record));
        return from source in sources.ToList()
               from superseded in CurrentAndSuperseded
               select new PastStream(session, superseded, source.Type, source.Record, since, after, atOnce);
    }

    /// <summary>The types there are, by a leap to the next each time. What once was has its tombstone.</summary>
    private List<string> Types() => session.All(
        "WITH RECURSIVE t(type) AS (SELECT MIN(type) FROM resource UNION ALL SELECT (SELECT MIN(type) FROM resource WHERE type > t.type) FROM t "
        + "WHERE t.type IS NOT NULL), v(type) AS (SELECT MIN(type) FROM version UNION ALL SELECT (SELECT MIN(type) FROM version WHERE type > v.type) "
        + "FROM v WHERE v.type IS NOT NULL) SELECT type FROM t WHERE type IS NOT NULL UNION SELECT type FROM v WHERE type IS NOT NULL",
        row => row.GetString(0));

    private IEnumerable<long> Records() => visibility.Records
        .Select(record => session.Number("SELECT pk FROM record WHERE name = $0", record.Value)).OfType<long>()
        .Concat(visibility.OnlyContributor is { } organization ? session.All(SqliteFacts.RecordsOf("$0"), row => row.GetInt64(0), organization) : []).Distinct();

    /// <summary>Whether a version was the current one at some moment of the time asked about: not before it was made, nor after the next.</summary>
    private bool WasCurrent(PastRow row)
    {
        if (query.At is not { } at || row.Position.Updated >= at.From)
        {
            return true;
        }
        if (row.IsDeletion)
        {
            return false;
        }
        var (type, id, version) = (row.Position.Type, row.Position.Id, row.Position.Version);
        var next = row.IsSuperseded
            ? session.Number("SELECT updated FROM version WHERE type = $0 AND id = $1 AND version > $2 ORDER BY version LIMIT 1", type, id, version)
                ?? session.Number("SELECT updated FROM resource WHERE type = $0 AND id = $1", type, id)
            : null;
        return next is null || next > at.From;
    }

    private PastVersion? Show(PastRow row)
    {
        var found = row.IsSuperseded ? ResourceReader.FindSuperseded(session, row.Pk) : ResourceReader.FindCurrent(session, row.Pk);
        if (reader.Show(session, found, visibility) is not { } version)
        {
            return null;
        }
        var before = session.Text(
            "SELECT method FROM version WHERE type = $0 AND id = $1 AND version = $2", row.Position.Type, row.Position.Id, version.Version - 1);
        return new PastVersion(version, !row.IsDeletion && before is null or "DELETE");
    }
}
