using System.Collections;
using System.Text.RegularExpressions;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace Fhir.Server.Search;

/// <summary>
/// One compiled branch of an expression. A plain path such as <c>instance.uid</c>, which most are, is walked in the model itself, many
/// times cheaper than through FHIRPath; everything else is FHIRPath. See https://hl7.org/fhirpath/N1/
/// </summary>
internal sealed partial class ElementPath
{
    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private readonly string[] members;
    private readonly CompiledExpression? compiled;

    /// <param name="expression">FHIRPath relative to a resource or a component.</param>
    public ElementPath(string expression)
    {
        members = PlainPath().IsMatch(expression) ? expression.Split('.') : [];
        compiled = members.Length > 0 ? null : Compiler.Compile(expression);
    }

    /// <summary>Adds to <paramref name="found"/> every element the path leads to.</summary>
    /// <param name="at">Where the path begins.</param>
    /// <param name="resource">The resource around it.</param>
    /// <param name="found">Where elements are added.</param>
    public void Find(Base at, Resource resource, List<Base> found)
    {
        if (compiled is null)
        {
            Walk(at, members, found);
            return;
        }

        var root = resource.ToPocoNode();
        PocoNode[] focus = [ReferenceEquals(at, resource) ? root : at.ToPocoNode()];
        foreach (var node in compiled(focus, new FhirEvaluationContext { Resource = root, RootResource = root }))
        {
            found.Add(node.Poco);
        }
    }

    private static void Walk(Base at, ReadOnlySpan<string> path, List<Base> found)
    {
        if (path.IsEmpty)
        {
            found.Add(at);
        }
        else if (at.TryGetValue(path[0], out var value))
        {
            if (value is Base one)
            {
                Walk(one, path[1..], found);
            }
            else if (value is IEnumerable many)
            {
                foreach (var each in many)
                {
                    if (each is Base element)
                    {
                        Walk(element, path[1..], found);
                    }
                }
            }
        }
    }

    [GeneratedRegex(@"\A[a-z][A-Za-z]*(\.[a-z][A-Za-z]*)*\z")]
    private static partial Regex PlainPath();
}
