using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>
/// Finds in a resource the rows by which it can be searched. What has no value to search for gives only a row that it is there: a
/// reference to a contained resource or by display only, a Period with neither end. See <see cref="IndexRow.Missing"/>.
/// </summary>
/// <param name="publicBaseUrl">The address of this server as clients see it, as in <c>http://127.0.0.1:5080/fhir</c>.</param>
/// <param name="zone">The offset of times written without one; null = UTC. Must be the zone of <see cref="SearchOptions"/>.</param>
/// <param name="catalogue">The parameters in force; null = R4's own.</param>
public sealed class IndexExtractor(string? publicBaseUrl, TimeSpan? zone = null, SearchCatalogue? catalogue = null)
{
    private readonly References references = new(publicBaseUrl);
    private readonly SearchCatalogue parameters = catalogue ?? SearchCatalogue.Standard;

    /// <summary>
    /// Told when the expression of a custom parameter cannot be evaluated on a resource, as <c>name.single()</c> on two names: what it
    /// would have found is left out, so that no definition keeps a resource from being written.
    /// </summary>
    public Action<SearchParameterInfo, Exception>? Failed { get; init; }

    /// <summary>All rows of a resource, each once.</summary>
    public IReadOnlyList<IndexRow> Extract(Resource resource)
    {
        var plan = parameters.PlanOf(resource.TypeName);
        var rows = new IndexRows(references, zone);
        var elements = new Dictionary<string, int>(StringComparer.Ordinal);
        Evaluate(plan.OfResource, resource, resource, rows, elements, seriesUid: null);
        if (resource is ImagingStudy study)
        {
            foreach (var series in study.Series)
            {
                // A series without uid must not pass for the study: its rows belong to a series no one can name.
                Evaluate(plan.OfSeries, series, resource, rows, elements, DicomUids.Bare(series.Uid ?? ""));
            }
        }

        return rows.Rows;
    }

    private void Evaluate(IReadOnlyList<ExtractionPlan.Step> steps, Base at, Resource resource, IndexRows rows, Dictionary<string, int> numbers, string? seriesUid)
    {
        var elements = new List<Base>();
        // Branches of one parameter stand together.
        for (var i = 0; i < steps.Count;)
        {
            var parameter = steps[i].Parameter;
            var (before, isThere) = (rows.Found, false);
            for (; i < steps.Count && ReferenceEquals(steps[i].Parameter, parameter); i++)
            {
                elements.Clear();
                Find(steps[i].Path, parameter, at, resource, elements);
                foreach (var element in elements)
                {
                    if (parameter.Kind == SearchKind.Composite)
                    {
                        // Numbered through the whole resource: elements of two series are two.
                        var number = numbers[parameter.Code] = numbers.GetValueOrDefault(parameter.Code, -1) + 1;
                        rows.AddComposite(parameter.Code, number, Parts(steps[i], element, resource), seriesUid);
                    }
                    else
                    {
                        isThere |= rows.Add(parameter, element, steps[i].TargetType, seriesUid);
                    }
                }
            }

            if (isThere && rows.Found == before)
            {
                rows.AddPresence(parameter.Code, seriesUid);
            }
        }
    }

    private void Find(ElementPath path, SearchParameterInfo parameter, Base at, Resource resource, List<Base> found)
    {
        var before = found.Count;
        try
        {
            path.Find(at, resource, found);
        }
        catch (Exception failure) when (parameter.IsCustom && failure is not OutOfMemoryException)
        {
            found.RemoveRange(before, found.Count - before);
            Failed?.Invoke(parameter, failure);
        }
    }

    private List<IReadOnlyList<IndexRow>> Parts(ExtractionPlan.Step step, Base element, Resource resource)
    {
        var parts = new List<IReadOnlyList<IndexRow>>(step.Parts.Count);
        var found = new List<Base>();
        foreach (var part in step.Parts)
        {
            found.Clear();
            foreach (var path in part.Paths)
            {
                Find(path, step.Parameter, element, resource, found);
            }

            var rows = new IndexRows(references, zone);
            found.ForEach(value => rows.Add(part.Parameter, value, null, null));
            parts.Add([.. rows.Rows.Where(row => row.Parameter == part.Parameter.Code)]);
        }

        return parts;
    }
}
