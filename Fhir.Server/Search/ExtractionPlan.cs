using System.Collections.Concurrent;

namespace Fhir.Server.Search;

/// <summary>
/// What to evaluate on one resource type, compiled once and kept. A branch under <c>ImagingStudy.series</c> is compiled relative to one
/// series, so that each value knows its series.
/// </summary>
internal sealed class ExtractionPlan
{
    private const string SeriesStem = "ImagingStudy.series";

    private static readonly ConcurrentDictionary<string, Lazy<ExtractionPlan>> Plans = new(StringComparer.Ordinal);

    private ExtractionPlan(IReadOnlyList<Step> ofResource, IReadOnlyList<Step> ofSeries)
    {
        OfResource = ofResource;
        OfSeries = ofSeries;
    }

    /// <summary>Evaluated once, on the resource.</summary>
    public IReadOnlyList<Step> OfResource { get; }

    /// <summary>Evaluated on each series of an ImagingStudy; empty for other types.</summary>
    public IReadOnlyList<Step> OfSeries { get; }

    /// <summary>The plan of a type; compiled by the first who asks.</summary>
    public static ExtractionPlan For(string resourceType) =>
        Plans.GetOrAdd(resourceType, static type => new(() => Compile(type))).Value;

    /// <summary>The same with further parameters of the same type.</summary>
    public ExtractionPlan With(IEnumerable<SearchParameterInfo> parameters)
    {
        var further = Compile(parameters);
        return new([.. OfResource, .. further.OfResource], [.. OfSeries, .. further.OfSeries]);
    }

    private static ExtractionPlan Compile(string resourceType) => Compile(SearchParameters.Of(resourceType));

    private static ExtractionPlan Compile(IEnumerable<SearchParameterInfo> parameters)
    {
        List<Step> ofResource = [], ofSeries = [];
        foreach (var parameter in parameters)
        {
            foreach (var branch in SearchExpression.Branches(parameter.Expression))
            {
                if (StudyExpressions.IsWithinSeries(branch))
                {
                    ofSeries.Add(Compile(parameter, branch, SeriesStem));
                }
                else
                {
                    ofResource.Add(Compile(parameter, branch, SearchExpression.Root(branch)));
                }
            }
        }

        return new(ofResource, ofSeries);
    }

    private static Step Compile(SearchParameterInfo parameter, string branch, string stem)
    {
        var (path, targetType) = SearchExpression.WithoutResolve(branch);
        return new(parameter, new ElementPath(SearchExpression.RelativeTo(stem, path)), targetType, [.. parameter.Components.Select(Compile)]);
    }

    private static Part Compile(SearchComponent component) => new(
        component.Parameter,
        [.. SearchExpression.Branches(component.Expression).Select(branch => new ElementPath(SearchExpression.RelativeTo("", branch)))]);

    /// <summary>One branch of one parameter.</summary>
    /// <param name="Parameter">Whose rows it gives.</param>
    /// <param name="Path">Where its elements are, from the resource or from a series.</param>
    /// <param name="TargetType">Only references to this type count.</param>
    /// <param name="Parts">Of a composite, its components.</param>
    internal sealed record Step(SearchParameterInfo Parameter, ElementPath Path, string? TargetType, IReadOnlyList<Part> Parts);

    /// <summary>A component of a composite.</summary>
    /// <param name="Parameter">Whose values it takes.</param>
    /// <param name="Paths">Where its elements are, from the element of the composite.</param>
    internal sealed record Part(SearchParameterInfo Parameter, IReadOnlyList<ElementPath> Paths);
}
