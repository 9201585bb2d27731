using System.Buffers;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
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
    private const string Xml = "application/dicom+xml";
    private const string MoreRemain = "The number of results exceeded the maximum supported by the server. Additional results can be requested.";

    private static readonly string[] Methods = ["GET", "HEAD"];

    public static void MapQido(this IEndpointRouteBuilder web, string names)
    {
        web.MapMethods("/studies", Methods, StudiesAsync).WithName($"{names}-qido-studies");
        web.MapMethods("/series", Methods, SeriesAsync).WithName($"{names}-qido-series");
        web.MapMethods("/instances", Methods, InstancesAsync).WithName($"{names}-qido-instances");
        web.MapMethods("/studies/{study}/series", Methods, SeriesAsync).WithName($"{names}-qido-study-series");
        web.MapMethods("/studies/{study}/instances", Methods, InstancesAsync).WithName($"{names}-qido-study-instances");
        web.MapMethods("/studies/{study}/series/{series}/instances", Methods, InstancesAsync).WithName($"{names}-qido-series-instances");
    }

    private static Task<IResult> StudiesAsync(HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken) =>
        SearchAsync(context, QueryLevel.Study, null, null, webBase, guard.FindStudiesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static Task<IResult> SeriesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null) =>
        SearchAsync(context, QueryLevel.Series, study, null, webBase, guard.FindSeriesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static Task<IResult> InstancesAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken, string? study = null, string? series = null) =>
        SearchAsync(context, QueryLevel.Instance, study, series, webBase, guard.FindInstancesAsync, row => QidoAnswer.Row(row, webBase), cancellationToken);

    private static async Task<IResult> SearchAsync<T>(
        HttpContext context, QueryLevel level, string? study, string? series, DicomWebBase webBase,
        Func<InstanceQuery, CancellationToken, ValueTask<Outcome<IndexPage<T>>>> find, Func<T, QidoRow> toRow, CancellationToken cancellationToken)
    {
        if (FormOf(context.Request) is not { } asXml)
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
        var rows = page.Rows.Select(toRow).ToList();
        return asXml
            ? await XmlAsync(answer, rows, webBase, cancellationToken)
            : new QidoJsonResult(answer, rows, webBase, RetrieveEndpoints.AcceptsGzip(context.Request));
    }

    /// <summary>Whether XML is wanted, of the forms there are; null when none of them is.</summary>
    private static bool? FormOf(HttpRequest request)
    {
        foreach (var type in AcceptedType.Of(request))
        {
            if (!type.IsMultipart && type.Inner is "application/dicom+json" or "application/json" or "*/*" or "application/*")
            {
                return false;
            }
            if (type.IsMultipart && type.Inner is Xml or "*/*")
            {
                return true;
            }
        }
        return null;
    }

    /// <summary>One part a result (PS3.18 §8.7.3); nothing at all has no parts.</summary>
    private static async Task<IResult> XmlAsync(QidoAnswer answer, List<QidoRow> rows, DicomWebBase webBase, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return Results.NoContent();
        }
        var parts = new List<MultipartPart>();
        var json = new ArrayBufferWriter<byte>();
        foreach (var row in rows)
        {
            json.ResetWrittenCount();
            await answer.WriteAsync(json, row, webBase, cancellationToken);
            var model = DicomJsonReader.Read(json.WrittenSpan);
            if (!model.TryGet(out var read, out var problem))
            {
                throw new InvalidOperationException("A search result could not be read back: " + problem.Text);
            }
            using var xml = new MemoryStream();
            DicomXml.Write(xml, read.Dataset, webBase.Of(row.Record));
            parts.Add(new MultipartPart(Xml, null, new HeldContent(xml.ToArray())));
        }
        return new MultipartResult(Xml, parts, Guid.NewGuid().ToString("N"));
    }
}
