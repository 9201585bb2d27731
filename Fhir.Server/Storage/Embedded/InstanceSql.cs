using System.Globalization;
using System.Text;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// A QIDO query as SQL that gives the keys of rows in order, visibility included. One index leads, chosen here and not by guesses of the
/// planner, so that a first page costs the same in a small store and in a large one; what SQL cannot say exactly is said by
/// <see cref="AttributeMatcher"/> through <c>phr_matches</c>. Keys of a lower level than the one asked for ask for one series, and one
/// instance of it, that matches them all and may be seen.
/// </summary>
internal sealed class InstanceSql
{
    /// <summary>A name that more studies than this begin with is not looked up: walking by date fills a page sooner.</summary>
    public const int FewStudies = 2000;

    /// <summary>
    /// What <c>s</c> says of study and patient, as the caller may know it: a study of which a part is hidden is described by the oldest
    /// instance of what is seen, for another may have been given under the same study and say other things.
    /// </summary>
    public static readonly string SeenAttributes =
        $"CASE phr_sees_study(rec.name, s.uid) WHEN {(int)Sight.Whole} THEN s.attributes ELSE (SELECT t.study_attributes FROM instance_metadata t WHERE t.instance = "
        + "(SELECT MIN(h.pk) FROM series v CROSS JOIN instance h INDEXED BY instance_by_series ON h.study = v.study AND h.generation = v.generation "
        + $"AND h.series_uid = v.uid AND h.served = 1 WHERE v.study = s.pk AND v.generation = s.generation AND {Sees("v")})) END";

    private readonly List<object?> values = [];
    private readonly StringBuilder where = new("s.instance_count > 0");
    private readonly List<AttributeMatcher> matchers = [];
    private readonly QueryLevel level;
    private readonly InstanceQuery query;
    private readonly bool filtered, partly, isWalked;
    private readonly SqliteSession session;
    private string from = "study s INDEXED BY study_by_date";
    private string order = "s.study_date DESC, s.pk DESC";
    private bool isLed;

    public InstanceSql(QueryLevel level, InstanceQuery query, Visibility visibility, SqliteSession session)
    {
        (this.level, this.query, this.session, filtered) = (level, query, session, !visibility.SeesEverything);
        partly = filtered && ((query.Record is null && !visibility.IsBounded)
            || (query.Record is { } one ? [one] : visibility.Records.Where(record => record != RecordId.Shared)).Any(record => !visibility.SeesAll(record, "ImagingStudy")));
        isWalked = filtered && (visibility.IsBounded || visibility.OnlyContributor is not null);
        Lead(visibility);
        AddRecords(visibility);
        AddPath();
        AddUids();
        AddHints();
        AddStudyKeys();
        AddModalities();
        AddCounts();
        AddLower();
    }

    /// <summary>What <c>phr_matches</c> refers to by number.</summary>
    public IReadOnlyList<AttributeMatcher> Matchers => matchers;

    public (string Sql, object?[] Values) Select()
    {
        var record = filtered ? " CROSS JOIN record rec ON rec.pk = s.record" : "";
        var (key, below, further) = level switch
        {
            QueryLevel.Study => ("s.pk", "", ""),
            QueryLevel.Series => ("e.pk", " CROSS JOIN series e ON e.study = s.pk AND e.generation = s.generation", ", e.number, e.uid"),
            _ => ("i.pk",
                " CROSS JOIN series e ON e.study = s.pk AND e.generation = s.generation CROSS JOIN instance i INDEXED BY instance_by_series ON i.study = e.study "
                + "AND i.generation = e.generation AND i.series_uid = e.uid AND i.served = 1 CROSS JOIN instance_metadata m ON m.instance = i.pk",
                ", e.number, e.uid, i.number, i.sop_uid"),
        };
        return ($"SELECT {key} FROM {from}{record}{below} WHERE {where} ORDER BY {order}{further} LIMIT {Value(query.Limit + 1L)} OFFSET {Value(query.Offset)}", [.. values]);
    }

    private AttributeMatch? AnyOf(string keyword) => query.Matches.FirstOrDefault(match => match.Keyword == keyword && match.Kind == MatchKind.AnyOf);

    /// <summary>The index that leads, the most selective first.</summary>
    private void Lead(Visibility visibility)
    {
        if (query.StudyInstanceUid is not null || AnyOf("StudyInstanceUID") is not null)
        {
            from = "study s INDEXED BY study_by_uid";
        }
        else if (AnyOf("SOPInstanceUID") is { } instances)
        {
            LeadBy($"SELECT study FROM instance WHERE sop_uid IN ({List(instances.Values)})");
        }
        else if (AnyOf("SeriesInstanceUID") is { } series)
        {
            LeadBy($"SELECT study FROM series WHERE uid IN ({List(series.Values)})");
        }
        else if (!partly && AnyOf("AccessionNumber") is { Values: [var accession] })
        {
            LeadWith("study_by_accession", "accession", accession);
        }
        else if (!partly && AnyOf("PatientID") is { Values: [var patient] })
        {
            LeadWith("study_by_patient_id", "patient_id", patient);
        }
        else if (query.Record is not null || isWalked)
        {
            from = "study s INDEXED BY study_by_record";
            isLed = true;
        }
        else if (FewNamed() is { } named)
        {
            LeadBy(named);
        }
        else if (AnyOf("PatientBirthDate") is { Values: [var birth] })
        {
            LeadWith("study_by_birth_date", "birth_date", birth);
        }
        else if ((AnyOf("ModalitiesInStudy") ?? AnyOf("Modality")) is { Values: [var modality] })
        {
            // Ordered like the studies, so the first page of a rare modality need not pass all others.
            from = "study_modality w CROSS JOIN study s ON s.pk = w.study";
            where.Append(" AND w.modality = ").Append(Value(modality));
            order = "w.study_date DESC, w.study DESC";
            AddDates("w.study_date");
        }
    }

    private void LeadBy(string studies)
    {
        from = "study s NOT INDEXED";
        where.Append(" AND s.pk IN (").Append(studies).Append(')');
    }

    private void LeadWith(string index, string column, string value)
    {
        from = $"study s INDEXED BY {index}";
        where.Append(" AND s.").Append(column).Append(" = ").Append(Value(value));
    }

    /// <summary>The studies of the names that begin as a key of the patient's name asks, when they are few.</summary>
    private string? FewNamed()
    {
        if (query.Matches.FirstOrDefault(match => match.Keyword == "PatientName") is not { Values: [var asked] } match)
        {
            return null;
        }
        var beginning = match.Kind switch
        {
            MatchKind.Words => ValueTests.AskedWords(asked).MaxBy(word => word.Length),
            MatchKind.Wildcard => Beginning(asked),
            MatchKind.AnyOf => asked.Split('=').Select(ValueTests.Group).FirstOrDefault(group => group.Length > 0),
            _ => null,
        };
        if (string.IsNullOrEmpty(beginning))
        {
            return null;
        }
        const string Range = "SELECT study FROM study_name WHERE word >= $0 AND word < $1";
        var end = beginning + "\U0010FFFF";
        var found = session.Number($"SELECT COUNT(*) FROM ({Range} LIMIT $2)", beginning, end, FewStudies + 1L);
        return found <= FewStudies ? $"SELECT study FROM study_name WHERE word >= {Value(beginning)} AND word < {Value(end)}" : null;
    }

    private static string? Beginning(string pattern)
    {
        var group = pattern.Split('=').Select(ValueTests.Group).FirstOrDefault(one => one.Length > 0 && one[0] is not ('*' or '?')) ?? "";
        // A blank or separator before the wild card may be written otherwise in the name.
        return group[..Math.Max(0, group.AsSpan().IndexOfAny('*', '?'))].TrimEnd('^', ' ');
    }

    private void AddRecords(Visibility visibility)
    {
        if (query.Record is { } record)
        {
            where.Append(CultureInfo.InvariantCulture, $" AND {Record()} = {Value(Find(record))}");
        }
        if (!filtered)
        {
            return;
        }
        if (query.Record is null && visibility.IsBounded)
        {
            var seen = visibility.Records.Where(record => record != RecordId.Shared).Select(Find).DefaultIfEmpty(-1).ToList();
            where.Append(CultureInfo.InvariantCulture, $" AND {Record()} {(seen.Count == 1 ? $"= {Value(seen[0])}" : $"IN ({List(seen.Cast<object?>())})")}");
        }
        else if (query.Record is null && visibility.OnlyContributor is { } organization)
        {
            var named = visibility.Records.Select(Find).DefaultIfEmpty(-1).ToList();
            where.Append(CultureInfo.InvariantCulture, $" AND {Record()} IN ({SqliteFacts.RecordsOf(Value(organization))} UNION SELECT value FROM json_each({Value(System.Text.Json.JsonSerializer.Serialize(named))}))");
        }
        where.Append(" AND ").Append(level == QueryLevel.Study
            ? $"EXISTS(SELECT 1 FROM series v WHERE v.study = s.pk AND v.generation = s.generation AND {Sees("v")})"
            : Sees("e"));

        // Only what leads may be looked up: a plus keeps another index from being preferred.
        string Record() => isLed ? "s.record" : "+s.record";
        long Find(RecordId id) => session.Number("SELECT pk FROM record WHERE name = $0", id.Value) ?? -1;
    }

    private void AddPath()
    {
        if (query.StudyInstanceUid is not null)
        {
            where.Append(" AND s.uid = ").Append(Value(query.StudyInstanceUid));
        }
        if (query.SeriesInstanceUid is not null)
        {
            where.Append(" AND e.uid = ").Append(Value(query.SeriesInstanceUid));
        }
    }

    private void AddUids()
    {
        if (AnyOf("StudyInstanceUID") is { } studies)
        {
            where.Append(CultureInfo.InvariantCulture, $" AND s.uid IN ({List(studies.Values)})");
        }
    }

    /// <summary>What the matcher will say as well, said of columns of the index by date, so that most rows need not be fetched.</summary>
    private void AddHints()
    {
        if (partly)
        {
            // The columns may say what an instance says that is hidden.
            return;
        }
        AddDates("s.study_date");
        foreach (var (keyword, column, folded) in new[]
        {
            ("PatientName", "patient_name", true), ("StudyDescription", "description", true), ("PatientID", "patient_id", false), ("AccessionNumber", "accession", false),
        })
        {
            if (query.Matches.FirstOrDefault(match => match.Keyword == keyword && match.Kind == MatchKind.Wildcard) is not { Values: [var pattern] })
            {
                continue;
            }
            var literal = (folded ? SearchFolding.Fold(pattern) : pattern).Split(['*', '?', '^', '=', ' '], StringSplitOptions.RemoveEmptyEntries)
                .MaxBy(part => part.Length);
            if (literal is not null)
            {
                where.Append(CultureInfo.InvariantCulture, $" AND instr(s.{column}, {Value(literal)}) > 0");
            }
        }
    }

    private void AddDates(string column)
    {
        var dates = query.Matches.FirstOrDefault(match => match.Keyword == "StudyDate");
        var (first, last) = dates switch
        {
            { Kind: MatchKind.AnyOf, Values: [var one] } => (one, one),
            { Kind: MatchKind.Range or MatchKind.Moment, Values: var ends } => (ends[0], ends[1]),
            _ => ("", ""),
        };
        where.Append(first.Length > 0 ? $" AND {column} >= {Value(first)}" : "").Append(last.Length > 0 ? $" AND {column} <= {Value(last)}" : "");
    }

    private void AddStudyKeys()
    {
        if (KeysOf(QueryLevel.Study) is { Count: > 0 } keys)
        {
            where.Append(CultureInfo.InvariantCulture, $" AND {Matches(keys, partly ? SeenAttributes : "s.attributes")}");
        }
    }

    /// <summary>Modalities of the whole study, as far as it may be seen, whatever level is asked for.</summary>
    private void AddModalities()
    {
        if (query.Matches.FirstOrDefault(match => match.Keyword == "ModalitiesInStudy") is not { } match)
        {
            return;
        }
        var seen = filtered ? $" AND {Sees("q")}" : "";
        var (not, condition) = match.Kind switch
        {
            MatchKind.Empty => ("NOT ", "COALESCE(q.modality, '') <> ''"),
            MatchKind.AnyOf => ("", $"q.modality IN ({List(match.Values)})"),
            _ => ("", Matches([match with { Keyword = "Modality" }], "q.attributes")),
        };
        where.Append(CultureInfo.InvariantCulture, $" AND {not}EXISTS(SELECT 1 FROM series q WHERE q.study = s.pk AND q.generation = s.generation{seen} AND {condition})");
    }

    /// <summary>Counts of what may be seen.</summary>
    private void AddCounts()
    {
        foreach (var match in query.Matches.Where(match => match.Keyword.StartsWith("NumberOf", StringComparison.Ordinal) && QueryAttributes.IsCounted(match.Keyword)))
        {
            if (match.Kind == MatchKind.Empty)
            {
                where.Append(" AND 0");
                continue;
            }
            string OfVisible(string what) => $"(SELECT {what} FROM series v WHERE v.study = s.pk AND v.generation = s.generation AND {Sees("v")})";
            var wanted = List(match.Values.Select(value => (object?)long.Parse(value, CultureInfo.InvariantCulture)));
            where.Append(" AND ").Append(match.Keyword switch
            {
                "NumberOfStudyRelatedSeries" => $"{(filtered ? OfVisible("COUNT(*)") : "s.series_count")} IN ({wanted})",
                "NumberOfStudyRelatedInstances" => $"{(filtered ? OfVisible("SUM(v.instance_count)") : "s.instance_count")} IN ({wanted})",
                _ when level == QueryLevel.Study => $"EXISTS(SELECT 1 FROM series v WHERE v.study = s.pk AND v.generation = s.generation AND v.instance_count IN ({wanted})"
                    + (filtered ? $" AND {Sees("v")})" : ")"),
                _ => $"e.instance_count IN ({wanted})",
            });
        }
    }

    private void AddLower()
    {
        var (series, instances) = (KeysOf(QueryLevel.Series), KeysOf(QueryLevel.Instance));
        if (level == QueryLevel.Study)
        {
            if (series.Count + instances.Count > 0)
            {
                where.Append(" AND EXISTS(SELECT 1 FROM series k WHERE k.study = s.pk AND k.generation = s.generation").Append(filtered ? $" AND {Sees("k")}" : "")
                    .Append(OfSeries(series, "k")).Append(HasInstance(instances, "k")).Append(')');
            }
            return;
        }
        where.Append(OfSeries(series, "e")).Append(level == QueryLevel.Instance ? OfInstance(instances, "i", "m") : HasInstance(instances, "e"));
    }

    private string OfSeries(List<AttributeMatch> keys, string alias)
    {
        var condition = "";
        foreach (var match in keys.Where(match => match.Kind == MatchKind.AnyOf && match.Keyword is "SeriesInstanceUID" or "Modality"))
        {
            condition += $" AND {alias}.{(match.Keyword == "Modality" ? "modality" : "uid")} IN ({List(match.Values)})";
        }
        return keys.Count > 0 ? $"{condition} AND {Matches(keys, $"{alias}.attributes")}" : condition;
    }

    private string HasInstance(List<AttributeMatch> keys, string series) => keys.Count == 0 ? "" :
        $" AND EXISTS(SELECT 1 FROM instance n CROSS JOIN instance_metadata o ON o.instance = n.pk WHERE n.study = {series}.study AND n.generation = {series}.generation "
        + $"AND n.series_uid = {series}.uid AND n.served = 1{OfInstance(keys, "n", "o")})";

    private string OfInstance(List<AttributeMatch> keys, string instance, string metadata)
    {
        var condition = "";
        foreach (var match in keys.Where(match => match.Kind == MatchKind.AnyOf && match.Keyword is "SOPInstanceUID" or "SOPClassUID"))
        {
            condition += $" AND {instance}.{(match.Keyword == "SOPClassUID" ? "sop_class" : "sop_uid")} IN ({List(match.Values)})";
        }
        return keys.Count > 0 ? $"{condition} AND {Matches(keys, $"{metadata}.attributes")}" : condition;
    }

    /// <summary>The keys of a level whose values lie in the files.</summary>
    private List<AttributeMatch> KeysOf(QueryLevel wanted) =>
        [.. query.Matches.Where(match => QueryAttributes.All[match.Keyword].Level == wanted && !QueryAttributes.IsCounted(match.Keyword))];

    private string Matches(IEnumerable<AttributeMatch> keys, string attributes)
    {
        // Nothing is left for the matcher where columns have said all.
        var left = keys.Where(match => match.Kind != MatchKind.AnyOf || match.Keyword is not ("StudyInstanceUID" or "SeriesInstanceUID" or "SOPInstanceUID")).ToList();
        if (left.Count == 0)
        {
            return "1";
        }
        matchers.Add(new AttributeMatcher(left, session.LookAtClock));
        return $"phr_matches({matchers.Count - 1}, {attributes})";
    }

    private static string Sees(string alias) => $"phr_sees_series(rec.name, 'ImagingStudy', s.uid, {alias}.uid, {alias}.modality)";

    private string List(IEnumerable<object?> all) => string.Join(", ", all.Select(Value));

    private string Value(object? value)
    {
        values.Add(value);
        return $"${values.Count - 1}";
    }
}
