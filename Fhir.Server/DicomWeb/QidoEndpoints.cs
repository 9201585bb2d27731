using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>QIDO-RS: search for studies, series and instances, at every nesting. PS3.18 §10.6</summary>
internal static class QidoEndpoints
{
    private const int DefaultLimit = 1000;
    private const int MaxLimit = 10_000;

    public static void MapQido(this IEndpointRouteBuilder web, string names)
    {
        web.MapGet("/studies", StudiesAsync).WithName($"{names}-qido-studies");
        web.MapGet("/series", SeriesAsync).WithName($"{names}-qido-series");
        web.MapGet("/instances", InstancesAsync).WithName($"{names}-qido-instances");
        web.MapGet("/studies/{study}/series", SeriesAsync).WithName($"{names}-qido-study-series");
        web.MapGet("/studies/{study}/instances", InstancesAsync).WithName($"{names}-qido-study-instances");
        web.MapGet("/studies/{study}/series/{series}/instances", InstancesAsync).WithName($"{names}-qido-series-instances");
    }

    private static Task<IResult> StudiesAsync(HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken) =>
        SearchAsync(context, null, null, webBase, guard.FindStudiesAsync, (output, rows) => QidoJson.Write(output, rows, webBase), cancellationToken);

    private static Task<IResult> SeriesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null) =>
        SearchAsync(
            context, study, null, webBase, guard.FindSeriesAsync, (output, rows) => QidoJson.Write(output, rows, webBase, study is null),
            cancellationToken);

    private static Task<IResult> InstancesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null, string? series = null) =>
        SearchAsync(
            context, study, series, webBase, guard.FindInstancesAsync,
            (output, rows) => QidoJson.Write(output, rows, webBase, study is null, series is null), cancellationToken);

    private static async Task<IResult> SearchAsync<T>(
        HttpContext context, string? study, string? series, DicomWebBase webBase,
        Func<InstanceQuery, CancellationToken, ValueTask<Outcome<IndexPage<T>>>> find, Action<Stream, IReadOnlyList<T>> write,
        CancellationToken cancellationToken)
    {
        if (!AcceptedType.Of(context.Request).Any(type => type.Inner is "application/dicom+json" or "application/json" or "*/*" or "application/*"))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("Search results are application/dicom+json."));
        }
        if (!QidoParser.Parse(context.Request.Query).TryGet(out var request, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        // Within a study everything is given unless a limit is asked for; across studies there is one.
        var limit = request.Limit is { } asked ? Math.Min(asked, MaxLimit) : study is null ? DefaultLimit : int.MaxValue - 1;
        var query = new InstanceQuery(webBase.Named, study, series, request.Matches, request.Offset, limit);
        if (!(await find(query, cancellationToken)).TryGet(out var page, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        foreach (var warning in request.Warnings)
        {
            Warn(context, webBase, warning);
        }
        if (page.More)
        {
            Warn(context, webBase, "There are additional results that can be requested");
        }
        using var json = new MemoryStream();
        write(json, page.Rows);
        context.Response.Headers.CacheControl = "private, no-cache";
        return Results.Bytes(json.ToArray(), DicomWebResults.Json);
    }

    private static void Warn(HttpContext context, DicomWebBase webBase, string text) =>
        context.Response.Headers.Append("Warning", $"299 {webBase.Own}: \"{text}\"");
}
