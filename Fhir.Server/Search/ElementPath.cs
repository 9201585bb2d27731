using System.Collections;
using System.Text.RegularExpressions;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace Fhir.Server.Search;

/// <summary>
/// One compiled branch of an expression. A plain path such as <c>instance.uid</c>, which most are, also with <c>ofType(Quantity)</c> or
/// <c>where(system='email')</c> in it, is walked in the model itself, many times cheaper than through FHIRPath; everything else is FHIRPath.
/// See https://hl7.org/fhirpath/N1/
/// </summary>
internal sealed partial class ElementPath
{
    private const string Self = "$this";

    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private readonly Step[] steps;
    private readonly CompiledExpression? compiled;

    /// <param name="expression">FHIRPath relative to a resource or a component; <c>$this</c> for that itself.</param>
    public ElementPath(string expression)
    {
        var isPlain = expression == Self || PlainPath().IsMatch(expression);
        steps = isPlain && expression != Self ? [.. PlainStep().Matches(expression).Select(Read)] : [];
        compiled = isPlain ? null : Compiler.Compile(expression);
    }

    /// <summary>The members of a plain path, each with the type it is cut down to; null when it is more than that.</summary>
    public static IReadOnlyList<(string Member, string? Type)>? Members(string expression) =>
        expression == Self ? [] : PlainPath().IsMatch(expression)
            ? [.. PlainStep().Matches(expression).Select(Read).Select(step => (step.Member, step.Type))]
            : null;

    /// <summary>Adds to <paramref name="found"/> every element the path leads to.</summary>
    /// <param name="at">Where the path begins.</param>
    /// <param name="resource">The resource around it.</param>
    /// <param name="found">Where elements are added.</param>
    public void Find(Base at, Resource resource, List<Base> found)
    {
        if (compiled is null)
        {
            Walk(at, steps, found);
            return;
        }

        var root = resource.ToPocoNode();
        PocoNode[] focus = [ReferenceEquals(at, resource) ? root : at.ToPocoNode()];
        foreach (var node in compiled(focus, new FhirEvaluationContext { Resource = root, RootResource = root }))
        {
            found.Add(node.Poco);
        }
    }

    private static void Walk(Base at, ReadOnlySpan<Step> path, List<Base> found)
    {
        if (path.IsEmpty)
        {
            found.Add(at);
        }
        else if (at.TryGetValue(path[0].Member, out var value))
        {
            if (value is Base one)
            {
                Enter(one, path, found);
            }
            else if (value is IEnumerable many)
            {
                foreach (var each in many)
                {
                    if (each is Base element)
                    {
                        Enter(element, path, found);
                    }
                }
            }
        }
    }

    private static void Enter(Base element, ReadOnlySpan<Step> path, List<Base> found)
    {
        var step = path[0];
        // R4 writes one of its types in the wrong case.
        if ((step.Type is null || string.Equals(step.Type, element.TypeName, StringComparison.OrdinalIgnoreCase))
            && (step.With is null || (element.TryGetValue(step.With, out var value) && value is PrimitiveType primitive && IndexRows.Text(primitive) == step.Value)))
        {
            Walk(element, path[1..], found);
        }
    }

    private static Step Read(Match match) => new(
        match.Groups["member"].Value, ValueOf(match.Groups["type"]), ValueOf(match.Groups["with"]), ValueOf(match.Groups["value"]));

    private static string? ValueOf(System.Text.RegularExpressions.Group group) => group.Success ? group.Value : null;

    private const string Plain = @"(?<member>[a-z][A-Za-z]*)(\.ofType\((?<type>[A-Za-z]+)\))?(\.where\((?<with>[a-z][A-Za-z]*)\s*=\s*'(?<value>[^'\\]*)'\))?";

    [GeneratedRegex(@"\A" + Plain + @"(\." + Plain + @")*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PlainPath();

    [GeneratedRegex(@"\G\.?" + Plain, RegexOptions.ExplicitCapture)]
    private static partial Regex PlainStep();

    /// <summary>One member on the way.</summary>
    /// <param name="Member">Its name.</param>
    /// <param name="Type">Only values of this type; null = of any.</param>
    /// <param name="With">Only values with a member of this name that says <paramref name="Value"/>; null = all.</param>
    /// <param name="Value">See <paramref name="With"/>.</param>
    private readonly record struct Step(string Member, string? Type, string? With, string? Value);
}
