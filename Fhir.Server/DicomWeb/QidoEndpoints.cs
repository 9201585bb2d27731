using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Options;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// QIDO-RS: search for studies, series and instances, at every nesting. Results come by study date, newest first, studies of one day or
/// none by when they came; series by number and UID, instances by number and UID. PS3.18 §10.6
/// </summary>
internal static class QidoEndpoints
{
    private const string Xml = XmlMetadata.MediaType;
    private const string PlainJson = "application/json";
    private const string MoreRemain = "The number of results exceeded the maximum supported by the server. Additional results can be requested.";

    public static void MapQido(this IEndpointRouteBuilder web, string names)
    {
        web.MapGetAndHead("/studies", StudiesAsync).WithName($"{names}-qido-studies");
        web.MapGetAndHead("/series", SeriesAsync).WithName($"{names}-qido-series");
        web.MapGetAndHead("/instances", InstancesAsync).WithName($"{names}-qido-instances");
        web.MapGetAndHead("/studies/{study}/series", SeriesAsync).WithName($"{names}-qido-study-series");
        web.MapGetAndHead("/studies/{study}/instances", InstancesAsync).WithName($"{names}-qido-study-instances");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances", InstancesAsync).WithName($"{names}-qido-series-instances");
    }

    private static Task<IResult> StudiesAsync(HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken) =>
        SearchAsync(context, QueryLevel.Study, null, null, webBase, guard, guard.FindStudiesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static Task<IResult> SeriesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null) =>
        SearchAsync(context, QueryLevel.Series, study, null, webBase, guard, guard.FindSeriesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static Task<IResult> InstancesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null, string? series = null) =>
        SearchAsync(context, QueryLevel.Instance, study, series, webBase, guard, guard.FindInstancesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static async Task<IResult> SearchAsync<T>(
        HttpContext context, QueryLevel level, string? study, string? series, DicomWebBase webBase, GuardedRecord guard,
        Func<InstanceQuery, CancellationToken, ValueTask<Outcome<IndexPage<T>>>> find, Func<T, QidoRow> toRow, CancellationToken cancellationToken)
    {
        if (FormOf(context.Request) is not { } form)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("Search results are application/dicom+json, or multipart/related of application/dicom+xml."));
        }
        var options = context.RequestServices.GetRequiredService<IOptions<QidoOptions>>().Value;
        if (!QidoParser.Parse(context.Request.Query, options).TryGet(out var request, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var answer = new QidoAnswer(request, level, (study is null ? 0 : 1) + (series is null ? 0 : 1));
        // Within a study as much as there may be is given unless a limit is asked for.
        var limit = Math.Min(request.Limit ?? (study is null ? options.DefaultLimit : options.MaxLimit), options.MaxLimit);
        var query = new InstanceQuery(webBase.Named, study, series, request.Matches, request.Offset, limit)
        {
            WithMetadata = answer.NeedsMetadata, Within = options.TimeLimit,
        };
        if (!(await find(query, cancellationToken)).TryGet(out var page, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        if (page.More)
        {
            context.Response.Headers.Append("Warning", $"299 {webBase.Own}: \"{MoreRemain}\"");
        }
        context.Response.Headers.CacheControl = "private, no-cache";
        context.Response.Headers.Append("Vary", "Accept, Accept-Encoding");
        var results = new QidoResults(guard, answer, [.. page.Rows.Select(toRow)], webBase);
        return form == Xml ? new QidoXmlResult(results) : new QidoJsonResult(results, form, RetrieveEndpoints.AcceptsGzip(context.Request));
    }

    /// <summary>
    /// The media type of what is answered; null when none of the accepted ones can be. JSON goes by DICOM's name for it unless only its
    /// plain name is accepted. PS3.18 §8.7.3.1
    /// </summary>
    private static string? FormOf(HttpRequest request)
    {
        var accepted = AcceptedType.Of(request);
        foreach (var type in accepted)
        {
            if (!type.IsMultipart && (type.Takes(DicomWebResults.Json) || type.Inner == PlainJson))
            {
                return accepted.Any(one => !one.IsMultipart && one.Takes(DicomWebResults.Json)) ? DicomWebResults.Json : PlainJson;
            }
            if (type.IsMultipart && type.Inner is Xml or "*/*")
            {
                return Xml;
            }
        }
        return null;
    }
}
