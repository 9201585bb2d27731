using System.Runtime.CompilerServices;
using System.Text.Json;
using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// What a visibility asks of what is kept, on the connection and in the snapshot of whoever reads. Also asked by the SQL functions
/// <c>phr_sees…</c>, in the middle of a statement.
/// </summary>
internal sealed class SqliteFacts(SqliteSession session) : IStoreFacts
{
    /// <summary>
    /// How much of a resource an Organization gave. An ImagingStudy is its maker's only until its study has instances, whose series then tell; what the
    /// server made of a document goes with the series of that.
    /// </summary>
    private static readonly string Contributed =
        "SELECT CASE WHEN r.organization = $2 AND NOT (r.type = 'ImagingStudy' AND r.study IS NOT NULL AND EXISTS("
        + $"SELECT 1 FROM study s WHERE s.record = r.record AND s.uid = r.study AND {InstanceWriter.HasInstances})) THEN 2 "
        + "WHEN r.derived = 1 AND r.type <> 'ImagingStudy' AND r.study IS NOT NULL AND EXISTS(SELECT 1 FROM resource_series rs CROSS JOIN study s ON s.record = r.record AND s.uid = r.study "
        + $"WHERE rs.resource = r.pk AND {OwnSeries("rs.uid", "$2")}) THEN 2 "
        + "WHEN r.type = 'ImagingStudy' AND EXISTS(SELECT 1 FROM study s CROSS JOIN contribution o ON o.study = s.pk AND o.generation = s.generation AND o.organization = $2 "
        + $"WHERE s.record = r.record AND s.uid = r.study AND {OwnSeries("o.series", "$2")}) THEN 1 ELSE 0 END FROM resource r WHERE r.type = $0 AND r.id = $1";

    private static readonly string Contribution =
        $"SELECT 1 FROM record rec CROSS JOIN study s ON s.record = rec.pk AND s.uid = $1 WHERE rec.name = $0 AND {OwnSeries("$2", "$3")}";

    /// <summary>Shared resources that something seen in the records named refers to, directly or by way of each other.</summary>
    private static readonly string Referred =
        "WITH RECURSIVE reached(pk) AS (SELECT t.pk FROM json_each($0) j CROSS JOIN record rec ON rec.name = j.value CROSS JOIN resource r ON r.record = rec.pk "
        + "CROSS JOIN ix_reference x ON x.resource = r.pk CROSS JOIN resource t ON t.type = x.type AND t.id = x.id AND t.method <> 'DELETE' "
        + $"AND t.record = (SELECT pk FROM record WHERE name = '{RecordId.Shared}') WHERE r.method <> 'DELETE'{SearchSql.Visible("r", "rec")}{SearchSql.SeriesVisible("r", "rec", "x")} "
        + "UNION SELECT t.pk FROM reached p CROSS JOIN ix_reference x ON x.resource = p.pk CROSS JOIN resource t ON t.type = x.type AND t.id = x.id AND t.method <> 'DELETE' "
        + $"AND t.record = (SELECT pk FROM record WHERE name = '{RecordId.Shared}')) SELECT t.type, t.id FROM reached n CROSS JOIN resource t ON t.pk = n.pk";

    /// <summary>Whether anything seen, of whatever patient, refers to a resource.</summary>
    private static readonly string Referring =
        "SELECT 1 FROM parameter p CROSS JOIN ix_reference x ON x.parameter = p.pk AND x.id = $1 AND x.type = $0 CROSS JOIN resource r ON r.pk = x.resource "
        + $"CROSS JOIN record rec ON rec.pk = r.record WHERE r.method <> 'DELETE' AND rec.name <> '{RecordId.Shared}'"
        + $"{SearchSql.Visible("r", "rec")}{SearchSql.SeriesVisible("r", "rec", "x")} LIMIT 1";

    private static readonly ConditionalWeakTable<IReadOnlyList<Criterion>, CriteriaQuery> Queries = [];

    private HashSet<ResourceKey>? referred;

    /// <summary>A statement that gives the keys of the records that have something of an Organization.</summary>
    public static string RecordsOf(string organization) =>
        $"SELECT o.record FROM resource o WHERE o.organization = {organization} UNION SELECT s.record FROM contribution c CROSS JOIN study s ON s.pk = c.study WHERE c.organization = {organization}";

    /// <summary>Forgets what was true of another moment, or for another caller.</summary>
    public void Forget() => referred = null;

    /// <summary>Asks all that views of a type depend on of one resource, there or not, so that what is hidden takes the statements of what is not there.</summary>
    public void AskAll(ResourceKey key, IEnumerable<RecordView> views)
    {
        var facts = new ResourceFacts(RecordId.Nobody, key, null);
        foreach (var view in views)
        {
            if (view.Criteria.Count > 0)
            {
                Matches(facts, view.Criteria);
            }
            if (view.Contributor is not null)
            {
                ContributedBy(facts, view.Contributor);
            }
            if (view.IsReferred)
            {
                IsReferredTo(facts);
            }
        }
    }

    public bool Matches(in ResourceFacts resource, IReadOnlyList<Criterion> criteria) => Queries.GetValue(criteria, CriteriaQuery.Of).Run(
        session, "SELECT 1 FROM resource r WHERE r.type = $0 AND r.id = $1 AND r.method <> 'DELETE' AND ", resource.Key.Type, resource.Key.Id);

    public bool StudyMatches(RecordId record, string studyInstanceUid, IReadOnlyList<Criterion> criteria) => Queries.GetValue(criteria, CriteriaQuery.Of).Run(
        session,
        "SELECT 1 FROM record rec CROSS JOIN resource r ON r.record = rec.pk AND r.type = 'ImagingStudy' AND r.study = $1 WHERE rec.name = $0 AND r.method <> 'DELETE' AND ",
        record.Value, studyInstanceUid);

    public Sight ContributedBy(in ResourceFacts resource, string organization) =>
        (Sight)(session.Number(Contributed, resource.Key.Type, resource.Key.Id, organization) ?? (long)Sight.Hidden);

    public bool IsContribution(RecordId record, string studyInstanceUid, string seriesInstanceUid, string organization) =>
        session.Number(Contribution, record.Value, studyInstanceUid, seriesInstanceUid, organization) is not null;

    public bool HasContribution(RecordId record, string organization) => session.Number(
        "SELECT 1 FROM record rec WHERE rec.name = $0 AND (EXISTS(SELECT 1 FROM resource o WHERE o.organization = $1 AND o.record = rec.pk AND o.method <> 'DELETE') "
        + "OR EXISTS(SELECT 1 FROM study s CROSS JOIN contribution c ON c.study = s.pk AND c.generation = s.generation AND c.organization = $1 WHERE s.record = rec.pk))",
        record.Value, organization) is not null;

    public bool IsReferredTo(in ResourceFacts resource)
    {
        if (!session.Visibility.IsBounded)
        {
            return session.Number(Referring, resource.Key.Type, resource.Key.Id) is not null;
        }
        if (referred is null)
        {
            var records = JsonSerializer.Serialize(session.Visibility.Records.Where(record => record != RecordId.Shared).Select(record => record.Value));
            referred = [.. session.All(Referred, row => new ResourceKey(row.GetString(0), row.GetString(1)), records)];
        }
        return referred.Contains(resource.Key);
    }

    /// <summary>Whether all served instances of a series of study <c>s</c>, and one at least, are an Organization's.</summary>
    private static string OwnSeries(string series, string organization) =>
        $"EXISTS(SELECT 1 FROM contribution c WHERE c.study = s.pk AND c.generation = s.generation AND c.series = {series} AND c.organization = {organization}) "
        + $"AND NOT EXISTS(SELECT 1 FROM contribution c WHERE c.study = s.pk AND c.generation = s.generation AND c.series = {series} AND c.organization <> {organization})";

    /// <summary>Criteria as SQL, made once for as long as they are used. Its first two values name the resource.</summary>
    private sealed class CriteriaQuery
    {
        private readonly List<object?> values = [null, null];
        private readonly string condition;

        private CriteriaQuery(IReadOnlyList<Criterion> criteria)
        {
            string Value(object? value)
            {
                values.Add(value);
                return $"${values.Count - 1}";
            }
            // By name and not by number: a parameter nothing has a row of yet may get one.
            var rows = new SearchValueSql((type, code) => $"IN (SELECT pk FROM parameter WHERE type = {Value(type)} AND code = {Value(code)})", Value);
            var sql = new CriterionSql(rows, Value);
            condition = string.Join(" AND ", criteria.Select(criterion => sql.Of(criterion, criterion.Parameter.ResourceType, "r", "")));
        }

        public static CriteriaQuery Of(IReadOnlyList<Criterion> criteria) => new(criteria);

        public bool Run(SqliteSession session, string from, string first, string second)
        {
            object?[] all = [first, second, .. values.Skip(2)];
            return session.Number(from + condition, all) is not null;
        }
    }
}

/// <summary>The facts of a version that is not the current one: it answers criteria by what it said itself.</summary>
internal sealed class VersionFacts(IStoreFacts current, Func<IReadOnlyList<IndexRow>> rows) : IStoreFacts
{
    private IReadOnlyList<IndexRow>? said;

    public bool Matches(in ResourceFacts resource, IReadOnlyList<Criterion> criteria) => CriteriaMatch.All(resource.Key, said ??= rows(), criteria);

    public Sight ContributedBy(in ResourceFacts resource, string organization) => current.ContributedBy(resource, organization);

    public bool IsReferredTo(in ResourceFacts resource) => current.IsReferredTo(resource);

    public bool StudyMatches(RecordId record, string studyInstanceUid, IReadOnlyList<Criterion> criteria) => current.StudyMatches(record, studyInstanceUid, criteria);

    public bool IsContribution(RecordId record, string studyInstanceUid, string seriesInstanceUid, string organization) =>
        current.IsContribution(record, studyInstanceUid, seriesInstanceUid, organization);

    public bool HasContribution(RecordId record, string organization) => current.HasContribution(record, organization);
}
