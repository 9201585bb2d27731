using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>
/// Finds in a resource the rows by which it can be searched. What has no value to search for gives no row: a concept of text only,
/// a reference to a contained resource or by display only, a Period with neither end.
/// </summary>
/// <param name="publicBaseUrl">The address of this server as clients see it, as in <c>http://127.0.0.1:5080/fhir</c>.</param>
/// <param name="zone">The offset of times written without one; null = UTC. Must be the zone of <see cref="SearchOptions"/>.</param>
public sealed class IndexExtractor(string? publicBaseUrl, TimeSpan? zone = null)
{
    private readonly References references = new(publicBaseUrl);

    /// <summary>All rows of a resource, each once.</summary>
    public IReadOnlyList<IndexRow> Extract(Resource resource)
    {
        var plan = ExtractionPlan.For(resource.TypeName);
        var rows = new IndexRows(references, zone);
        Evaluate(plan.OfResource, resource, resource, rows, seriesUid: null);
        if (resource is ImagingStudy study)
        {
            foreach (var series in study.Series)
            {
                // A series without uid must not pass for the study: its rows belong to a series no one can name.
                Evaluate(plan.OfSeries, series, resource, rows, DicomUids.Bare(series.Uid ?? ""));
            }
        }

        return rows.Rows;
    }

    private static void Evaluate(
        IReadOnlyList<ExtractionPlan.Step> steps, Base at, Resource resource, IndexRows rows, string? seriesUid)
    {
        var found = new List<Base>();
        foreach (var step in steps)
        {
            found.Clear();
            step.Path.Find(at, resource, found);
            foreach (var element in found)
            {
                rows.Add(step.Parameter, element, step.TargetType, seriesUid);
            }
        }
    }
}
