namespace Fhir.Server.Search;

/// <summary>
/// The kinds of search parameter answered here. See https://hl7.org/fhir/R4/search.html#ptypes;
/// number, quantity, composite and special are known but not answered.
/// </summary>
public enum SearchKind
{
    Token,
    String,
    Date,
    Reference,
    Uri,
}

/// <summary>One search parameter of one resource type. See https://hl7.org/fhir/R4/searchparameter.html</summary>
/// <param name="ResourceType">The type searched, never <c>Resource</c> or <c>DomainResource</c>.</param>
/// <param name="Code">The name in the query, as in <c>birthdate</c>.</param>
/// <param name="Kind">How values are written and compared.</param>
/// <param name="Expression">FHIRPath, only the branches that belong to <paramref name="ResourceType"/>.</param>
/// <param name="Url">The canonical address of the definition.</param>
/// <param name="Targets">The types a reference may point to; empty for the other kinds.</param>
public sealed record SearchParameterInfo(
    string ResourceType, string Code, SearchKind Kind, string Expression, string Url, IReadOnlyList<string> Targets);
