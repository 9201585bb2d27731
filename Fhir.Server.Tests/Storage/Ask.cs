using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Queries as the parser would make them, made by hand, so that a store is held to the query and not to the parser.</summary>
internal static class Ask
{
    public static SearchQuery For(string type, params IReadOnlyList<Criterion> criteria) =>
        new(type, criteria, [], 1000, [], TotalMode.None, null, [], []);

    public static SearchQuery SortedBy(this SearchQuery query, string code, SearchKind kind = SearchKind.Date, bool descending = false) =>
        query with { Sort = [.. query.Sort, new SortKey(Parameter(query.ResourceType, code, kind), descending)] };

    public static SearchQuery Including(this SearchQuery query, string code, string? target = null) =>
        query with { Includes = [.. query.Includes, new Include(query.ResourceType, code, target)] };

    public static SearchQuery Counted(this SearchQuery query, int? count = null) =>
        query with { Total = TotalMode.Accurate, Count = count ?? query.Count };

    public static SearchParameterInfo Parameter(string type, string code, SearchKind kind) =>
        new(type, code, kind, $"{type}.{code}", $"http://example.org/SearchParameter/{type}-{code}", kind == SearchKind.Reference ? ["Patient", "Group", "Organization", "Endpoint"] : [])
        {
            Components = kind == SearchKind.Composite
                ? [new(Parameter(type, "code", SearchKind.Token), "code"), new(Parameter(type, "value", SearchKind.Quantity), "value")]
                : [],
        };

    public static Criterion Token(string type, string code, string? system, string? value, Modifier modifier = Modifier.None) =>
        new(Parameter(type, code, SearchKind.Token), modifier, [new TokenValue(system, false, value)], false);

    public static Criterion Words(string type, string code, string text, Modifier modifier = Modifier.None) =>
        new(Parameter(type, code, SearchKind.String), modifier, [new StringValue(text.ToLowerInvariant(), text)], false);

    public static Criterion Date(string type, string code, Comparison comparison, long from, long until) =>
        new(Parameter(type, code, SearchKind.Date), Modifier.None, [new DateValue(comparison, from, until)], false);

    public static Criterion Day(string type, string code, Comparison comparison, string day) =>
        Date(type, code, comparison, TestContent.Day(day), TestContent.Day(day) + 86_400_000_000);

    public static Criterion Reference(string type, string code, string? targetType, string targetId) =>
        new(Parameter(type, code, SearchKind.Reference), Modifier.None, [new ReferenceValue(targetType, targetId)], false);

    public static Criterion Uri(string type, string code, string value, Modifier modifier = Modifier.None) =>
        new(Parameter(type, code, SearchKind.Uri), modifier, [new UriValue(value)], false);

    public static Criterion Missing(string type, string code, SearchKind kind, bool missing) =>
        new(Parameter(type, code, kind), Modifier.Missing, [], missing);

    public static Criterion Or(this Criterion criterion, Criterion other) => criterion with { Values = [.. criterion.Values, .. other.Values] };

    public static Criterion Identifier(string study) => Token("ImagingStudy", "identifier", StudyShape.UidSystem, study);

    public static Criterion Modality(string code, Modifier modifier = Modifier.None) => Token("ImagingStudy", "modality", null, code, modifier);

    public static IEnumerable<string> Ids(this IEnumerable<StoredResource> resources) => resources.Select(one => one.Key.Id);
}
