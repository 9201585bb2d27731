using System.Globalization;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The Store Instances Response: 200 when all is well, 202 when some failed or were stored with a warning, 409 when all failed; in JSON
/// or XML. PS3.18 §10.5.3 and Annex I
/// </summary>
internal static class StowResponse
{
    /// <summary>Coercion of data elements (B000H): kept beside the copy that is served.</summary>
    private const int KeptBeside = 0xB000;

    /// <summary>Data set does not match SOP class (B007H): stored as it is, with values that are not as the standard wants.</summary>
    private const int OddValues = 0xB007;

    private const int CommentLength = 64;

    private static readonly DicomTag ErrorComment = Tag("ErrorComment");
    private static readonly DicomTag FailedSops = Tag("FailedSOPSequence");
    private static readonly DicomTag ReferencedSops = Tag("ReferencedSOPSequence");
    private static readonly DicomTag WarningReason = Tag("WarningReason");
    private static readonly DicomTag FailureReason = Tag("FailureReason");
    private static readonly DicomTag FailedAttributes = Tag("FailedAttributesSequence");
    private static readonly DicomTag SelectorAttribute = Tag("SelectorAttribute");
    private static readonly DicomTag SelectorSequences = Tag("SelectorSequencePointer");
    private static readonly DicomTag SelectorItems = Tag("SelectorSequencePointerItems");

    /// <summary>The media type of the answer a sender wants; null when it takes none of them.</summary>
    public static string? FormatFor(HttpRequest request) => AcceptedType.Of(request).Select(type => type.Inner switch
    {
        StowBody.Xml => StowBody.Xml,
        StowBody.Json or "application/json" or "*/*" or "application/*" => StowBody.Json,
        _ => null,
    }).FirstOrDefault(format => format is not null);

    public static IResult Answer(HttpContext context, string format, IReadOnlyList<StoredInstance> results, DicomWebBase webBase, string? study)
    {
        var (stored, failed) = (results.Where(one => one.Refusal is null).ToList(), results.Where(one => one.Refusal is not null).ToList());
        var warned = stored.Exists(one => WarningOf(one) is not null);
        context.Response.Headers["Phr-Already-There"] =
            stored.Count(one => one.Verdict == InstanceVerdict.AlreadyThere).ToString(CultureInfo.InvariantCulture);
        var answer = new DicomDataset().Add(DicomTag.SpecificCharacterSet, DicomCharacterSet.Utf8Term);
        if (RetrieveUrl(stored, webBase, study) is { } url)
        {
            answer.Add(DicomTag.RetrieveURL, url);
        }
        if (failed.Count > 0)
        {
            answer.AddSequence(FailedSops, [.. failed.Select(Failed)]);
        }
        if (stored.Count > 0)
        {
            answer.AddSequence(ReferencedSops, [.. stored.Select(one => Stored(one, webBase))]);
        }
        context.Response.StatusCode = (stored.Count, failed.Count, warned) switch
        {
            (0, _, _) => StatusCodes.Status409Conflict,
            (_, > 0, _) or (_, _, true) => StatusCodes.Status202Accepted,
            _ => StatusCodes.Status200OK,
        };
        context.Response.Headers.Vary = "Accept";
        return Results.Bytes(Written(answer, format, webBase), format);
    }

    private static byte[] Written(DicomDataset answer, string format, DicomWebBase webBase)
    {
        using var text = new MemoryStream();
        if (format == StowBody.Xml)
        {
            DicomXml.Write(text, answer, webBase.Own);
            return text.ToArray();
        }
        // JSON is in UTF-8 whatever the data set says.
        answer.Remove(DicomTag.SpecificCharacterSet);
        foreach (var piece in DicomJson.Write(answer).Pieces)
        {
            text.Write(piece.Span);
        }
        return text.ToArray();
    }

    private static string? RetrieveUrl(List<StoredInstance> stored, DicomWebBase webBase, string? study)
    {
        var studies = stored.Select(one => (one.Record!.Value, one.Received.Instance!.Description.StudyInstanceUid)).Distinct().ToList();
        return studies is [var (record, uid)] ? $"{webBase.OfStored(record)}/studies/{uid}" : study is null ? null : $"{webBase.Own}/studies/{study}";
    }

    private static int? WarningOf(StoredInstance one) =>
        one.Verdict == InstanceVerdict.KeptBeside ? KeptBeside : one.Received.Faults.Count > 0 ? OddValues : null;

    private static DicomDataset Stored(StoredInstance one, DicomWebBase webBase)
    {
        var description = one.Received.Instance!.Description;
        var item = new DicomDataset()
            .Add(DicomTag.ReferencedSOPClassUID, description.SopClassUid)
            .Add(DicomTag.ReferencedSOPInstanceUID, description.SopInstanceUid)
            .Add(DicomTag.RetrieveURL, $"{webBase.OfStored(one.Record!.Value)}/studies/{description.StudyInstanceUid}/series/{description.SeriesInstanceUid}/instances/{description.SopInstanceUid}");
        if (WarningOf(one) is { } warning)
        {
            item.AddNumbers(WarningReason, DicomVr.US, warning);
        }
        return one.Received.Faults.Count == 0 ? item : item.AddSequence(FailedAttributes, [.. one.Received.Faults.Select(FailedAttribute)]);
    }

    /// <summary>Which attribute by the selector of PS3.3 §10.17, and why.</summary>
    private static DicomDataset FailedAttribute(AttributeFault fault)
    {
        var item = Commented(fault.Text).AddTags(SelectorAttribute, fault.Tag);
        var way = fault.Path.SkipLast(1).ToList();
        return way.Count == 0
            ? item
            : item.AddTags(SelectorSequences, [.. way.Select(step => step.Tag)])
                .AddNumbers(SelectorItems, DicomVr.IS, [.. way.Select(step => (double)step.Item)]);
    }

    private static DicomDataset Failed(StoredInstance one)
    {
        var refusal = one.Refusal!;
        // Said in words as well: the code alone helps no one. Error Comment (0000,0902) is the standard's place for it in DIMSE.
        var item = Commented(refusal.Problem.Text);
        if (refusal.SopClassUid is not null)
        {
            item.Add(DicomTag.ReferencedSOPClassUID, refusal.SopClassUid);
        }
        if (refusal.SopInstanceUid is not null)
        {
            item.Add(DicomTag.ReferencedSOPInstanceUID, refusal.SopInstanceUid);
        }
        return item.AddNumbers(FailureReason, DicomVr.US, refusal.Reason);
    }

    private static DicomDataset Commented(string text) =>
        new DicomDataset().Add(ErrorComment, DicomVr.LO, text.Length <= CommentLength ? text : text[..CommentLength]);

    private static DicomTag Tag(string keyword) =>
        DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword);
}
