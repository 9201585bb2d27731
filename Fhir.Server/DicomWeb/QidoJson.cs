using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>QIDO results as DICOM JSON: stored attributes with what is counted and addressed added, in the order of tags. PS3.18 §F.2.2</summary>
internal static class QidoJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 256 };

    // Answered even when empty (PS3.18 Tables 10.6.3-3 to -5), with their value representation.
    private static readonly (string Tag, string Vr)[] OfStudy =
    [
        ("00080020", "DA"), ("00080030", "TM"), ("00080050", "SH"), ("00080090", "PN"), ("00100010", "PN"), ("00100020", "LO"), ("00100030", "DA"),
        ("00100040", "CS"), ("00200010", "SH"),
    ];

    private static readonly (string Tag, string Vr)[] OfSeries = [("00080060", "CS"), ("00200011", "IS")];

    private static readonly (string Tag, string Vr)[] OfInstance = [("00200013", "IS")];

    public static void Write(Stream output, IEnumerable<StudyRow> rows, DicomWebBase webBase) => WriteAll(output, rows, row => Object(
        [row.Attributes], OfStudy,
        ("00080056", Text("CS", "ONLINE")), ("00080061", Text("CS", [.. row.Modalities])),
        ("00081190", Text("UR", $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}")),
        ("00201206", Number(row.NumberOfSeries)), ("00201208", Number(row.NumberOfInstances))));

    public static void Write(Stream output, IEnumerable<SeriesRow> rows, DicomWebBase webBase, bool withStudy) => WriteAll(output, rows, row => Object(
        withStudy ? [row.StudyAttributes, row.Attributes] : [row.Attributes], withStudy ? [.. OfStudy, .. OfSeries] : OfSeries,
        ("00080056", Text("CS", "ONLINE")),
        ("00081190", Text("UR", $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}/series/{row.SeriesInstanceUid}")),
        ("0020000D", Text("UI", row.StudyInstanceUid)), ("00201209", Number(row.NumberOfInstances))));

    public static void Write(Stream output, IEnumerable<InstanceRow> rows, DicomWebBase webBase, bool withStudy, bool withSeries) =>
        WriteAll(output, rows, row => Object(
            [.. withStudy ? [row.StudyAttributes] : Array.Empty<ReadOnlyMemory<byte>>(), .. withSeries ? [row.SeriesAttributes] : Array.Empty<ReadOnlyMemory<byte>>(), row.Attributes],
            [.. withStudy ? OfStudy : [], .. withSeries ? OfSeries : [], .. OfInstance],
            ("00080056", Text("CS", "ONLINE")), ("00083002", Text("UI", row.TransferSyntaxUid)),
            ("00081190", Text("UR", Address(webBase, row))),
            ("0020000D", Text("UI", row.StudyInstanceUid)), ("0020000E", Text("UI", row.SeriesInstanceUid))));

    /// <summary>The address of an instance in its record.</summary>
    public static string Address(DicomWebBase webBase, InstanceRow row) =>
        $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}/series/{row.SeriesInstanceUid}/instances/{row.SopInstanceUid}";

    private static void WriteAll<T>(Stream output, IEnumerable<T> rows, Func<T, SortedDictionary<string, string>> toObject)
    {
        using var writer = new Utf8JsonWriter(output, Options);
        writer.WriteStartArray();
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            foreach (var (tag, value) in toObject(row))
            {
                writer.WritePropertyName(tag);
                writer.WriteRawValue(value, skipInputValidation: true);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static SortedDictionary<string, string> Object(
        IEnumerable<ReadOnlyMemory<byte>> stored, IEnumerable<(string Tag, string Vr)> always, params IEnumerable<(string Tag, string Value)> added)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (tag, vr) in always)
        {
            all[tag] = $"{{\"vr\":\"{vr}\"}}";
        }
        foreach (var attributes in stored)
        {
            using var json = JsonDocument.Parse(attributes, Reading);
            foreach (var attribute in json.RootElement.EnumerateObject())
            {
                all[attribute.Name] = attribute.Value.GetRawText();
            }
        }
        foreach (var (tag, value) in added)
        {
            all[tag] = value;
        }
        return all;
    }

    private static string Text(string vr, params string[] values) => values.Length == 0
        ? $"{{\"vr\":\"{vr}\"}}"
        : $"{{\"vr\":\"{vr}\",\"Value\":[{string.Join(',', values.Select(value => JsonSerializer.Serialize(value)))}]}}";

    private static string Number(int value) => $"{{\"vr\":\"IS\",\"Value\":[{value.ToString(CultureInfo.InvariantCulture)}]}}";
}
