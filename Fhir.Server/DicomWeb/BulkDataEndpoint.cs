using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// WADO-RS bulk data: where every BulkDataURI of the metadata leads. An encapsulated document is given as what it is, a video as a video,
/// compressed frames as their image type, and all of them as octets. PS3.18 §10.4.1.1.5
/// </summary>
internal static class BulkDataEndpoint
{
    public static void MapBulkData(this IEndpointRouteBuilder web, string names) =>
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/bulkdata/{**path}", BulkDataAsync).WithName($"{names}-wado-bulkdata");

    private static async Task<IResult> BulkDataAsync(
        string study, string series, string instance, string? path, HttpContext context, GuardedRecord guard, DicomWebBase webBase,
        CancellationToken cancellationToken)
    {
        if (!(await RetrieveEndpoints.RetrieveAsync("bulkdata", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        context.Response.Headers.Vary = "Accept";
        return await AnswerAsync(AcceptedType.Of(context.Request), rows[0], path, context, guard, webBase, cancellationToken);
    }

    /// <summary>The value of an element as one of the accepted types wants it.</summary>
    public static async ValueTask<IResult> AnswerAsync(
        IReadOnlyList<AcceptedType> accepted, InstanceRow row, string? path, HttpContext context, GuardedRecord guard, DicomWebBase webBase,
        CancellationToken cancellationToken)
    {
        if (!(await OpenInstance.OpenAsync(guard, row, cancellationToken)).TryGet(out var opened, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        using var instance = opened;
        if (path is null || instance.File.Dataset.FindByPath(path, out var holder) is not { Items: null } element)
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        var value = new BulkReader(guard, row, instance.File, $"{QidoJson.Address(webBase, row)}/bulkdata/{path}").Of(element, holder);
        if (Choose(accepted, value) is not var (type, asMultipart))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                $"These bulk data are {string.Join(" or ", new[] { value.MediaType, FrameMediaTypes.OctetStream }.Distinct())}"
                + (value.Syntax is null ? "" : $" in transfer syntax {value.Syntax}")
                + ": as multipart/related, or alone when they are not the pixels of several frames."));
        }
        var tag = $"{row.ContentTag}-{path.Replace('/', '.').ToUpperInvariant()}{(type == FrameMediaTypes.OctetStream ? "" : "-" + type.Replace('/', '.'))}"
            + (asMultipart ? "-multipart" : "");
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        if (type is not (FrameMediaTypes.OctetStream or "application/pdf"))
        {
            // A page or drawing somebody stored must not run as a page of this server. (In a sandbox browsers show no PDF.)
            context.Response.Headers.ContentSecurityPolicy = "sandbox; default-src 'none'";
            context.Response.Headers.ContentDisposition = IsShown(type) ? default : (Microsoft.Extensions.Primitives.StringValues)"attachment";
        }
        var parts = value.As(type);
        return asMultipart ? new MultipartResult(type, parts, tag) : new SinglePartResult(parts[0]);
    }

    /// <summary>Pictures and films, which a page may show; a drawing that can carry a script is none.</summary>
    private static bool IsShown(string type) => type.StartsWith("video/", StringComparison.Ordinal)
        || (type.StartsWith("image/", StringComparison.Ordinal) && !type.EndsWith("+xml", StringComparison.Ordinal));

    private static (string Type, bool AsMultipart)? Choose(IReadOnlyList<AcceptedType> accepted, BulkContents value)
    {
        var isOne = value.Contents.Count == 1;
        // What is not compressed is in little endian, as both of its syntaxes say.
        foreach (var type in accepted.Where(type => type.TakesAnySyntax || type.TransferSyntax == value.Syntax || (value.Syntax is null
            && type.TransferSyntax is DicomTransferSyntax.ExplicitLittleEndian or DicomTransferSyntax.ImplicitLittleEndian)))
        {
            var given = value.Syntax is { } syntax && FrameMediaTypes.NamesOf(syntax).Contains(type.Inner) ? type.Inner
                : type.Takes(value.MediaType) && (type.Inner != "*/*" || value.IsNamedByDefault) ? value.MediaType
                : type.Takes(FrameMediaTypes.OctetStream) ? FrameMediaTypes.OctetStream : null;
            if (given is not null && (type.IsMultipart || isOne || type.IsAnything))
            {
                return (given, type.IsMultipart || !isOne);
            }
        }
        return null;
    }
}

/// <summary>The value of an element as it can be given.</summary>
/// <param name="MediaType">What it is; octets when nothing better is known.</param>
/// <param name="Syntax">The transfer syntax pixels are in; null when it is no matter.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Contents">Its parts.</param>
/// <param name="IsNamedByDefault">Who takes anything is given it under its own media type.</param>
internal sealed record BulkContents(string MediaType, string? Syntax, string Address, IReadOnlyList<PartContent> Contents, bool IsNamedByDefault)
{
    /// <summary>The parts under a media type.</summary>
    public IReadOnlyList<MultipartPart> As(string type) =>
        [.. Contents.Select(content => new MultipartPart(Syntax is null ? type : $"{type}; transfer-syntax={Syntax}", Address, content))];
}

/// <summary>The bytes of elements of one instance, in little endian.</summary>
internal sealed class BulkReader(GuardedRecord guard, InstanceRow row, DicomFile dicom, string address)
{
    /// <summary>The value as one part; encapsulated pixels as a part a frame, or a fragment where frames cannot be told; a video whole.</summary>
    public BulkContents Of(DicomElement element, DicomDataset holder)
    {
        if (element.Fragments is { } fragments)
        {
            return OfFragments(element, fragments);
        }
        return element.Tag == DicomTag.EncapsulatedDocument
            ? new BulkContents(DocumentType(row, holder), null, address, [OfValue(element, SopClasses.EncapsulatedLength(holder, element.Length))], true)
            : new BulkContents(FrameMediaTypes.OctetStream, null, address, [OfValue(element, element.Length)], false);
    }

    private BulkContents OfFragments(DicomElement element, DicomFragments fragments)
    {
        // The frames that were found are the image's own. An icon within it, or whatever else is in fragments, is one value.
        var isOwn = element == dicom.Dataset.Find(DicomTag.PixelData);
        var syntax = row.TransferSyntaxUid;
        var isVideo = isOwn && VideoSyntaxes.Includes(syntax);
        IReadOnlyList<PartContent> contents = !isOwn || isVideo ? [Stored(fragments.Locations)]
            : dicom.PixelData?.Frames is not { } frames ? [.. fragments.Locations.Select(one => Stored([one]))]
            : [.. Enumerable.Range(0, frames.Count).Select(i => Stored(frames[i].Ranges))];
        return new BulkContents(FrameMediaTypes.Of(syntax), syntax, address, contents, isVideo);
    }

    private PartContent OfValue(DicomElement element, long length)
    {
        if (element.Bulk is not { } bulk)
        {
            return new HeldContent(element.Value[..(int)length]);
        }
        return dicom.IsDeflated ? new HeldContent(dicom.Inflated.Slice((int)bulk.Offset, (int)length))
            : dicom.Syntax.IsBigEndian && element.Vr.UnitSize > 1 ? new TurnedContent(guard, row, bulk, element.Vr.UnitSize)
            : Stored([bulk with { Length = length }]);
    }

    /// <summary>What a document is: as its SOP class says, else as it says itself in proper form, else octets.</summary>
    public static string DocumentType(InstanceRow row, DicomDataset holder) => SopClasses.EncapsulatedType(row.SopClassUid) is { } known ? known
        : holder.GetString(DicomTag.MIMETypeOfEncapsulatedDocument)?.Trim().ToLowerInvariant() is { } type && IsMediaType(type) ? type : FrameMediaTypes.OctetStream;

    /// <summary>Two names and a slash (RFC 9110 §8.3.1): anything else does not become a header.</summary>
    private static bool IsMediaType(string type) =>
        type.Split('/') is [{ Length: > 0 and < 100 } main, { Length: > 0 and < 100 } sub] && (main + sub).All(c => char.IsAsciiLetterOrDigit(c) || "!#$&^_.+-".Contains(c, StringComparison.Ordinal));

    private PartContent Stored(IReadOnlyList<BulkValue> ranges) => dicom.IsDeflated
        ? new HeldContent(ranges is [var one] ? dicom.Inflated.Slice((int)one.Offset, (int)one.Length)
            : ranges.SelectMany(range => dicom.Inflated.Slice((int)range.Offset, (int)range.Length).ToArray()).ToArray())
        : new StoredContent(guard, row, ranges);
}
