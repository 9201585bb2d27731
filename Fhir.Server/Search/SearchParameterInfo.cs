namespace Fhir.Server.Search;

/// <summary>The kinds of search parameter. See https://hl7.org/fhir/R4/search.html#ptypes</summary>
public enum SearchKind
{
    Token,
    String,
    Date,
    Reference,
    Uri,
    Number,
    Quantity,

    /// <summary>Values of several parameters that must be found in the same element, as in <c>code-value-quantity=a$b</c>.</summary>
    Composite,

    /// <summary>Of R4's only <c>Location.near</c>. See https://hl7.org/fhir/R4/location.html#positional</summary>
    Special,
}

/// <summary>One search parameter of one resource type. See https://hl7.org/fhir/R4/searchparameter.html</summary>
/// <param name="ResourceType">The type searched, never <c>Resource</c> or <c>DomainResource</c>.</param>
/// <param name="Code">The name in the query, as in <c>birthdate</c>.</param>
/// <param name="Kind">How values are written and compared.</param>
/// <param name="Expression">FHIRPath, only the branches that belong to <paramref name="ResourceType"/>.</param>
/// <param name="Url">The canonical address of the definition.</param>
/// <param name="Targets">The types a reference may point to; empty for the other kinds.</param>
public sealed record SearchParameterInfo(
    string ResourceType, string Code, SearchKind Kind, string Expression, string Url, IReadOnlyList<string> Targets)
{
    /// <summary>Of a composite, what stands between the <c>$</c>, in that order; empty for the other kinds.</summary>
    public IReadOnlyList<SearchComponent> Components { get; init; } = [];

    /// <summary>Whether a SearchParameter resource of this store defines it, and not R4.</summary>
    public bool IsCustom { get; init; }

    /// <summary>Whether results can be put in its order; a pair of values or a place on Earth has none.</summary>
    public bool IsSortable => Kind is not (SearchKind.Composite or SearchKind.Special);
}

/// <summary>A part of a composite parameter. See https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.component</summary>
/// <param name="Parameter">Which parameter's values it takes.</param>
/// <param name="Expression">FHIRPath from the element that the composite's own expression finds.</param>
public sealed record SearchComponent(SearchParameterInfo Parameter, string Expression);
