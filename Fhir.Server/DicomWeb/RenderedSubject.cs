using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Imaging.Rendered;
using Fhir.Server.Rendering.Formats;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>What is to be rendered of one instance.</summary>
/// <param name="Instance">The instance.</param>
/// <param name="Frames">The frames, counted from 0; empty when it has no pictures.</param>
/// <param name="State">The presentation state it is shown by; null for none.</param>
internal sealed record RenderedSubject(PicturedInstance Instance, IReadOnlyList<int> Frames, PicturedInstance? State = null)
{
    public const string Pdf = "application/pdf";

    /// <summary>What documents are given as, those of which several are given together first.</summary>
    public static IReadOnlyList<string> DocumentTypes { get; } = [RenderedReport.Html, RenderedReport.Plain, Pdf, "text/xml"];

    public InstanceRow Row => Instance.Row;

    /// <summary>Whether it is one moving picture that is not taken apart here.</summary>
    public bool IsVideo => Row.Frames > 0 && VideoSyntaxes.Includes(Row.TransferSyntaxUid);

    /// <summary>The frame that stands for all: the one in the middle.</summary>
    public int MiddleFrame => Frames[Frames.Count / 2];

    /// <summary>All frames of an instance.</summary>
    public static RenderedSubject Of(PicturedInstance instance) =>
        new(instance, IsImage(instance.Row) ? new AllFrames(instance.Row.Frames) : []);

    /// <summary>Whether an instance has frames that are pictures each for itself.</summary>
    public static bool IsImage(InstanceRow row) => row.Frames > 0 && row.Rows > 0 && row.Columns > 0 && !VideoSyntaxes.Includes(row.TransferSyntaxUid);

    /// <summary>The media types it can be given as, the usual one first. PS3.18 Table 8.7.4-1.</summary>
    public IReadOnlyList<string> Types => EncapsulatedDocument.MediaTypeOf(Row.SopClassUid) is { } document ? [document]
        : SopClasses.IsStructuredReport(Row.SopClassUid) ? [RenderedReport.Html, RenderedReport.Plain]
        : IsVideo ? [FrameMediaTypes.Of(Row.TransferSyntaxUid)]
        : Frames.Count == 0 ? []
        : [.. ImageTypes.Where(type => type != PictureType.Apng || Frames.Count > 1).Select(type => type.MediaType())];

    /// <summary>Whether it is a document that is given as a media type.</summary>
    public bool IsDocument(string mediaType) => !IsVideo && Frames.Count == 0 && Types.Contains(mediaType);

    /// <summary>The media types of <see cref="ImageTypes"/>.</summary>
    public static IReadOnlyList<string> PictureTypes => [.. ImageTypes.Select(type => type.MediaType())];

    /// <summary>The types of pictures this machine can write, the usual one first.</summary>
    public static IEnumerable<PictureType> ImageTypes => new[] { PictureType.Jpeg, PictureType.Png, PictureType.Gif, PictureType.Apng }
        .Where(type => type != PictureType.Jpeg || PictureEncoder.CanWrite(PictureFormat.Jpeg));

    /// <summary>Why it has no rendered form, and what it has.</summary>
    public string Refusal => VideoSyntaxes.Includes(Row.TransferSyntaxUid) ? "The instance is video, of which no frame is rendered alone; it is given whole by the instance's /rendered or /bulkdata/7FE00010."
        : StateReference.IsState(Row.SopClassUid) ? "This kind of presentation state cannot be rendered."
        : "The instance has no pixels and no document, so there is no rendered form of it; its content is in the metadata and the bulk data.";

    /// <summary>The type of picture a media type names; null when none.</summary>
    public static PictureType? TypeOf(string mediaType) => mediaType switch
    {
        "image/jpeg" => PictureType.Jpeg,
        "image/png" => PictureType.Png,
        "image/gif" => PictureType.Gif,
        "image/apng" => PictureType.Apng,
        _ => null,
    };

    /// <summary>What of the offered media types an accepted one means; the first of those it includes; null when none.</summary>
    public static string? Match(AcceptedType accepted, IReadOnlyList<string> offered) => accepted.Inner switch
    {
        "*/*" => offered.Count > 0 ? offered[0] : null,
        "image/jpg" => offered.FirstOrDefault(type => type == "image/jpeg"),
        "application/xml" => offered.FirstOrDefault(type => type == "text/xml"),
        var inner when inner.EndsWith("/*", StringComparison.Ordinal) => offered.FirstOrDefault(type => type.StartsWith(inner[..^1], StringComparison.Ordinal)),
        var inner => offered.FirstOrDefault(type => type == inner),
    };
}
