using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>Reads a search as FHIR writes it. See https://hl7.org/fhir/R4/search.html</summary>
/// <param name="options">The limits.</param>
/// <param name="publicBaseUrl">The address of this server as clients see it.</param>
public sealed class SearchParser(SearchOptions options, string? publicBaseUrl)
{
    /// <summary>Reads the parameters of one search.</summary>
    /// <param name="resourceType">The type searched.</param>
    /// <param name="query">Names and values, percent-decoded, in the order given.</param>
    /// <param name="strict">Refuses unknown parameters (<c>Prefer: handling=strict</c>).</param>
    public Outcome<SearchQuery> Parse(string resourceType, IEnumerable<KeyValuePair<string, string>> query, bool strict) =>
        throw new NotImplementedException($"{options}{publicBaseUrl}");
}
