namespace Fhir.Server.Search;

/// <summary>The meaning of a criterion over the rows of one resource; what a store finds must be what this finds.</summary>
public static class SearchMatcher
{
    /// <summary>Whether a resource with these rows answers the criterion.</summary>
    public static bool Matches(IReadOnlyList<IndexRow> rows, Criterion criterion) => throw new NotImplementedException();

    /// <summary>Whether a resource with these rows answers all criteria.</summary>
    public static bool Matches(IReadOnlyList<IndexRow> rows, IReadOnlyList<Criterion> criteria) => throw new NotImplementedException();
}
