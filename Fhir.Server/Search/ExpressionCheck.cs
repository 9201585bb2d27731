using System.Collections.Frozen;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Whether the expressions of one definition can be evaluated here, and find what their parameter can be searched by.</summary>
internal sealed class ExpressionCheck
{
    /// <summary>What each kind of parameter takes. See https://hl7.org/fhir/R4/search.html#table</summary>
    private static readonly FrozenDictionary<SearchKind, string[]> Takes = new Dictionary<SearchKind, string[]>
    {
        [SearchKind.Token] = ["code", "Coding", "CodeableConcept", "Identifier", "ContactPoint", "boolean", "id", "string", "uri", "url", "canonical", "oid", "uuid"],
        [SearchKind.String] = ["string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid", "HumanName", "Address", "CodeableConcept"],
        [SearchKind.Date] = ["date", "dateTime", "instant", "Period", "Timing"],
        [SearchKind.Reference] = ["Reference", "canonical", "uri", "url"],
        [SearchKind.Uri] = ["uri", "url", "canonical", "oid", "uuid"],
        [SearchKind.Number] = ["decimal", "integer", "positiveInt", "unsignedInt", "Range"],
        [SearchKind.Quantity] = ["Quantity", "Age", "Count", "Distance", "Duration", "MoneyQuantity", "SimpleQuantity", "Money", "Range", "SampledData"],
    }.ToFrozenDictionary();

    private readonly Dictionary<string, string?> compiled = new(StringComparer.Ordinal);

    /// <summary>Why a branch of a parameter cannot be taken; null when it can.</summary>
    public string? OfBranch(SearchParameterInfo parameter, string branch)
    {
        var (path, targetType) = SearchExpression.WithoutResolve(branch);
        var isComposite = parameter.Kind == SearchKind.Composite;
        if (targetType is not null && !SearchParameters.IsResourceType(targetType))
        {
            return $"There is no resource type '{Names.Shown(targetType)}'.";
        }

        if (ExpressionWords.Fault(path) is { } refused)
        {
            return refused;
        }

        if (parameter.ResourceType == nameof(ImagingStudy) && StudyExpressions.Fault(path, isComposite) is { } leak)
        {
            return leak;
        }

        var root = ModelInfo.GetTypeForFhirType(parameter.ResourceType)!;
        var relative = SearchExpression.RelativeTo(SearchExpression.Root(path), path);
        return Compiles(relative) ?? Evaluates(relative, (Resource)Activator.CreateInstance(root)!) ?? Finds(parameter, [root], relative, isWide: IsWide(path));
    }

    /// <summary>Why the expression of a component cannot be taken; null when it can.</summary>
    public string? OfComponent(SearchParameterInfo composite, SearchParameterInfo part, string expression)
    {
        if (ExpressionWords.Fault(expression) is { } refused)
        {
            return refused;
        }

        var branches = SearchExpression.Branches(composite.Expression);
        if (composite.ResourceType == nameof(ImagingStudy) && !branches.All(StudyExpressions.IsWithinSeries) && StudyExpressions.FaultOfStudy(expression) is { } leak)
        {
            return leak;
        }

        var root = ModelInfo.GetTypeForFhirType(composite.ResourceType)!;
        var elements = branches.Select(branch => ElementWalk.Of([root], SearchExpression.RelativeTo(SearchExpression.Root(branch), branch), out _)).ToList();
        var starts = elements.Contains(null) ? null : elements.SelectMany(types => types!).ToList();
        foreach (var branch in SearchExpression.Branches(expression))
        {
            var relative = SearchExpression.RelativeTo("", branch);
            if ((Compiles(relative) ?? (starts is null ? null : Finds(part, starts, relative, isWide: false))) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private string? Compiles(string relative)
    {
        if (compiled.TryGetValue(relative, out var known))
        {
            return known;
        }

        string? fault = null;
        try
        {
            _ = new ElementPath(relative);
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            // The compiler's own words: they name the place in the expression.
            fault = $"The expression is not FHIRPath this server can evaluate: {failure.Message}";
        }

        return compiled[relative] = fault;
    }

    /// <summary>Tried once on a resource that says nothing: what fails there, fails on every one.</summary>
    private static string? Evaluates(string relative, Resource empty)
    {
        try
        {
            new ElementPath(relative).Find(empty, empty, []);
            return null;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return $"The expression cannot be evaluated: {failure.Message}";
        }
    }

    /// <summary>Whether what is found, where that is known, is of the kind of the parameter.</summary>
    private static string? Finds(SearchParameterInfo parameter, IReadOnlyList<Type> starts, string relative, bool isWide)
    {
        var types = ElementWalk.Of(starts, relative, out var missing);
        if (missing is not null)
        {
            // Of all types at once some need not have it.
            return isWide ? null : $"R4 has no '{missing}' where the expression looks for it.";
        }

        if (types is null || parameter.Kind == SearchKind.Composite || types.Any(type => type.IsAbstract || ElementWalk.NameOf(type) is null))
        {
            return null;
        }

        var takes = Takes[parameter.Kind];
        return types.Any(type => takes.Contains(ElementWalk.NameOf(type)) || (parameter.Kind == SearchKind.Reference && typeof(Resource).IsAssignableFrom(type)))
            ? null
            : $"The expression finds {string.Join(", ", types.Select(ElementWalk.NameOf).Distinct())}, which a {parameter.Kind.ToString().ToLowerInvariant()} parameter cannot be searched by.";
    }

    private static bool IsWide(string path) => SearchExpression.Root(path) is "Resource" or "DomainResource";
}
