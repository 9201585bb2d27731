using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Search;
using Fhir.Server.Validation;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>Value sets and code systems stored here, as the caller may see them. Of several versions the newest counts.</summary>
internal static class StoredTerminology
{
    private const int Versions = 50;

    public static TerminologySource Of(GuardedRecord guard, string fhirBase) => new(
        (url, version, cancellationToken) => FindAsync<ValueSet>(guard, fhirBase, url, one => version is null || one.Version == version, cancellationToken),
        (url, version, cancellationToken) => FindAsync<CodeSystem>(guard, fhirBase, url, one => version is null || one.Version == version, cancellationToken));

    private static async ValueTask<T?> FindAsync<T>(
        GuardedRecord guard, string fhirBase, string url, Func<T, bool> isWanted, CancellationToken cancellationToken)
        where T : Resource
    {
        var parameters = new[] { KeyValuePair.Create("url", SearchSyntax.Escape(url)), KeyValuePair.Create("_sort", "-_lastUpdated"), KeyValuePair.Create("_count", $"{Versions}") };
        if (!new SearchParser(new SearchOptions(), fhirBase).Parse(typeof(T).Name, parameters, strict: true).TryGet(out var query, out _)
            || !(await guard.SearchAsync(query, cancellationToken)).TryGet(out var page, out _))
        {
            return null;
        }
        return page.Matches.Select(match => FhirJson.ReadOwn<T>(match.Json)).FirstOrDefault(isWanted);
    }
}
