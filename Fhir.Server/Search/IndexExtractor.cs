using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Finds in a resource the rows by which it can be searched.</summary>
/// <param name="publicBaseUrl">The address of this server as clients see it, as in <c>http://127.0.0.1:5080/fhir</c>.</param>
/// <param name="zone">The offset of times written without one; null = UTC.</param>
public sealed class IndexExtractor(string? publicBaseUrl, TimeSpan? zone = null)
{
    /// <summary>All rows of a resource, each once.</summary>
    public IReadOnlyList<IndexRow> Extract(Resource resource) => throw new NotImplementedException($"{publicBaseUrl}{zone}");
}
