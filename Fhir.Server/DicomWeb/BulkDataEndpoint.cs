using System.IO.Pipelines;
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
        string study, string series, string instance, string? path, HttpContext context, GuardedRecord guard, DicomWebBase webBase,
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
        if (path is null || dicom.Dataset.FindByPath(path) is not { Items: null } element)
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        var parts = new BulkParts(guard, rows[0], dicom, $"{QidoJson.Address(webBase, rows[0])}/bulkdata/{path}").Of(element);
        bool Gives(AcceptedType type) => type.Inner is OctetStream or "*/*" or "application/*"
            && (type.TransferSyntax is null or "*" || parts.All(part => part.ContentType.EndsWith("=" + type.TransferSyntax, StringComparison.Ordinal)));
        context.Response.Headers.Vary = "Accept";
        if (AcceptedType.Choose(context.Request, Gives, isOne: parts.Count == 1, prefersAlone: true) is not (_, var asMultipart))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                "Bulk data are application/octet-stream: as multipart/related, or alone when they are not the pixels of several frames."));
        }
        var tag = $"{rows[0].ContentTag}-{path.Replace('/', '.').ToUpperInvariant()}{(asMultipart ? "-multipart" : "")}";
        return DicomWebResults.NotModified(context, tag)
            ?? (asMultipart ? new MultipartResult(OctetStream, parts, tag) : new SinglePartResult(parts[0]));
    }

    /// <summary>The bytes of elements of one instance, in little endian.</summary>
    private sealed class BulkParts(GuardedRecord guard, InstanceRow row, DicomFile dicom, string address)
    {
        private const int BufferLength = 128 * 1024;

        /// <summary>The value as one part; encapsulated pixels as a part a frame, or a fragment where frames cannot be told.</summary>
        public IReadOnlyList<MultipartPart> Of(DicomElement element)
        {
            var encoded = $"{OctetStream}; transfer-syntax={row.TransferSyntaxUid}";
            return element switch
            {
                // The frames that were found are the image's own. An icon within it, or whatever else is in fragments, is one value.
                { Fragments: { } fragments } when element != dicom.Dataset.Find(DicomTag.PixelData) => [Part(encoded, fragments.Locations)],
                { Fragments: { } fragments } when dicom.PixelData?.Frames is not { } => [.. fragments.Locations.Select(one => Part(encoded, [one]))],
                { Fragments: not null } => [.. Enumerable.Range(0, dicom.PixelData!.Frames!.Count).Select(i => Part(encoded, dicom.PixelData.Frames[i].Ranges))],
                { Bulk: { } bulk } => [Part(OctetStream, [bulk], dicom.Syntax.IsBigEndian ? element.Vr.UnitSize : 1)],
                _ => [new(OctetStream, address, element.Value.Length, async (output, cancel) => await output.WriteAsync(element.Value, cancel))],
            };
        }

        private MultipartPart Part(string type, IReadOnlyList<BulkValue> ranges, int turned = 1) => new(type, address, ranges.Sum(one => one.Length), async (output, cancel) =>
        {
            foreach (var range in ranges)
            {
                if (dicom.IsDeflated)
                {
                    await output.WriteAsync(dicom.Inflated.Slice((int)range.Offset, (int)range.Length), cancel);
                    continue;
                }
                await (turned > 1
                    ? CopyTurnedAsync(range, turned, output, cancel)
                    : RetrieveEndpoints.CopyAsync(guard, row, range.Offset, range.Length, output, cancel));
            }
        });

        private async ValueTask CopyTurnedAsync(BulkValue range, int unit, PipeWriter output, CancellationToken cancellationToken)
        {
            using var content = await guard.OpenAsync(row, cancellationToken) ?? throw new IOException("An instance was deleted while it was being sent.");
            var buffer = new byte[Math.Min(range.Length, BufferLength)];
            for (var done = 0L; done < range.Length;)
            {
                var piece = buffer.AsMemory(0, (int)Math.Min(buffer.Length, range.Length - done));
                if (await content.ReadAsync(range.Offset + done, piece, cancellationToken) < piece.Length)
                {
                    throw new EndOfStreamException("A blob has become shorter while it was read.");
                }
                ByteOrder.Turn(piece.Span, unit);
                await output.WriteAsync(piece, cancellationToken);
                done += piece.Length;
            }
        }
    }
}
