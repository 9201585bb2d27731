namespace Fhir.Server.Search;

/// <summary>
/// Holds the search parameters in force. Whoever reads a query or makes index rows takes <see cref="Current"/> once and stays with it; a
/// change puts another catalogue in its place, and never touches one that is in use.
/// </summary>
public sealed class SearchRegistry
{
    private SearchCatalogue current = SearchCatalogue.Standard;

    /// <summary>The parameters in force now.</summary>
    public SearchCatalogue Current => Volatile.Read(ref current);

    /// <summary>Puts a catalogue in force.</summary>
    public void Use(SearchCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        Volatile.Write(ref current, catalogue);
    }
}
