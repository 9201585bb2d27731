namespace Fhir.Server.Validation;

/// <summary>A concept of a code system, as far as value sets ask about it.</summary>
/// <param name="System">The canonical address of the code system.</param>
/// <param name="Code">Its code.</param>
/// <param name="Display">What people are shown; null when it is not known.</param>
public sealed record Concept(string System, string Code, string? Display)
{
    /// <summary>The version of the code system; null when it is not known.</summary>
    public string? Version { get; init; }

    /// <summary>Other words for it, which also count as its display.</summary>
    public IReadOnlyList<string> Designations { get; init; } = [];

    /// <summary>Not to be chosen, only to group others.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>No longer to be used.</summary>
    public bool IsInactive { get; init; }

    /// <summary>Codes above it in the hierarchy of its code system.</summary>
    public IReadOnlyList<string> Ancestors { get; init; } = [];

    /// <summary>Its further properties in the code system, as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Properties { get; init; } = [];

    /// <summary>Whether a text is one of the words for it; case does not count.</summary>
    public bool IsCalled(string display) => string.Equals(Display, display, StringComparison.OrdinalIgnoreCase)
        || Designations.Any(one => string.Equals(one, display, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Where stored terminology comes from, by canonical address and version (null = any).</summary>
/// <param name="ValueSet">Gives a value set; null when it is not known.</param>
/// <param name="CodeSystem">Gives a code system; null when it is not known.</param>
public sealed record TerminologySource(
    Func<string, string?, CancellationToken, ValueTask<Hl7.Fhir.Model.ValueSet?>> ValueSet,
    Func<string, string?, CancellationToken, ValueTask<Hl7.Fhir.Model.CodeSystem?>> CodeSystem);
