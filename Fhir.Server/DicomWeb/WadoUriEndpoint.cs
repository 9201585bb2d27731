using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// WADO-URI, for older viewers: one instance as a file, as a picture, as the document or video within it. PS3.18 §9
/// </summary>
internal static class WadoUriEndpoint
{
    private const string Dicom = "application/dicom";

    public static void MapWadoUri(this IEndpointRouteBuilder web, string names)
    {
        web.MapGetAndHead("/wado", WadoAsync).WithName($"{names}-wado-uri");
        // dicomweb-client and others put the query right behind the base.
        web.MapGetAndHead("", WadoAsync).WithName($"{names}-wado-uri-at-base");
    }

    private static async Task<IResult> WadoAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, InstanceMaker maker, RenderedPictures pictures,
        CancellationToken cancellationToken)
    {
        if (!WadoUriQuery.Read(context.Request).TryGet(out var query, out var problem)
            || !(await RetrieveEndpoints.RetrieveAsync("wado-uri", query.Study, query.Series, query.Instance, guard, webBase, cancellationToken)).TryGet(out var rows, out problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var row = rows[0];
        context.Response.Headers.Vary = "Accept";
        if (query.Frame is { } frame && frame > row.Frames)
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        var own = await OwnTypeAsync(guard, row, query, cancellationToken);
        foreach (var type in query.Accepted)
        {
            if (type.Type == own?.Type || (own is not null && type.Type is "*/*"))
            {
                return await BulkDataEndpoint.AnswerAsync([type with { Type = own.Value.Type }], row, own.Value.Path, context, guard, webBase, cancellationToken);
            }
            if (PictureOf(type, row, query) is { } picture)
            {
                return await PictureAsync(context, guard, webBase, pictures, row, query, picture, cancellationToken);
            }
            if (type.Type is Dicom or "*/*" or "application/*")
            {
                AcceptedType[] accepted = [new(Dicom, null, query.TransferSyntax ?? type.TransferSyntax, 1)];
                return RetrieveEndpoints.Instances(accepted, rows, context, guard, webBase, maker);
            }
        }
        string[] given = [Dicom, .. IsPicture(row) ? new[] { "image/jpeg", "image/png" } : [], .. own is null ? Array.Empty<string>() : [own.Value.Type]];
        return DicomWebResults.Problem(Problem.NotAcceptable($"This instance is given as {string.Join(", ", given)}."));
    }

    private static bool IsPicture(InstanceRow row) => row.Frames > 0 && !VideoSyntaxes.Includes(row.TransferSyntaxUid);

    /// <summary>JPEG unless another is asked for; an image of many frames of which none is named is no picture to who takes anything.</summary>
    private static PictureType? PictureOf(AcceptedType type, InstanceRow row, WadoUriQuery query) => !IsPicture(row) ? null : type.Type switch
    {
        "image/png" => PictureType.Png,
        "image/jpeg" or "image/*" => PictureType.Jpeg,
        "*/*" when row.Frames == 1 || query.Frame is not null => PictureType.Jpeg,
        _ => null,
    };

    /// <summary>The media type of the document or video within an instance, and where it is; null when there is none. Read only where one may be.</summary>
    private static async ValueTask<(string Type, string Path)?> OwnTypeAsync(
        GuardedRecord guard, InstanceRow row, WadoUriQuery query, CancellationToken cancellationToken)
    {
        if (VideoSyntaxes.Includes(row.TransferSyntaxUid))
        {
            return (FrameMediaTypes.Of(row.TransferSyntaxUid), DicomTag.PixelData.ToString());
        }
        if (row.Frames > 0 || query.Accepted[0].Type == Dicom)
        {
            return null;
        }
        if (!(await OpenInstance.OpenAsync(guard, row, cancellationToken)).TryGet(out var opened, out _))
        {
            return null;
        }
        using (opened)
        {
            var data = opened.File.Dataset;
            // Of what nobody knows the kind of, the file is given: it says at least what it holds.
            return data.Contains(DicomTag.EncapsulatedDocument) && BulkReader.DocumentType(row, data) is var type and not FrameMediaTypes.OctetStream
                ? (type, DicomTag.EncapsulatedDocument.ToString()) : null;
        }
    }

    private static async ValueTask<IResult> PictureAsync(
        HttpContext context, GuardedRecord guard, DicomWebBase webBase, RenderedPictures pictures, InstanceRow row, WadoUriQuery query, PictureType type,
        CancellationToken cancellationToken)
    {
        if (!RenderedSubject.ImageTypes.Contains(type))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("JPEG cannot be written on this machine; PNG can."));
        }
        PicturedInstance? state = null;
        if (query.Presentation is var (series, instance))
        {
            if (!(await RetrieveEndpoints.RetrieveAsync("wado-uri", query.Study, series, instance, guard, webBase, cancellationToken)).TryGet(out var states, out var problem))
            {
                return DicomWebResults.Problem(problem);
            }
            state = new PicturedInstance(guard, states[0]);
        }
        var look = new PictureLook
        {
            Options = new() { Window = query.Window, Viewport = query.ViewportOf(row.Columns, row.Rows), Captions = query.Captions }, Quality = query.Quality,
        };
        return await new RenderedAnswer(context, guard, webBase, pictures, look)
            .AloneAsync(new PictureOrder(new PicturedInstance(guard, row), [(query.Frame ?? 1) - 1], look, type, state), cancellationToken);
    }
}
