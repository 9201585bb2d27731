using System.Collections.Frozen;

namespace Fhir.Server.Search;

/// <summary>The names in a FHIRPath expression, outside its strings, and what of the language this server does not take.</summary>
internal static class ExpressionWords
{
    private static readonly FrozenDictionary<string, string> Refused = new Dictionary<string, string>
    {
        ["resolve"] = "no other resource is read while one is indexed; only .where(resolve() is Type) at the end is understood",
        ["memberOf"] = "no terminology is asked while a resource is indexed",
        ["subsumes"] = "no terminology is asked while a resource is indexed",
        ["subsumedBy"] = "no terminology is asked while a resource is indexed",
        ["conformsTo"] = "no profile is judged while a resource is indexed",
        ["descendants"] = "a parameter names the elements it is about",
        ["children"] = "a parameter names the elements it is about",
        ["repeat"] = "a parameter names the elements it is about",
        ["aggregate"] = "a parameter names the elements it is about",
        ["matches"] = "a pattern may take any time",
        ["replaceMatches"] = "a pattern may take any time",
        ["trace"] = "it tells what it sees to others",
        ["now"] = "what is indexed may not depend on when",
        ["today"] = "what is indexed may not depend on when",
        ["timeOfDay"] = "what is indexed may not depend on when",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Why an expression is not taken; null when it may be. Its last <c>.where(resolve() is Type)</c> must be off already.</summary>
    public static string? Fault(string expression)
    {
        var bare = WithoutStrings(expression);
        if (bare is null || bare.AsSpan().ContainsAny('`', '\\', '%') || bare.Contains("//", StringComparison.Ordinal) || bare.Contains("/*", StringComparison.Ordinal))
        {
            return "Strings with escapes, delimited names, variables (%) and comments are not understood in a search parameter.";
        }

        return Of(bare).FirstOrDefault(Refused.ContainsKey) is { } word ? $"{word}() cannot be used: {Refused[word]}." : null;
    }

    /// <summary>The names, in the order they stand.</summary>
    public static IReadOnlyList<string> Of(string expression)
    {
        var (bare, words) = (WithoutStrings(expression) ?? expression, new List<string>());
        for (var i = 0; i < bare.Length; i++)
        {
            var start = i;
            while (i < bare.Length && (char.IsAsciiLetterOrDigit(bare[i]) || bare[i] == '_'))
            {
                i++;
            }

            if (i > start)
            {
                words.Add(bare[start..i]);
            }
        }

        return words;
    }

    /// <summary>The expression with empty strings; null when one does not end or has an escape.</summary>
    private static string? WithoutStrings(string expression)
    {
        var parts = expression.Split('\'');
        return parts.Length % 2 == 0 || expression.Contains('\\', StringComparison.Ordinal) ? null : string.Join("''", parts.Where((_, i) => i % 2 == 0));
    }
}
