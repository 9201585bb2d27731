using Hl7.Fhir.FhirPath;
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
        var root = resource.ToPocoNode();
        var context = new FhirEvaluationContext { Resource = root, RootResource = root };
        Evaluate(plan.OfResource, root, context, rows, seriesUid: null);
        if (resource is ImagingStudy study)
        {
            foreach (var series in study.Series)
            {
                // A series without uid must not pass for the study: its rows belong to a series no one can name.
                Evaluate(plan.OfSeries, series.ToPocoNode(), context, rows, DicomUids.Bare(series.Uid ?? ""));
            }
        }

        return rows.Rows;
    }

    private static void Evaluate(
        IReadOnlyList<ExtractionPlan.Step> steps, PocoNode at, FhirEvaluationContext context, IndexRows rows, string? seriesUid)
    {
        PocoNode[] focus = [at];
        foreach (var step in steps)
        {
            foreach (var found in step.Expression(focus, context))
            {
                rows.Add(step.Parameter, found.Poco, step.TargetType, seriesUid);
            }
        }
    }
}
