using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Keeps the index rows of a resource equal to what its content says, changing only what differs.</summary>
internal static class IndexWriter
{
    private const string LastUpdated = "_lastUpdated";
    private const string LogicalId = "_id";

    /// <summary>A row of an index table: its parameter, its value in the order of the columns, and its series.</summary>
    private sealed class Entry(IndexTable table, long parameter, object[] values, string series) : IEquatable<Entry>
    {
        public IndexTable Table => table;

        public object?[] Arguments(long resource) => [resource, parameter, .. values, series];

        public bool Equals(Entry? other) => other is not null && other.Table == table && other.Parts.SequenceEqual(Parts);

        public override bool Equals(object? obj) => Equals(obj as Entry);

        public override int GetHashCode() => HashCode.Combine(parameter, values[0], values[^1], series);

        private IEnumerable<object> Parts => values.Append(series).Append(parameter);
    }

    public static void Replace(WriteSession session, long resource, string type, ResourceContent content, bool isNew)
    {
        var wanted = content.Index.Select(row => ToEntry(session, type, row)).OfType<Entry>().ToHashSet();
        if (!isNew)
        {
            foreach (var present in Present(session, resource))
            {
                if (!wanted.Remove(present))
                {
                    session.Execute(present.Table.Delete, present.Arguments(resource));
                }
            }
            session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
        }
        foreach (var entry in wanted)
        {
            session.Execute(entry.Table.Insert, entry.Arguments(resource));
        }
        foreach (var series in content.Series)
        {
            session.Execute("INSERT OR IGNORE INTO resource_series VALUES($0, $1, $2)", resource, series.SeriesInstanceUid, series.Modality);
        }
    }

    public static void Remove(WriteSession session, long resource)
    {
        foreach (var table in IndexTable.All)
        {
            session.Execute(table.Clear, resource);
        }
        session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
    }

    private static List<Entry> Present(WriteSession session, long resource)
    {
        var entries = new List<Entry>();
        foreach (var table in IndexTable.All)
        {
            var width = table.Columns.Count;
            entries.AddRange(session.All(
                table.Select,
                row => new Entry(table, row.GetInt64(0), [.. Enumerable.Range(1, width).Select(row.GetValue)], row.GetString(width + 1)),
                resource));
        }
        return entries;
    }

    private static Entry? ToEntry(WriteSession session, string type, IndexRow row)
    {
        // Both are columns of the resource itself.
        if (row.Parameter is LastUpdated or LogicalId)
        {
            return null;
        }
        var code = row is CompositeRow composite ? CompositeRow.CodeOf(row.Parameter, composite.Component) : row.Parameter;
        var (table, values) = IndexTable.Of(row);
        return new(table, session.Parameter(type, code), values, row.SeriesUid ?? "");
    }
}
