namespace Fhir.Server.Access;

/// <summary>Whether one scope lies within another: a client's registered scopes bound what it may ask for, granted ones what it may refresh to.</summary>
public static class ScopeCover
{
    /// <summary>Whether everything a scope allows is allowed by the set too. Scopes that are not for resources must be there by name.</summary>
    public static bool Covers(this ScopeSet set, string text)
    {
        ArgumentNullException.ThrowIfNull(set);
        if (set.Has(text))
        {
            return true;
        }
        return SmartScope.TryParse(text, out var asked) && LettersCover(set, asked);
    }

    /// <summary>Letters may come from several scopes: <c>.r</c> and <c>.s</c> together cover <c>.rs</c>.</summary>
    private static bool LettersCover(ScopeSet set, SmartScope asked)
    {
        var letters = set.Resources
            .Where(one => one.Level == asked.Level && one.Covers(asked.Type) && (one.Query is null || one.Query == asked.Query))
            .Aggregate(ScopeLetters.None, (sum, one) => sum | one.Letters);
        return (asked.Letters & ~letters) == ScopeLetters.None;
    }
}
