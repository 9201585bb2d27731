using System.Globalization;
using System.Text.Json;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>Single attributes of search results as DICOM JSON (PS3.18 §F.2.2), and the addresses in them.</summary>
internal static class QidoJson
{
    /// <summary>The address of an instance in its record.</summary>
    public static string Address(DicomWebBase webBase, InstanceRow row) =>
        $"{webBase.Of(row.Record)}/studies/{row.StudyInstanceUid}/series/{row.SeriesInstanceUid}/instances/{row.SopInstanceUid}";

    public static string Text(string vr, params string[] values) => values.Length == 0
        ? $"{{\"vr\":\"{vr}\"}}"
        : $"{{\"vr\":\"{vr}\",\"Value\":[{string.Join(',', values.Select(value => JsonSerializer.Serialize(value)))}]}}";

    public static string Number(int value) => $"{{\"vr\":\"IS\",\"Value\":[{value.ToString(CultureInfo.InvariantCulture)}]}}";
}
