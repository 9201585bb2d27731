using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.Storage;

/// <summary>Resources for tests. Their JSON holds their index rows, so that <see cref="FakeProjection"/> can describe them anew.</summary>
internal static class TestContent
{
    /// <summary>A resource that says something and is found by its rows.</summary>
    public static ResourceContent Saying(string text, params IReadOnlyList<IndexRow> rows) =>
        new(Tail(new JsonObject { ["text"] = text, ["rows"] = Write(rows) }), rows, null, []);

    /// <summary>What goes behind the value of <c>meta.lastUpdated</c>.</summary>
    public static byte[] Tail(JsonObject members, string? tag = null)
    {
        var meta = tag is null ? "}," : $",\"tag\":[{{\"code\":\"{tag}\"}}]}},";
        return Encoding.UTF8.GetBytes(meta + members.ToJsonString()[1..]);
    }

    /// <summary>The whole resource as a store composes it.</summary>
    public static string Whole(ResourceKey key, string version, string lastUpdated, ReadOnlyMemory<byte> tail) =>
        $$"""{"resourceType":"{{key.Type}}","id":"{{key.Id}}","meta":{"versionId":"{{version}}","lastUpdated":"{{lastUpdated}}" """.TrimEnd()
        + Encoding.UTF8.GetString(tail.Span);

    /// <summary>Reads back what <see cref="Saying"/> wrote.</summary>
    public static ResourceContent Read(JsonObject resource) => Saying((string?)resource["text"] ?? "", [.. Rows(resource["rows"])]);

    /// <summary>Microseconds since 1970 of a day written <c>2024-02-01</c> or <c>20240201</c>.</summary>
    public static long Day(string date)
    {
        var day = DateOnly.ParseExact(date.Replace("-", "", StringComparison.Ordinal), "yyyyMMdd", null);
        return (day.ToDateTime(default, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / 10;
    }

    /// <summary>The row of a day.</summary>
    public static DateRow OnDay(string parameter, string date, string? series = null) =>
        new(parameter, Day(date), Day(date) + 86_400_000_000, series);

    private static JsonArray Write(IEnumerable<IndexRow> rows) => [.. rows.Select(row => (JsonNode)Write(row))];

    private static JsonArray Write(IndexRow row) => row switch
    {
        TokenRow one => new JsonArray("token", one.Parameter, one.SeriesUid, one.System, one.Code),
        StringRow one => new JsonArray("string", one.Parameter, one.SeriesUid, one.Folded, one.Exact),
        DateRow one => new JsonArray("date", one.Parameter, one.SeriesUid, one.From, one.Until),
        ReferenceRow one => new JsonArray("reference", one.Parameter, one.SeriesUid, one.TargetType, one.TargetId),
        UriRow one => new JsonArray("uri", one.Parameter, one.SeriesUid, one.Value),
        NumberRow one => new JsonArray("number", one.Parameter, one.SeriesUid, one.Low, one.High),
        QuantityRow one => new JsonArray("quantity", one.Parameter, one.SeriesUid, one.System, one.Code, one.Low, one.High),
        PositionRow one => new JsonArray("position", one.Parameter, one.SeriesUid, one.X, one.Y, one.Z),
        CompositeRow one => new JsonArray("composite", one.Parameter, one.SeriesUid, one.Element, one.Component, Write(one.Part)),
        _ => throw new InvalidOperationException(row.GetType().Name),
    };

    private static IEnumerable<IndexRow> Rows(JsonNode? rows) => (rows as JsonArray ?? []).OfType<JsonArray>().Select(ReadRow);

    private static IndexRow ReadRow(JsonArray row)
    {
        string? Text(int at) => (string?)row[at];
        double Number(int at) => (double)row[at]!;
        return Text(0) switch
        {
            "token" => new TokenRow(Text(1)!, Text(3), Text(4)!, Text(2)),
            "string" => new StringRow(Text(1)!, Text(3)!, Text(4)!, Text(2)),
            "date" => new DateRow(Text(1)!, (long)row[3]!, (long)row[4]!, Text(2)),
            "reference" => new ReferenceRow(Text(1)!, Text(3), Text(4)!, Text(2)),
            "number" => new NumberRow(Text(1)!, Number(3), Number(4), Text(2)),
            "quantity" => new QuantityRow(Text(1)!, Text(3), Text(4)!, Number(5), Number(6), Text(2)),
            "position" => new PositionRow(Text(1)!, Number(3), Number(4), Number(5), Text(2)),
            "composite" => new CompositeRow(Text(1)!, (int)row[3]!, (int)row[4]!, ReadRow((JsonArray)row[5]!), Text(2)),
            _ => new UriRow(Text(1)!, Text(3)!, Text(2)),
        };
    }
}
