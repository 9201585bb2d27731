namespace Fhir.Server.Storage.Embedded;

/// <summary>The served instances of one study, series or instance as SQL, for retrieving them: visibility included, attributes left out.</summary>
internal static class RetrievalSql
{
    public static (string Sql, object?[] Values) Select(string columns, InstanceQuery query, Visibility visibility)
    {
        var values = new List<object?>();
        string Value(object? value)
        {
            values.Add(value);
            return $"${values.Count - 1}";
        }
        var where = "s.instance_count > 0";
        if (query.Record is { } record)
        {
            where += $" AND s.record = (SELECT pk FROM record WHERE name = {Value(record.Value)})";
        }
        if (!visibility.SeesEverything)
        {
            where += " AND phr_sees_series(rec.name, 'ImagingStudy', s.uid, e.uid, e.modality)";
        }
        where += query.StudyInstanceUid is null ? "" : $" AND s.uid = {Value(query.StudyInstanceUid)}";
        where += query.SeriesInstanceUid is null ? "" : $" AND e.uid = {Value(query.SeriesInstanceUid)}";
        foreach (var match in query.Matches)
        {
            where += match is { Keyword: "SOPInstanceUID", Kind: MatchKind.AnyOf }
                ? $" AND i.sop_uid IN ({string.Join(", ", match.Values.Select(Value))})"
                : throw new ArgumentException("Instances are retrieved by their UIDs alone.", nameof(query));
        }
        var sql = $"SELECT {columns} FROM study s JOIN record rec ON rec.pk = s.record "
            + "JOIN instance i ON i.study = s.pk AND i.generation = s.generation AND i.served = 1 "
            + $"JOIN series e ON e.study = i.study AND e.generation = i.generation AND e.uid = i.series_uid WHERE {where}";
        // One row needs no order, for which SQLite would build a tree.
        return query.IsOfOneInstance && query.Offset == 0
            ? (sql, [.. values])
            : ($"{sql} ORDER BY s.study_date DESC, s.pk DESC, e.number, e.uid, i.number, i.sop_uid LIMIT {Value(query.Limit + 1L)} OFFSET {Value(query.Offset)}", [.. values]);
    }
}
