using System.Text.RegularExpressions;
using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>
/// Reads a SearchParameter resource as what it puts in force, or says everything that keeps it from that.
/// See https://hl7.org/fhir/R4/searchparameter.html
/// </summary>
internal sealed partial class SearchDefinition
{
    private const int LongestCode = 64;

    // The store takes these for the patient whose record is searched.
    private static readonly string[] Reserved = ["patient", "subject", "phonetic"];

    private readonly SearchParameter definition;
    private readonly ParameterNames names;
    private readonly List<Problem> faults = [];
    private readonly ExpressionCheck check = new();

    private SearchDefinition(SearchParameter definition, ParameterNames names) => (this.definition, this.names) = (definition, names);

    /// <summary>
    /// The parameters, one for each type it is for. <c>Unprocessable</c> when code, base, type or expression is missing, the code is taken or
    /// cannot stand in a query, a base or target is no type, the expression cannot be evaluated, finds what is not of that type of
    /// parameter or could tell of series its reader does not see, or a component of a composite is unknown; each fault is told.
    /// </summary>
    /// <param name="definition">The resource, active.</param>
    /// <param name="names">What is taken already.</param>
    public static Outcome<IReadOnlyList<SearchParameterInfo>> Read(SearchParameter definition, ParameterNames names)
    {
        var reader = new SearchDefinition(definition, names);
        SearchParameterInfo[] parameters = [.. reader.Read()];
        return reader.faults is [var first, .. var further] ? first with { Further = further } : parameters;
    }

    private IReadOnlyList<SearchParameterInfo> Read()
    {
        ReadUrl();
        var (code, kind, bases) = (ReadCode(), ReadKind(), ReadBases());
        var expression = definition.Expression?.Trim() ?? "";
        if (expression.Length == 0)
        {
            Fault("A parameter in force needs an expression that says what it finds.", "expression");
        }

        var targets = kind == SearchKind.Reference ? ReadTargets() : [];
        if (code is null || kind is null || expression.Length == 0)
        {
            return [];
        }

        var found = new List<SearchParameterInfo>();
        foreach (var (type, isNamed) in bases)
        {
            if (names.IsTaken(type, code))
            {
                Fault($"{type} has a search parameter '{code}' already.", "code");
                return [];
            }

            if (Compartments.Uses(type, code))
            {
                Fault($"'{code}' says which compartments a {type} belongs to.", "code");
                return [];
            }

            var own = SearchExpression.Own(expression, type);
            if (own.Length > 0)
            {
                found.Add(new(type, code, kind.Value, own, definition.Url ?? "", targets) { IsCustom = true });
            }
            else if (isNamed)
            {
                Fault($"The expression says nothing of {type}, which is among the bases.", "expression");
            }
        }

        if (found.Count == 0 && faults.Count == 0)
        {
            Fault("The expression says nothing of any of the bases.", "expression");
        }

        return faults.Count > 0 ? [] : kind == SearchKind.Composite ? ReadComposite(found) : Checked(found);
    }

    private void ReadUrl()
    {
        if (string.IsNullOrWhiteSpace(definition.Url))
        {
            Fault("A parameter in force needs a canonical address.", "url");
        }
        else if (names.Defined(definition.Url) is not null)
        {
            Fault("Another search parameter in force has this canonical address.", "url");
        }
    }

    private string? ReadCode()
    {
        if (string.IsNullOrEmpty(definition.Code))
        {
            Fault("A parameter in force needs a code.", "code");
            return null;
        }

        if (definition.Code.Length <= LongestCode && LegalCode().IsMatch(definition.Code) && !Reserved.Contains(definition.Code))
        {
            return definition.Code;
        }

        Fault($"A code has at most {LongestCode} letters, digits, hyphens and underscores, begins with a letter, and is none of {string.Join(", ", Reserved)}.", "code");
        return null;
    }

    private SearchKind? ReadKind()
    {
        var kind = definition.Type is { } type ? SearchParameters.Kind(type) : null;
        if (kind is null or SearchKind.Special)
        {
            Fault(kind is null ? "A parameter in force needs a type." : "What is special about a parameter only a program can know: another type is needed.", "type");
            return null;
        }

        return kind;
    }

    /// <summary>Each type it is for, and whether it is named itself.</summary>
    private Dictionary<string, bool> ReadBases()
    {
        var found = new Dictionary<string, bool>(StringComparer.Ordinal);
        var bases = definition.BaseElement.Select(one => IndexRows.Text(one)).ToList();
        if (bases.Count == 0)
        {
            Fault("A parameter in force needs a base.", "base");
        }

        foreach (var (i, name) in bases.Index())
        {
            if (name is "Resource" or "DomainResource")
            {
                foreach (var type in SearchParameters.ResourceTypes.Where(type => name == "Resource" || IsDomain(type)).Order(StringComparer.Ordinal))
                {
                    found.TryAdd(type, false);
                }
            }
            else if (name is not null && SearchParameters.IsResourceType(name))
            {
                found[name] = true;
            }
            else
            {
                Fault("This base is no resource type.", $"base[{i}]");
            }
        }

        return found;
    }

    private IReadOnlyList<string> ReadTargets()
    {
        var targets = definition.TargetElement.Select(one => IndexRows.Text(one) ?? "").ToList();
        foreach (var (i, target) in targets.Index().Where(target => target.Item != "Resource" && !SearchParameters.IsResourceType(target.Item)))
        {
            Fault("This target is no resource type.", $"target[{i}]");
        }

        return targets.Count == 0 || targets.Contains("Resource") ? [.. SearchParameters.ResourceTypes.Order(StringComparer.Ordinal)] : [.. targets.Distinct()];
    }

    private List<SearchParameterInfo> Checked(List<SearchParameterInfo> found)
    {
        foreach (var parameter in found)
        {
            foreach (var branch in SearchExpression.Branches(parameter.Expression))
            {
                if (check.OfBranch(parameter, branch) is { } fault)
                {
                    Fault(fault, "expression");
                    return [];
                }
            }
        }

        return found;
    }

    private IReadOnlyList<SearchParameterInfo> ReadComposite(List<SearchParameterInfo> found)
    {
        if (definition.Component.Count < 2)
        {
            Fault("A composite has two components at least.", "component");
            return [];
        }

        var components = new List<(SearchParameterInfo Parameter, string Expression)>();
        foreach (var (i, component) in definition.Component.Index())
        {
            if (names.Defined(component.Definition?.Split('|')[0] ?? "") is not { Kind: not (SearchKind.Composite or SearchKind.Special) } parameter)
            {
                Fault("No search parameter in force that can be a component has this canonical address.", $"component[{i}].definition");
            }
            else if (string.IsNullOrWhiteSpace(component.Expression))
            {
                Fault("A component needs an expression, from the element the composite finds.", $"component[{i}].expression");
            }
            else
            {
                components.Add((parameter, component.Expression.Trim()));
            }
        }

        if (faults.Count > 0 || Checked(found).Count == 0)
        {
            return [];
        }

        foreach (var parameter in found)
        {
            foreach (var (i, (part, expression)) in components.Index())
            {
                if (check.OfComponent(parameter, part, expression) is { } fault)
                {
                    Fault(fault, $"component[{i}].expression");
                    return [];
                }
            }
        }

        return [.. found.Select(parameter => parameter with
        {
            Components = [.. components.Select(one => new SearchComponent(one.Parameter with { ResourceType = parameter.ResourceType, Expression = one.Expression, IsCustom = true }, one.Expression))],
        })];
    }

    private void Fault(string text, string element) => faults.Add(Problem.Unprocessable(text, "SearchParameter." + element));

    private static bool IsDomain(string type) => typeof(DomainResource).IsAssignableFrom(ModelInfo.GetTypeForFhirType(type));

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_-]*\z")]
    private static partial Regex LegalCode();
}
