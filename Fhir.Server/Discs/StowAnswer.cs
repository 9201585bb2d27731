using System.Globalization;
using System.Text.Json;

namespace Fhir.Server.Discs;

/// <summary>One instance in the answer to a store request.</summary>
/// <param name="Uid">Referenced SOP Instance UID (0008,1155); null when the server could not read it.</param>
/// <param name="Reason">Warning Reason (0008,1196) or Failure Reason (0008,1197); 0 when there is none.</param>
internal readonly record struct StowItem(string? Uid, int Reason);

/// <summary>The answer to a store request. PS3.18 §10.5.3 and Annex I</summary>
/// <param name="Kept">What the server has now.</param>
/// <param name="Failed">What it refused.</param>
internal sealed record StowAnswer(IReadOnlyList<StowItem> Kept, IReadOnlyList<StowItem> Failed)
{
    /// <summary>Coercion of data elements (B000H): kept, but another copy is served.</summary>
    public const int KeptBeside = 0xB000;

    /// <summary>Reads DICOM JSON; null when it is none.</summary>
    public static async Task<StowAnswer?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
            var root = json.RootElement is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list[0] : json.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? new StowAnswer(Items(root, "00081199", "00081196"), Items(root, "00081198", "00081197")) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A failure reason in words. PS3.18 Table I.2-2 and PS3.7 §C</summary>
    public static string Words(int reason) => reason switch
    {
        0x0111 => "another data set is stored under this SOP Instance UID",
        0x0110 => "the server could not process it",
        0xA900 => "an attribute that identifies it is missing",
        0xA901 => "it belongs to another study",
        0xC000 => "the server cannot understand it",
        _ => string.Create(CultureInfo.InvariantCulture, $"the server refused it with reason {reason:X4}"),
    };

    private static List<StowItem> Items(JsonElement dataset, string sequence, string reason) =>
        [.. Values(dataset, sequence).Select(item => new StowItem(Text(item, "00081155"), Number(item, reason)))];

    private static JsonElement.ArrayEnumerator Values(JsonElement dataset, string tag) =>
        dataset.ValueKind == JsonValueKind.Object && dataset.TryGetProperty(tag, out var element)
        && element.ValueKind == JsonValueKind.Object && element.TryGetProperty("Value", out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray() : default;

    private static string? Text(JsonElement dataset, string tag) =>
        Values(dataset, tag).FirstOrDefault() is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static int Number(JsonElement dataset, string tag) => Values(dataset, tag).FirstOrDefault() switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        { ValueKind: JsonValueKind.String } text when int.TryParse(text.GetString(), CultureInfo.InvariantCulture, out var value) => value,
        _ => 0,
    };
}
