using System.Text.RegularExpressions;
using Fhir.Server.Outcomes;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;
using PathExpression = Hl7.FhirPath.Expressions.Expression;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// A path of a FHIRPath Patch: it walks the resource, and chooses among what it finds. Functions that compute, recurse or leave the
/// resource are refused (equivalence among them, which compares each with each), as are paths long or nested enough to cost something, for whoever may write sends them.
/// See https://hl7.org/fhir/R4/fhirpatch.html
/// </summary>
internal sealed partial class PatchPath
{
    private const int MaxLength = 500;
    private const int MaxNesting = 10;

    private static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "builtin.children", "builtin.item", "where", "first", "last", "single", "tail", "skip", "take", "ofType", "as", "is", "extension",
        "exists", "empty", "not", "count", "hasValue", "startsWith", "endsWith", "binary.=", "binary.!=", "binary.and",
        "binary.or", "binary.xor", "binary.implies", "binary.as", "binary.is", "binary.in", "binary.contains", "binary.<", "binary.<=",
        "binary.>", "binary.>=", "binary.|",
    };

    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private readonly string text;
    private readonly CompiledExpression compiled;

    private PatchPath(string text, CompiledExpression compiled)
    {
        this.text = text;
        this.compiled = compiled;
    }

    /// <summary><c>Invalid</c> when it is not FHIRPath, or does more than to walk and choose.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="number">The number of the operation, for words.</param>
    public static Outcome<PatchPath> Parse(string text, int number) => Compile(text) is { } path
        ? path
        : Problem.Invalid($"The path of operation {number} is not FHIRPath that walks the resource and chooses, such as Patient.name.where(use = 'official').");

    /// <summary>The elements of the resource the path leads to; null when what it gives is not part of the resource.</summary>
    public IReadOnlyList<PocoNode>? Find(Resource resource)
    {
        List<PocoNode> found;
        try
        {
            found = [.. compiled([resource.ToPocoNode(ModelInfo.ModelInspector)], new FhirEvaluationContext())];
        }
        catch (Exception unsuitable) when (unsuitable is InvalidOperationException or ArgumentException or FormatException or InvalidCastException)
        {
            // What the evaluator says of operands that do not go together, as a text compared to a list.
            return null;
        }
        return found.TrueForAll(node => RootOf(node) == resource) ? found : null;
    }

    /// <summary>
    /// The path to the owner of the list this path leads to, and the name of the list: how a list is found that has nothing in it yet.
    /// The owner is null for the resource itself.
    /// </summary>
    public (PatchPath? Owner, string Name)? Split()
    {
        var last = LastStep().Match(text);
        if (!last.Success)
        {
            return null;
        }
        return last.Groups["owner"].Success ? Compile(last.Groups["owner"].Value) is { } owner ? (owner, last.Groups["name"].Value) : null : (null, last.Groups["name"].Value);
    }

    private static PatchPath? Compile(string text)
    {
        if (text.Length > MaxLength || NestingOf(text) > MaxNesting)
        {
            return null;
        }
        try
        {
            var expression = Compiler.Parse(text);
            return IsAllowed(expression) ? new PatchPath(text, Compiler.Compile(expression)) : null;
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>How deeply brackets are nested; more than allowed for operators that only compute, which could be nested without brackets.</summary>
    private static int NestingOf(string text)
    {
        var (deepest, depth, quoted) = (0, 0, false);
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '\'':
                    quoted = !quoted;
                    break;
                case '(' or '[' or '{' when !quoted:
                    deepest = Math.Max(deepest, ++depth);
                    break;
                case ')' or ']' or '}' when !quoted:
                    depth--;
                    break;
                case '-' or '+' or '*' or '/' or '&' when !quoted:
                    return int.MaxValue;
                default:
                    break;
            }
        }
        return deepest;
    }

    private static bool IsAllowed(PathExpression? expression) => expression switch
    {
        null or ConstantExpression or AxisExpression => true,
        BracketExpression bracket => IsAllowed(bracket.Operand),
        FunctionCallExpression call => Allowed.Contains(call.FunctionName) && IsAllowed(call.Focus) && call.Arguments.All(IsAllowed),
        _ => false,
    };

    private static Base? RootOf(PocoNode node)
    {
        while (node.Parent is { } parent)
        {
            node = parent;
        }
        return node.Poco;
    }

    [GeneratedRegex(@"\A((?<owner>.+)\.)?(?<name>[A-Za-z]+)\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex LastStep();
}
