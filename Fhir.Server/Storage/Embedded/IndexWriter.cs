using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Keeps the index rows of a resource equal to what its content says, changing only what differs.</summary>
internal static class IndexWriter
{
    private const string LastUpdated = "_lastUpdated";
    private const string LogicalId = "_id";

    private static readonly string[] Tables = ["ix_token", "ix_string", "ix_date", "ix_reference", "ix_uri"];

    private static readonly Dictionary<string, string> Inserts = new()
    {
        ["ix_token"] = "INSERT OR IGNORE INTO ix_token(parameter, code, system, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_string"] = "INSERT OR IGNORE INTO ix_string(parameter, folded, exact, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_date"] = "INSERT OR IGNORE INTO ix_date(parameter, lo, hi, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_reference"] = "INSERT OR IGNORE INTO ix_reference(parameter, id, type, resource, series) VALUES($1, $2, $3, $0, $4)",
        ["ix_uri"] = "INSERT OR IGNORE INTO ix_uri(parameter, value, resource, series) VALUES($1, $2, $0, $3)",
    };

    private static readonly Dictionary<string, string> Deletes = new()
    {
        ["ix_token"] = "DELETE FROM ix_token WHERE resource = $0 AND parameter = $1 AND code = $2 AND system = $3 AND series = $4",
        ["ix_string"] = "DELETE FROM ix_string WHERE resource = $0 AND parameter = $1 AND folded = $2 AND exact = $3 AND series = $4",
        ["ix_date"] = "DELETE FROM ix_date WHERE resource = $0 AND parameter = $1 AND lo = $2 AND hi = $3 AND series = $4",
        ["ix_reference"] = "DELETE FROM ix_reference WHERE resource = $0 AND parameter = $1 AND id = $2 AND type = $3 AND series = $4",
        ["ix_uri"] = "DELETE FROM ix_uri WHERE resource = $0 AND parameter = $1 AND value = $2 AND series = $3",
    };

    private static readonly Dictionary<string, string> Selects = new()
    {
        ["ix_token"] = "SELECT parameter, code, system, series FROM ix_token WHERE resource = $0",
        ["ix_string"] = "SELECT parameter, folded, exact, series FROM ix_string WHERE resource = $0",
        ["ix_date"] = "SELECT parameter, lo, hi, series FROM ix_date WHERE resource = $0",
        ["ix_reference"] = "SELECT parameter, id, type, series FROM ix_reference WHERE resource = $0",
        ["ix_uri"] = "SELECT parameter, value, NULL, series FROM ix_uri WHERE resource = $0",
    };

    /// <summary>A row of any index table: its table, parameter, one or two values, and series.</summary>
    private readonly record struct Entry(string Table, long Parameter, object First, object? Second, string Series);

    public static void Replace(WriteSession session, long resource, string type, ResourceContent content, bool isNew)
    {
        var wanted = content.Index.Select(row => ToEntry(session, type, row)).OfType<Entry>().ToHashSet();
        if (!isNew)
        {
            foreach (var present in Present(session, resource))
            {
                if (!wanted.Remove(present))
                {
                    Write(session, Deletes, resource, present);
                }
            }
            session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
        }
        foreach (var entry in wanted)
        {
            Write(session, Inserts, resource, entry);
        }
        foreach (var series in content.Series)
        {
            session.Execute("INSERT OR IGNORE INTO resource_series VALUES($0, $1, $2)", resource, series.SeriesInstanceUid, series.Modality);
        }
    }

    public static void Remove(WriteSession session, long resource)
    {
        foreach (var table in Tables)
        {
            session.Execute($"DELETE FROM {table} WHERE resource = $0", resource);
        }
        session.Execute("DELETE FROM resource_series WHERE resource = $0", resource);
    }

    private static List<Entry> Present(WriteSession session, long resource)
    {
        var entries = new List<Entry>();
        foreach (var table in Tables)
        {
            entries.AddRange(session.All(
                Selects[table],
                row => new Entry(table, row.GetInt64(0), row.GetValue(1), row.IsDBNull(2) ? null : row.GetValue(2), row.GetString(3)),
                resource));
        }
        return entries;
    }

    private static void Write(WriteSession session, Dictionary<string, string> statements, long resource, Entry entry)
    {
        if (entry.Second is null)
        {
            session.Execute(statements[entry.Table], resource, entry.Parameter, entry.First, entry.Series);
        }
        else
        {
            session.Execute(statements[entry.Table], resource, entry.Parameter, entry.First, entry.Second, entry.Series);
        }
    }

    private static Entry? ToEntry(WriteSession session, string type, IndexRow row)
    {
        // Both are columns of the resource itself.
        if (row.Parameter is LastUpdated or LogicalId)
        {
            return null;
        }
        var parameter = session.Parameter(type, row.Parameter);
        var series = row.SeriesUid ?? "";
        return row switch
        {
            TokenRow token => new("ix_token", parameter, token.Code, token.System ?? "", series),
            StringRow text => new("ix_string", parameter, text.Folded, text.Exact, series),
            DateRow date => new("ix_date", parameter, date.From, date.Until, series),
            ReferenceRow reference => new("ix_reference", parameter, reference.TargetId, reference.TargetType ?? "", series),
            UriRow uri => new("ix_uri", parameter, uri.Value, null, series),
            _ => throw new InvalidOperationException($"No table for index rows of kind {row.GetType().Name}."),
        };
    }
}
