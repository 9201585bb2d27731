using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Fhir.Server.Access;

/// <summary>Whose data a scope is about. See https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html</summary>
public enum ScopeLevel
{
    /// <summary>The patient in context.</summary>
    Patient,

    /// <summary>What the user may reach.</summary>
    User,

    /// <summary>What the client itself may reach.</summary>
    System,
}

/// <summary>The letters of a scope: which interactions it allows.</summary>
[Flags]
public enum ScopeLetters
{
    None = 0,

    /// <summary><c>c</c>: create.</summary>
    Create = 1,

    /// <summary><c>r</c>: read, vread, history of one resource.</summary>
    Read = 2,

    /// <summary><c>u</c>: update and patch.</summary>
    Update = 4,

    /// <summary><c>d</c>: delete.</summary>
    Delete = 8,

    /// <summary><c>s</c>: search, history of a type and of the system.</summary>
    Search = 16,

    All = Create | Read | Update | Delete | Search,
}

/// <summary>One resource scope of SMART App Launch 2.2, v1 syntax or v2.</summary>
/// <param name="Level">Whose data.</param>
/// <param name="Type">The resource type; <see cref="AnyType"/> for all.</param>
/// <param name="Letters">Which interactions.</param>
/// <param name="Query">Behind the <c>?</c>, as it stands there; null for all of the type.</param>
/// <param name="Text">As it was asked for.</param>
public sealed partial record SmartScope(ScopeLevel Level, string Type, ScopeLetters Letters, string? Query, string Text)
{
    /// <summary>The type that stands for all.</summary>
    public const string AnyType = "*";

    /// <summary>Whether the scope covers a type.</summary>
    public bool Covers(string type) => Type == AnyType || Type == type;

    /// <summary>Reads a scope; false when it is none for resources, or not well formed. Letters must be in the order <c>cruds</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SmartScope? scope)
    {
        scope = null;
        ArgumentNullException.ThrowIfNull(text);
        var match = Grammar().Match(text.StartsWith(UriPrefix, StringComparison.Ordinal) ? text[UriPrefix.Length..] : text);
        if (!match.Success || match.Groups["letters"].Length == 0)
        {
            return false;
        }
        scope = new SmartScope(
            Enum.Parse<ScopeLevel>(match.Groups["level"].Value, ignoreCase: true), match.Groups["type"].Value, LettersOf(match.Groups["letters"].Value),
            match.Groups["query"] is { Success: true, Value: var query } ? query : null, text);
        return true;
    }

    private const string UriPrefix = "http://smarthealthit.org/fhir/scopes/";

    private static ScopeLetters LettersOf(string letters) => letters switch
    {
        "read" => ScopeLetters.Read | ScopeLetters.Search,
        "write" => ScopeLetters.Create | ScopeLetters.Update | ScopeLetters.Delete,
        "*" => ScopeLetters.All,
        _ => letters.Aggregate(ScopeLetters.None, (sum, letter) => sum | (ScopeLetters)(1 << "cruds".IndexOf(letter, StringComparison.Ordinal))),
    };

    [GeneratedRegex(@"^(?<level>patient|user|system)/(?<type>\*|[A-Z][A-Za-z]+)\.(?<letters>c?r?u?d?s?|read|write|\*)(\?(?<query>.+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
