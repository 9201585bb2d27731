using System.Text;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>The level of the DICOM query model a QIDO key or answer belongs to (PS3.18 §10.6).</summary>
internal enum QueryLevel
{
    Study,
    Series,
    Instance,
}

/// <summary>A QIDO query as SQL over study, series and instance rows, visibility included. A key of a lower level asks "has one such".</summary>
internal sealed class InstanceSql
{
    /// <summary>The keys the index knows: level, column, and whether the column holds folded text.</summary>
    public static readonly IReadOnlyDictionary<string, (QueryLevel Level, string Column, bool Folded)> Keys =
        new Dictionary<string, (QueryLevel, string, bool)>(StringComparer.Ordinal)
        {
            ["StudyInstanceUID"] = (QueryLevel.Study, "uid", false),
            ["StudyDate"] = (QueryLevel.Study, "study_date", false),
            ["StudyTime"] = (QueryLevel.Study, "study_time", false),
            ["AccessionNumber"] = (QueryLevel.Study, "accession", false),
            ["StudyID"] = (QueryLevel.Study, "study_id", false),
            ["StudyDescription"] = (QueryLevel.Study, "description", true),
            ["ReferringPhysicianName"] = (QueryLevel.Study, "referring", true),
            ["PatientName"] = (QueryLevel.Study, "patient_name", true),
            ["PatientID"] = (QueryLevel.Study, "patient_id", false),
            ["PatientBirthDate"] = (QueryLevel.Study, "birth_date", false),
            ["PatientSex"] = (QueryLevel.Study, "sex", false),
            ["ModalitiesInStudy"] = (QueryLevel.Series, "modality", false),
            ["Modality"] = (QueryLevel.Series, "modality", false),
            ["SeriesInstanceUID"] = (QueryLevel.Series, "uid", false),
            ["SeriesNumber"] = (QueryLevel.Series, "number", false),
            ["SeriesDescription"] = (QueryLevel.Series, "description", false),
            ["SeriesDate"] = (QueryLevel.Series, "series_date", false),
            ["SeriesTime"] = (QueryLevel.Series, "series_time", false),
            ["BodyPartExamined"] = (QueryLevel.Series, "body_part", false),
            ["SOPClassUID"] = (QueryLevel.Instance, "sop_class", false),
            ["SOPInstanceUID"] = (QueryLevel.Instance, "sop_uid", false),
            ["InstanceNumber"] = (QueryLevel.Instance, "number", false),
        };

    private static readonly string[] Names = ["PatientName", "ReferringPhysicianName"];

    private readonly List<object?> values = [];
    private readonly StringBuilder where = new("s.instance_count > 0");
    private readonly bool filtered;
    private readonly QueryLevel level;
    private readonly InstanceQuery query;

    public InstanceSql(QueryLevel level, InstanceQuery query, Visibility visibility)
    {
        this.level = level;
        this.query = query;
        filtered = !visibility.SeesEverything;
        if (query.Record is { } record)
        {
            where.Append(" AND s.record = (SELECT pk FROM record WHERE name = ").Append(Value(record.Value)).Append(')');
        }
        if (filtered)
        {
            AddVisibility(visibility);
        }
        if (query.StudyInstanceUid is not null)
        {
            where.Append(" AND s.uid = ").Append(Value(query.StudyInstanceUid));
        }
        if (query.SeriesInstanceUid is not null)
        {
            where.Append(" AND ").Append(Holds(QueryLevel.Series, alias => $"{alias}.{UidColumn(alias)} = {Value(query.SeriesInstanceUid)}"));
        }
        foreach (var match in query.Matches)
        {
            var (keyLevel, column, folded) = Keys[match.Keyword];
            where.Append(" AND ").Append(Holds(
                keyLevel, alias => Condition($"{alias}.{column}", folded, match), ofStudy: match.Keyword == "ModalitiesInStudy"));
        }
    }

    public (string Sql, object?[] Values) Select(string columns, int offset, int limit)
    {
        var from = level switch
        {
            QueryLevel.Study => "study s JOIN record rec ON rec.pk = s.record",
            QueryLevel.Series => "study s JOIN record rec ON rec.pk = s.record JOIN series e ON e.study = s.pk AND e.generation = s.generation",
            _ => "study s JOIN record rec ON rec.pk = s.record JOIN instance i ON i.study = s.pk AND i.generation = s.generation AND i.served = 1 "
                + "JOIN series e ON e.study = i.study AND e.generation = i.generation AND e.uid = i.series_uid "
                + (query.WithAttributes ? "JOIN instance_metadata m ON m.instance = i.pk" : ""),
        };
        var order = level switch
        {
            QueryLevel.Study => "s.study_date DESC, s.pk DESC",
            QueryLevel.Series => "s.study_date DESC, s.pk DESC, e.number, e.uid",
            _ => "s.study_date DESC, s.pk DESC, e.number, e.uid, i.number, i.sop_uid",
        };
        var sql = $"SELECT {columns} FROM {from} WHERE {where}";
        // One row needs no order, for which SQLite would build a tree.
        return level == QueryLevel.Instance && query.IsOfOneInstance && offset == 0
            ? (sql, [.. values])
            : ($"{sql} ORDER BY {order} LIMIT {Value(limit + 1L)} OFFSET {Value(offset)}", [.. values]);
    }

    private void AddVisibility(Visibility visibility)
    {
        var names = System.Text.Json.JsonSerializer.Serialize(visibility.Records.Select(record => record.Value));
        where.Append(" AND s.record IN (SELECT pk FROM record WHERE name IN (SELECT value FROM json_each(").Append(Value(names)).Append(")))");
        where.Append(" AND ").Append(level == QueryLevel.Study
            ? "EXISTS(SELECT 1 FROM series v WHERE v.study = s.pk AND v.generation = s.generation AND " + Sees("v") + ")"
            : Sees("e"));
    }

    /// <summary>A condition on a level, seen from the level that is asked for: the row itself, or one below it that may be seen.</summary>
    /// <param name="keyLevel">The level of the key.</param>
    /// <param name="condition">The condition on a row of that level, by its alias.</param>
    /// <param name="ofStudy">The key says something of the whole study, whatever level is asked for.</param>
    private string Holds(QueryLevel keyLevel, Func<string, string> condition, bool ofStudy = false)
    {
        var alias = keyLevel switch { QueryLevel.Study => "s", QueryLevel.Series => "e", _ => "i" };
        if (keyLevel <= level && !ofStudy)
        {
            return condition(alias);
        }
        if (keyLevel == QueryLevel.Series)
        {
            return $"EXISTS(SELECT 1 FROM series k WHERE k.study = s.pk AND k.generation = s.generation AND {condition("k")}"
                + (filtered ? $" AND {Sees("k")})" : ")");
        }
        var within = level == QueryLevel.Series ? " AND n.series_uid = e.uid" : "";
        var seen = filtered
            ? " AND EXISTS(SELECT 1 FROM series k WHERE k.study = n.study AND k.generation = n.generation AND k.uid = n.series_uid AND " + Sees("k") + ")"
            : "";
        return $"EXISTS(SELECT 1 FROM instance n WHERE n.study = s.pk AND n.generation = s.generation AND n.served = 1{within}{seen} "
            + $"AND {condition("n")})";
    }

    private static string UidColumn(string alias) => alias == "i" ? "series_uid" : "uid";

    private static string Sees(string alias) => $"phr_sees_series(rec.name, s.uid, {alias}.uid, {alias}.modality)";

    private string Condition(string column, bool folded, AttributeMatch match)
    {
        string Each(string value) => folded ? SearchFolding.Fold(value) : value;
        if (Names.Contains(match.Keyword))
        {
            // The whole name, or one of its component groups: alphabetic=ideographic=phonetic (PS3.5 §6.2.1).
            var patterns = match.Values.Select(value => match.Kind == MatchKind.Wildcard ? Pattern(Each(value)) : Literal(Each(value)));
            return "(" + string.Join(" OR ", patterns.Select(pattern => $"('=' || {column} || '=') GLOB {Value($"*={pattern}=*")}")) + ")";
        }
        switch (match.Kind)
        {
            case MatchKind.Range:
                var ends = new List<string>();
                if (match.Values[0].Length > 0)
                {
                    ends.Add($"{column} >= {Value(match.Values[0])}");
                }
                if (match.Values[1].Length > 0)
                {
                    // A time to the minute names all of that minute: nothing in a date or time sorts behind '~'.
                    ends.Add($"{column} <= {Value(match.Values[1] + "~")}");
                }
                return ends.Count == 0 ? "1" : $"({string.Join(" AND ", ends)})";
            case MatchKind.Wildcard:
                return $"{column} GLOB {Value(Pattern(Each(match.Values[0])))}";
            default:
                return match.Values.Count == 1 ? $"{column} = {Value(Each(match.Values[0]))}" : $"{column} IN ({string.Join(", ", match.Values.Select(value => Value(Each(value))))})";
        }
    }

    /// <summary>GLOB knows sets in brackets beside * and ?; DICOM does not.</summary>
    private static string Pattern(string value) => value.Replace("[", "[[]", StringComparison.Ordinal);

    private static string Literal(string value) =>
        Pattern(value).Replace("*", "[*]", StringComparison.Ordinal).Replace("?", "[?]", StringComparison.Ordinal);

    private string Value(object? value)
    {
        values.Add(value);
        return $"${values.Count - 1}";
    }
}
