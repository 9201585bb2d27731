using System.Text;
using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>An answer of the FHIR or DICOMweb API, read to its end.</summary>
internal sealed class Reply
{
    private Reply(HttpResponseMessage answer, byte[] body)
    {
        Status = (int)answer.StatusCode;
        Body = body;
        ContentType = answer.Content.Headers.ContentType?.ToString() ?? "";
        Headers = answer.Headers.Concat(answer.Content.Headers).ToDictionary(one => one.Key.ToLowerInvariant(), one => string.Join(", ", one.Value));
    }

    public int Status { get; }

    public byte[] Body { get; }

    public string ContentType { get; }

    /// <summary>By their names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>WWW-Authenticate; empty when there is none.</summary>
    public string Challenge => Headers.GetValueOrDefault("www-authenticate", "");

    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => Body.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(Body);

    /// <summary>The resources of a Bundle, of one type or all.</summary>
    public IReadOnlyList<JsonElement> Resources(string? type = null)
    {
        Assert.That(Status, Is.EqualTo(200), Text);
        return !Json.TryGetProperty("entry", out var entries) ? [] : [.. entries.EnumerateArray().Where(entry => entry.TryGetProperty("resource", out _))
            .Select(entry => entry.GetProperty("resource")).Where(one => type is null || one.GetProperty("resourceType").GetString() == type)];
    }

    /// <summary>Their ids.</summary>
    public IReadOnlyList<string> Ids(string? type = null) => [.. Resources(type).Select(one => one.GetProperty("id").GetString()!)];

    /// <summary>Values of an attribute in the rows of a QIDO-RS answer; nothing found may be 204.</summary>
    public IReadOnlyList<string> Rows(string tag)
    {
        Assert.That(Status, Is.EqualTo(200).Or.EqualTo(204), Text);
        return Status == 204 ? [] : [.. Json.EnumerateArray().SelectMany(row => row.TryGetProperty(tag, out var attribute) && attribute.TryGetProperty("Value", out var values)
            ? values.EnumerateArray().Select(value => value.ToString()) : [])];
    }

    public static async Task<Reply> OfAsync(HttpResponseMessage answer) => new(answer, await answer.Content.ReadAsByteArrayAsync());
}
