namespace Fhir.Server.Search;

/// <summary>What of a whole record is wanted. See https://hl7.org/fhir/R4/operation-patient-everything.html</summary>
/// <param name="Types">Only resources of these types; empty for all.</param>
/// <param name="Since">Only what was changed in this microsecond since 1970 or later; null for all.</param>
/// <param name="Count">Resources a page, at least 1.</param>
/// <param name="Cursor">Where the page begins; null = at the beginning.</param>
public sealed record EverythingQuery(IReadOnlyList<string> Types, long? Since, int Count, string? Cursor)
{
    /// <summary>Who asks: a cursor serves nobody else.</summary>
    public string Asker { get; init; } = "";

    /// <summary>How long a page may take.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromSeconds(10);
}
