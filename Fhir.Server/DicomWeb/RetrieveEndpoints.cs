using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.DicomWeb;

/// <summary>WADO-RS: studies, series and instances as stored, and their metadata. PS3.18 §10.4</summary>
internal static class RetrieveEndpoints
{
    private const string Dicom = "application/dicom";

    public static void MapRetrieve(this IEndpointRouteBuilder web, string names)
    {
        web.MapGet("/studies/{study}", InstancesAsync).WithName($"{names}-wado-study");
        web.MapGet("/studies/{study}/series/{series}", InstancesAsync).WithName($"{names}-wado-series");
        web.MapGet("/studies/{study}/series/{series}/instances/{instance}", InstancesAsync).WithName($"{names}-wado-instance");
        web.MapGet("/studies/{study}/metadata", MetadataAsync).WithName($"{names}-wado-study-metadata");
        web.MapGet("/studies/{study}/series/{series}/metadata", MetadataAsync).WithName($"{names}-wado-series-metadata");
        web.MapGet("/studies/{study}/series/{series}/instances/{instance}/metadata", MetadataAsync).WithName($"{names}-wado-instance-metadata");
    }

    private static async Task<IResult> InstancesAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken,
        string? series = null, string? instance = null)
    {
        if (!(await RetrieveAsync("wado", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        context.Response.Headers.Vary = "Accept";
        if (AcceptedType.Choose(context.Request, type => Gives(type, rows), isOne: rows.Count == 1) is not (_, var asMultipart))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                "Instances are given as multipart/related; type=\"application/dicom\" (one alone also as application/dicom) in the transfer syntax they are stored in."));
        }
        var tag = TagOf(rows) + (asMultipart ? "-multipart" : "");
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        var parts = rows.Select(row => new MultipartPart(
            $"{Dicom}; transfer-syntax={row.TransferSyntaxUid}", QidoJson.Address(webBase, row), row.Length,
            (output, cancel) => CopyAsync(guard, row, 0, row.Length, output, cancel))).ToList();
        return asMultipart ? new MultipartResult(Dicom, parts, tag) : new SinglePartResult(parts[0]);
    }

    private static async Task<IResult> MetadataAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken,
        string? series = null, string? instance = null)
    {
        if (!AcceptedType.Of(context.Request).Any(type => type.Inner is "application/dicom+json" or "application/json" or "*/*" or "application/*"))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("Metadata are application/dicom+json."));
        }
        if (!(await RetrieveAsync("metadata", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var gzip = AcceptsGzip(context.Request);
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        // The same metadata say other addresses under another base, and are other bytes under another coding.
        var tag = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{TagOf(rows)}|{webBase.Own}|{gzip}"))[..16]);
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        var pieces = PiecesAsync(guard, rows, cancellationToken);
        ReadOnlyMemory<byte> webBaseText = DicomJsonText.Escape(webBase.Own).ToArray();
        context.Response.ContentType = DicomWebResults.Json;
        if (gzip)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await MetadataWriter.WriteGzipAsync(pieces, webBaseText, context.Response.Body, cancellationToken);
        }
        else
        {
            await MetadataWriter.WritePlainAsync(pieces, webBaseText, context.Response.Body, cancellationToken);
        }
        return Results.Empty;
    }

    /// <summary>The pieces of each row, some at a time.</summary>
    private static async IAsyncEnumerable<MetadataPieces> PiecesAsync(
        GuardedRecord guard, IReadOnlyList<InstanceRow> rows, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const int AtOnce = 100;
        foreach (var some in rows.Chunk(AtOnce))
        {
            foreach (var bytes in await guard.MetadataAsync(some, cancellationToken))
            {
                yield return MetadataPieces.FromBytes(bytes);
            }
        }
    }

    /// <summary>The rows of an address, in the record it means.</summary>
    public static async ValueTask<Outcome<IReadOnlyList<InstanceRow>>> RetrieveAsync(
        string action, string study, string? series, string? instance, GuardedRecord guard, DicomWebBase webBase, CancellationToken cancellationToken) =>
        (await webBase.RecordOfAsync(study, cancellationToken)).TryGet(out var record, out var problem)
            ? await guard.RetrieveAsync(action, record, study, series, instance, cancellationToken)
            : problem;

    /// <summary>Copies a range of an instance's bytes; fails when it was deleted since.</summary>
    public static async ValueTask CopyAsync(
        GuardedRecord guard, InstanceRow row, long offset, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        using var content = await guard.OpenAsync(row, cancellationToken) ?? throw new IOException("An instance was deleted while it was being sent.");
        await content.CopyToAsync(offset, length, output, cancellationToken);
    }

    /// <summary>A strong tag of what the rows' bytes are.</summary>
    private static string TagOf(IReadOnlyList<InstanceRow> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            hash.AppendData(Encoding.ASCII.GetBytes($"{row.SopInstanceUid}|{row.Blob}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset()[..16]);
    }

    /// <summary>Whether the rows can be given as a type asks: in the syntax they are stored in.</summary>
    private static bool Gives(AcceptedType type, IReadOnlyList<InstanceRow> rows) =>
        type.Inner is Dicom or "*/*" or "application/*"
        && (type.TransferSyntax is null or "*" || rows.All(row => row.TransferSyntaxUid == type.TransferSyntax));

    /// <summary>RFC 9110 §12.5.3: what is said of gzip itself goes before what is said of everything.</summary>
    internal static bool AcceptsGzip(HttpRequest request)
    {
        var codings = StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var parsed) ? parsed : [];
        var said = codings.FirstOrDefault(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) ?? codings.FirstOrDefault(one => one.Value == "*");
        return said is not null && said.Quality is not 0;
    }
}
