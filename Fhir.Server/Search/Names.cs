namespace Fhir.Server.Search;

/// <summary>Names that a caller made up, as they may be repeated to them.</summary>
internal static class Names
{
    private const int Longest = 40;

    /// <summary>Cut to a length, and nothing that could be mistaken for more than a name.</summary>
    public static string Shown(string? name) =>
        new([.. (name ?? "").Take(Longest).Select(letter => char.IsAsciiLetterOrDigit(letter) || "_-.:".Contains(letter, StringComparison.Ordinal) ? letter : '?')]);
}
