namespace Fhir.Server.Access;

/// <summary>The scopes of a token, as they were granted. Their union is what it allows; it never adds up over levels.</summary>
public sealed class ScopeSet
{
    private ScopeSet(IReadOnlyList<string> texts)
    {
        Texts = texts;
        var resources = new List<SmartScope>();
        foreach (var text in texts)
        {
            if (SmartScope.TryParse(text, out var scope))
            {
                resources.Add(scope);
            }
        }
        Resources = resources;
    }

    /// <summary>Every scope, in the order granted.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Those for resources.</summary>
    public IReadOnlyList<SmartScope> Resources { get; }

    /// <summary>Reads a list separated by blanks (RFC 6749 §3.3); doubles count once.</summary>
    public static ScopeSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList());
    }

    /// <summary>Whether a scope that is not for resources was granted: <c>openid</c>, <c>launch/patient</c>, <c>offline_access</c>…</summary>
    public bool Has(string text) => Texts.Contains(text, StringComparer.Ordinal);

    /// <summary>The list separated by blanks.</summary>
    public override string ToString() => string.Join(' ', Texts);
}
