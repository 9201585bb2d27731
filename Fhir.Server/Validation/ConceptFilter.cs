using Hl7.Fhir.Model;

namespace Fhir.Server.Validation;

/// <summary>Filters of value sets on concepts and their properties. See https://hl7.org/fhir/R4/valueset-filter-operator.html</summary>
internal static class ConceptFilter
{
    /// <summary>The condition; null for one that is not judged here.</summary>
    public static Func<Concept, bool>? Of(ValueSet.FilterComponent filter)
    {
        if (filter is not { Property: { } property, Op: { } op, Value: { } value })
        {
            return null;
        }
        return property is "concept" or "code" ? OnCode(op, value) : OnProperty(property, op, value);
    }

    private static Func<Concept, bool>? OnCode(FilterOperator op, string value) => op switch
    {
        FilterOperator.Equal => concept => concept.Code == value,
        FilterOperator.IsA => concept => concept.Code == value || concept.Ancestors.Contains(value),
        FilterOperator.DescendentOf => concept => concept.Ancestors.Contains(value),
        FilterOperator.IsNotA => concept => concept.Code != value && !concept.Ancestors.Contains(value),
        FilterOperator.In => concept => List(value).Contains(concept.Code),
        FilterOperator.NotIn => concept => !List(value).Contains(concept.Code),
        _ => null,
    };

    private static Func<Concept, bool>? OnProperty(string property, FilterOperator op, string value) => op switch
    {
        FilterOperator.Equal => concept => concept.Properties.Contains(KeyValuePair.Create(property, value)),
        FilterOperator.In => concept => concept.Properties.Any(one => one.Key == property && List(value).Contains(one.Value)),
        FilterOperator.NotIn => concept => !concept.Properties.Any(one => one.Key == property && List(value).Contains(one.Value)),
        FilterOperator.Exists => concept => concept.Properties.Any(one => one.Key == property) == (value == "true"),
        _ => null,
    };

    private static string[] List(string value) => value.Split(',', StringSplitOptions.TrimEntries);
}
