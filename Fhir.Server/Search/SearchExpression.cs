using System.Text.RegularExpressions;

namespace Fhir.Server.Search;

/// <summary>
/// Cuts the FHIRPath of a search parameter. R4 writes one union over all types; what belongs to another type costs time and finds nothing.
/// See https://hl7.org/fhir/R4/searchparameter-definitions.html#SearchParameter.expression
/// </summary>
internal static partial class SearchExpression
{
    /// <summary>The branches of a union, split at every <c>|</c> outside parentheses and quotes.</summary>
    public static IReadOnlyList<string> Branches(string expression)
    {
        var branches = new List<string>();
        int depth = 0, start = 0;
        var quoted = false;
        for (var i = 0; i < expression.Length; i++)
        {
            switch (expression[i])
            {
                case '\'': quoted = !quoted; break;
                case '(' when !quoted: depth++; break;
                case ')' when !quoted: depth--; break;
                case '|' when !quoted && depth == 0:
                    branches.Add(expression[start..i].Trim());
                    start = i + 1;
                    break;
                default: break;
            }
        }

        branches.Add(expression[start..].Trim());
        return branches;
    }

    /// <summary>The branches that speak of this type, of every resource or, as a few do, name no type; joined again.</summary>
    public static string Own(string expression, string resourceType) =>
        string.Join(" | ", Branches(expression).Where(branch => Root(branch) is var root
            && (root == resourceType || root is "Resource" or "DomainResource" || !IsType(root))));

    /// <summary>
    /// A branch rewritten to start at a node instead of a type: <c>Patient.name</c> becomes <c>name</c>, and with the stem
    /// <c>ImagingStudy.series</c>, <c>ImagingStudy.series.uid</c> becomes <c>uid</c>; the stem itself becomes <c>$this</c>. A cast becomes <c>ofType</c>, which takes many values.
    /// </summary>
    public static string RelativeTo(string stem, string branch)
    {
        if (branch == stem && IsType(stem))
        {
            return "$this";
        }

        var relative = IsType(stem) ? branch.Replace(stem + ".", "", StringComparison.Ordinal) : branch;
        relative = CastInParentheses().Replace(relative, "$1.ofType($2)");
        relative = CastAlone().Replace(relative, "$1.ofType($2)");
        return CastCall().Replace(relative, ".ofType($1)");
    }

    /// <summary>Takes a final <c>.where(resolve() is Type)</c> off; no resource need be fetched to know the type.</summary>
    public static (string Path, string? TargetType) WithoutResolve(string branch) =>
        Resolve().Match(branch) is { Success: true } match ? (branch[..match.Index], match.Groups[1].Value) : (branch, null);

    /// <summary>The name a branch begins with, mostly a type.</summary>
    public static string Root(string branch) => LeadingName().Match(branch).Groups[1].Value;

    private static bool IsType(string root) => root.Length > 0 && char.IsAsciiLetterUpper(root[0]);

    [GeneratedRegex(@"\A[\s(]*([A-Za-z]+)")]
    private static partial Regex LeadingName();

    [GeneratedRegex(@"\(\s*([A-Za-z.]+) as ([A-Za-z]+)\s*\)")]
    private static partial Regex CastInParentheses();

    [GeneratedRegex(@"\A([A-Za-z.]+) as ([A-Za-z]+)\z")]
    private static partial Regex CastAlone();

    [GeneratedRegex(@"\.as\(([A-Za-z]+)\)")]
    private static partial Regex CastCall();

    [GeneratedRegex(@"\.where\(resolve\(\) is ([A-Za-z]+)\)\s*\z")]
    private static partial Regex Resolve();
}
