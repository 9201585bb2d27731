namespace Fhir.Server.Search;

/// <summary>Makes strings alike that search takes for the same. See https://hl7.org/fhir/R4/search.html#string</summary>
public static class SearchFolding
{
    /// <summary>Folds case and accents, removes combining marks and squeezes whitespace.</summary>
    public static string Fold(string value) => throw new NotImplementedException();
}
