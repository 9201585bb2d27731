using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>The Store Instances Response: 200 when all is well, 202 when some failed or were stored with a warning, 409 when all failed. PS3.18 §10.5.3</summary>
internal static class StowResponse
{
    /// <summary>Coercion of data elements (B000H): kept beside the copy that is served.</summary>
    private const int KeptBeside = 0xB000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IResult Answer(HttpContext context, IReadOnlyList<StoredInstance> results, DicomWebBase webBase, string? study)
    {
        var (stored, failed) = (results.Where(one => one.Refusal is null).ToList(), results.Where(one => one.Refusal is not null).ToList());
        var warned = stored.Exists(one => one.Verdict == InstanceVerdict.KeptBeside);
        context.Response.Headers["Phr-Already-There"] =
            stored.Count(one => one.Verdict == InstanceVerdict.AlreadyThere).ToString(CultureInfo.InvariantCulture);
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json, Options))
        {
            writer.WriteStartObject();
            if (RetrieveUrl(stored, webBase, study) is { } url)
            {
                WriteText(writer, "00081190", "UR", url);
            }
            WriteSequence(writer, "00081198", failed, WriteFailed);
            WriteSequence(writer, "00081199", stored, (to, one) => WriteStored(to, one, webBase));
            writer.WriteEndObject();
        }
        context.Response.StatusCode = (stored.Count, failed.Count, warned) switch
        {
            (0, _, _) => StatusCodes.Status409Conflict,
            (_, > 0, _) or (_, _, true) => StatusCodes.Status202Accepted,
            _ => StatusCodes.Status200OK,
        };
        return Results.Bytes(json.ToArray(), DicomWebResults.Json);
    }

    private static string? RetrieveUrl(List<StoredInstance> stored, DicomWebBase webBase, string? study)
    {
        var studies = stored.Select(one => (one.Record!.Value, one.Received.Instance!.Description.StudyInstanceUid)).Distinct().ToList();
        return studies is [var (record, uid)] ? $"{webBase.Of(record)}/studies/{uid}" : study is null ? null : $"{webBase.Own}/studies/{study}";
    }

    private static void WriteStored(Utf8JsonWriter writer, StoredInstance one, DicomWebBase webBase)
    {
        var description = one.Received.Instance!.Description;
        WriteText(writer, "00081150", "UI", description.SopClassUid);
        WriteText(writer, "00081155", "UI", description.SopInstanceUid);
        WriteText(
            writer, "00081190", "UR",
            $"{webBase.Of(one.Record!.Value)}/studies/{description.StudyInstanceUid}/series/{description.SeriesInstanceUid}/instances/{description.SopInstanceUid}");
        if (one.Verdict == InstanceVerdict.KeptBeside)
        {
            WriteNumber(writer, "00081196", KeptBeside);
        }
    }

    private static void WriteFailed(Utf8JsonWriter writer, StoredInstance one)
    {
        var refusal = one.Refusal!;
        // Said in words as well: the code alone helps no one. Error Comment (0000,0902) is the standard's place for it in DIMSE.
        WriteText(writer, "00000902", "LO", refusal.Problem.Text.Length <= 64 ? refusal.Problem.Text : refusal.Problem.Text[..64]);
        if (refusal.SopClassUid is not null)
        {
            WriteText(writer, "00081150", "UI", refusal.SopClassUid);
        }
        if (refusal.SopInstanceUid is not null)
        {
            WriteText(writer, "00081155", "UI", refusal.SopInstanceUid);
        }
        WriteNumber(writer, "00081197", refusal.Reason);
    }

    private static void WriteSequence(Utf8JsonWriter writer, string tag, List<StoredInstance> items, Action<Utf8JsonWriter, StoredInstance> write)
    {
        if (items.Count == 0)
        {
            return;
        }
        writer.WriteStartObject(tag);
        writer.WriteString("vr", "SQ");
        writer.WriteStartArray("Value");
        foreach (var item in items)
        {
            writer.WriteStartObject();
            write(writer, item);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string tag, string vr, string value)
    {
        writer.WriteStartObject(tag);
        writer.WriteString("vr", vr);
        writer.WriteStartArray("Value");
        writer.WriteStringValue(value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteNumber(Utf8JsonWriter writer, string tag, int value)
    {
        writer.WriteStartObject(tag);
        writer.WriteString("vr", "US");
        writer.WriteStartArray("Value");
        writer.WriteNumberValue(value);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
