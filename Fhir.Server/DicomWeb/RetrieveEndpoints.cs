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
    private const int SendAtOnce = 64 * 1024;
    private static readonly string[] GetAndHead = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>A conversion is the same bytes only from the same program.</summary>
    public static string Program { get; } = Convert.ToHexStringLower(typeof(RetrieveEndpoints).Module.ModuleVersionId.ToByteArray()[..4]);

    public static void MapRetrieve(this IEndpointRouteBuilder web, string names)
    {
        web.MapGetAndHead("/studies/{study}", InstancesAsync).WithName($"{names}-wado-study");
        web.MapGetAndHead("/studies/{study}/series/{series}", InstancesAsync).WithName($"{names}-wado-series");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}", InstancesAsync).WithName($"{names}-wado-instance");
        web.MapGetAndHead("/studies/{study}/metadata", MetadataAsync).WithName($"{names}-wado-study-metadata");
        web.MapGetAndHead("/studies/{study}/series/{series}/metadata", MetadataAsync).WithName($"{names}-wado-series-metadata");
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/metadata", MetadataAsync).WithName($"{names}-wado-instance-metadata");
    }

    /// <summary>HEAD answers like GET without its body (RFC 9110 §9.3.2).</summary>
    public static RouteHandlerBuilder MapGetAndHead(this IEndpointRouteBuilder web, string pattern, Delegate handler) =>
        web.MapMethods(pattern, GetAndHead, handler);

    private static async Task<IResult> InstancesAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, InstanceMaker maker, CancellationToken cancellationToken,
        string? series = null, string? instance = null)
    {
        if (!(await RetrieveAsync("wado", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        context.Response.Headers.Vary = "Accept";
        return Instances(AcceptedType.Of(context.Request), rows, context, guard, webBase, maker);
    }

    /// <summary>Instances as one of the accepted types wants them.</summary>
    public static IResult Instances(
        IReadOnlyList<AcceptedType> accepted, IReadOnlyList<InstanceRow> rows, HttpContext context, GuardedRecord guard, DicomWebBase webBase, InstanceMaker maker)
    {
        if (InstancePlan.Choose(accepted, rows, maker.Transcoder) is not { } plan)
        {
            return DicomWebResults.Problem(InstancePlan.Refusal(accepted, rows, maker.Transcoder));
        }
        var tag = TagOf(plan);
        if (plan.LeftOut == 0 && DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        MultipartPart PartOf(PlannedInstance one) =>
            new($"{Dicom}; transfer-syntax={one.Syntax}", QidoJson.Address(webBase, one.Row), new StoredContent(guard, one.Row));
        if (!plan.IsStored)
        {
            return new MadeInstances(maker, plan, PartOf, tag);
        }
        PartialAnswer.Tell(context.Response, plan.LeftOut, plan.Instances.Count + plan.LeftOut);
        return plan.Packaging switch
        {
            Packaging.Zip => new ZipResult([.. plan.Instances.Select(one => (one.Row, (PartContent)new StoredContent(guard, one.Row)))]),
            Packaging.Multipart => new MultipartResult(Dicom, [.. plan.Instances.Select(PartOf)], tag),
            _ => new SinglePartResult(PartOf(plan.Instances[0])),
        };
    }

    private static async Task<IResult> MetadataAsync(
        string study, HttpContext context, GuardedRecord guard, DicomWebBase webBase, InstanceMaker maker, CancellationToken cancellationToken,
        string? series = null, string? instance = null)
    {
        var accepted = AcceptedType.Of(context.Request).FirstOrDefault(type => type.Takes(DicomWebResults.Json) || type.Inner is "application/json"
            || (type.Inner == XmlMetadata.MediaType && (type.IsMultipart || instance is not null)));
        if (accepted is null)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                $"Metadata are {DicomWebResults.Json}, or multipart/related; type=\"{XmlMetadata.MediaType}\" (those of one instance also alone)."));
        }
        if (!(await RetrieveAsync("metadata", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var isXml = accepted.Inner == XmlMetadata.MediaType;
        var gzip = !isXml && AcceptsGzip(context.Request);
        var form = isXml ? accepted.IsMultipart ? "xml-multipart" : "xml" : gzip ? "gzip" : "json";
        context.Response.Headers.Vary = "Accept, Accept-Encoding";
        var tag = MetadataTag(rows, webBase.Own, form, isXml ? Program : ImagingProjection.Descriptions);
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        if (isXml)
        {
            return new XmlMetadata(maker, rows, webBase.Own, accepted.IsMultipart, tag);
        }
        context.Response.ContentType = DicomWebResults.Json;
        context.Response.Headers.ContentEncoding = gzip ? "gzip" : default(Microsoft.Extensions.Primitives.StringValues);
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await WriteJsonAsync(context, guard, rows, webBase, gzip, cancellationToken);
        }
        return Results.Empty;
    }

    private static async Task WriteJsonAsync(
        HttpContext context, GuardedRecord guard, IReadOnlyList<InstanceRow> rows, DicomWebBase webBase, bool gzip, CancellationToken cancellationToken)
    {
        var pieces = PiecesAsync(guard, rows, cancellationToken);
        ReadOnlyMemory<byte> webBaseText = DicomJsonText.Escape(webBase.Own).ToArray();
        // Each write to the body is sent by itself, and a piece is small. Not disposed: what breaks off must not look complete.
        var body = new BufferedStream(context.Response.Body, SendAtOnce);
        if (gzip)
        {
            await MetadataWriter.WriteGzipAsync(pieces, webBaseText, body, cancellationToken);
        }
        else
        {
            await MetadataWriter.WritePlainAsync(pieces, webBaseText, body, cancellationToken);
        }
        await body.FlushAsync(cancellationToken);
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

    /// <summary>A strong tag of metadata: they say other addresses under another base, are other bytes in another form, and other ones by another writer.</summary>
    /// <param name="rows">The instances.</param>
    /// <param name="baseAddress">The base in their addresses.</param>
    /// <param name="form">The form and coding of the answer.</param>
    /// <param name="writer">What changes when the same file gives other metadata.</param>
    internal static string MetadataTag(IReadOnlyList<InstanceRow> rows, string baseAddress, string form, string writer) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{TagOf(rows)}|{baseAddress}|{form}|{writer}"))[..16]);

    /// <summary>A strong tag of a packaging of instances, some of them converted.</summary>
    private static string TagOf(InstancePlan plan)
    {
        var stored = TagOf([.. plan.Instances.Select(one => one.Row)]);
        var packaging = plan.Packaging == Packaging.Alone ? "" : "-" + plan.Packaging.ToString().ToLowerInvariant();
        return plan.IsStored ? stored + packaging
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{stored}|{string.Join('|', plan.Instances.Select(one => one.Syntax))}|{Program}"))[..16]) + packaging;
    }

    /// <summary>RFC 9110 §12.5.3: what is said of gzip itself goes before what is said of everything.</summary>
    internal static bool AcceptsGzip(HttpRequest request)
    {
        var codings = StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptEncoding.OfType<string>()], out var parsed) ? parsed : [];
        var said = codings.FirstOrDefault(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase)) ?? codings.FirstOrDefault(one => one.Value == "*");
        return said is not null && said.Quality is not 0;
    }
}
