using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>WADO-RS bulk data: where every BulkDataURI of the metadata leads. PS3.18 §10.4.1.1.5</summary>
internal static class BulkDataEndpoint
{
    private const string OctetStream = "application/octet-stream";

    public static void MapBulkData(this IEndpointRouteBuilder web, string names) =>
        web.MapGet("/studies/{study}/series/{series}/instances/{instance}/bulkdata/{**path}", BulkDataAsync).WithName($"{names}-wado-bulkdata");

    private static async Task<IResult> BulkDataAsync(
        string study, string series, string instance, string path, HttpContext context, GuardedRecord guard, DicomWebBase webBase,
        CancellationToken cancellationToken)
    {
        if (!(await RetrieveEndpoints.RetrieveAsync("bulkdata", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        using var content = await guard.OpenAsync(rows[0], cancellationToken);
        if (content is null)
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        using var file = content.OpenStream();
        if (!Part10Reader.Read(file, cancellationToken: cancellationToken).TryGet(out var dicom, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        if (dicom.Dataset.FindByPath(path) is not { Items: null } element)
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        var accepted = AcceptedType.Of(context.Request);
        var multipart = accepted.FirstOrDefault(type => type.IsMultipart && type.Inner is OctetStream or "*/*" or "application/*" && type.TransferSyntax is null or "*");
        var single = accepted.FirstOrDefault(type => !type.IsMultipart && type.Inner is OctetStream or "*/*" or "application/*");
        if (multipart is null && single is null)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("Bulk data are application/octet-stream, alone or as multipart/related."));
        }
        if (DicomWebResults.NotModified(context, $"{rows[0].ContentTag}-{path.Replace('/', '.')}") is { } notModified)
        {
            return notModified;
        }
        var parts = PartsOf(guard, rows[0], dicom, element, $"{QidoJson.Address(webBase, rows[0])}/bulkdata/{path}");
        return parts.Match<IResult>(
            all => single is not null && all.Count == 1 && (multipart is null || single.Quality >= multipart.Quality)
                ? new SinglePartResult(all[0])
                : new MultipartResult(OctetStream, all),
            DicomWebResults.Problem);
    }

    /// <summary>The value as one part; encapsulated pixels as a part a frame, or a fragment where frames cannot be told.</summary>
    private static Outcome<IReadOnlyList<MultipartPart>> PartsOf(GuardedRecord guard, InstanceRow row, DicomFile dicom, DicomElement element, string address)
    {
        if (element.Fragments is { } fragments && element.Tag == DicomTag.PixelData)
        {
            var frames = dicom.PixelData?.Frames;
            var ranges = frames is null
                ? fragments.Locations.Select(one => (IReadOnlyList<BulkValue>)[one])
                : Enumerable.Range(0, frames.Count).Select(i => frames[i].Ranges);
            return ranges.Select(all => new MultipartPart(
                $"{OctetStream}; transfer-syntax={row.TransferSyntaxUid}", address, all.Sum(one => one.Length),
                (output, cancel) => CopyAsync(guard, row, all, output, cancel))).ToList();
        }
        if (element.Bulk is { } bulk && !dicom.IsDeflated)
        {
            return new List<MultipartPart> { new(OctetStream, address, bulk.Length, (output, cancel) => CopyAsync(guard, row, [bulk], output, cancel)) };
        }
        var value = element.Bulk is { } inflated ? dicom.Inflated.Slice((int)inflated.Offset, (int)inflated.Length) : element.Value;
        return new List<MultipartPart> { new(OctetStream, address, value.Length, (output, cancel) => output.WriteAsync(value, cancel)) };
    }

    private static async ValueTask CopyAsync(
        GuardedRecord guard, InstanceRow row, IReadOnlyList<BulkValue> ranges, Stream output, CancellationToken cancellationToken)
    {
        foreach (var range in ranges)
        {
            await RetrieveEndpoints.CopyAsync(guard, row, range.Offset, range.Length, output, cancellationToken);
        }
    }
}
