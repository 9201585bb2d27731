using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Tests.Rest;

/// <summary>
/// An answer of the FHIR door, read to the end. What holds of every answer is checked here: no 5xx, an OperationOutcome of
/// application/fhir+json with every 4xx, and a body that the SDK reads strictly.
/// </summary>
internal sealed class Answer
{
    private readonly byte[] body;

    private Answer(HttpResponseMessage message, byte[] body)
    {
        this.body = body;
        (Status, Headers, ContentHeaders) = (message.StatusCode, message.Headers, message.Content.Headers);
        Json = body.Length == 0 ? null : JsonNode.Parse(body);
    }

    public HttpStatusCode Status { get; }

    public HttpResponseHeaders Headers { get; }

    public HttpContentHeaders ContentHeaders { get; }

    public JsonNode? Json { get; }

    public string Text => Encoding.UTF8.GetString(body);

    public string? ETag => Headers.ETag?.ToString();

    /// <summary>A value by its path, as <c>series.0.uid</c>; null when it is not there.</summary>
    public string? this[string path] => At(Json, path);

    public static string? At(JsonNode? node, string path)
    {
        foreach (var step in path.Split('.'))
        {
            node = node switch
            {
                JsonArray list => int.Parse(step, CultureInfo.InvariantCulture) is var i && i < list.Count ? list[i] : null,
                JsonObject one => one[step],
                _ => null,
            };
        }
        return node switch
        {
            null => null,
            JsonValue value when value.TryGetValue<string>(out var text) => text,
            _ => node.ToJsonString(),
        };
    }

    /// <summary>The resources of a Bundle, of one search mode or all.</summary>
    public List<JsonNode> Entries(string? mode = null) => (Json?["entry"]?.AsArray() ?? [])
        .Where(entry => mode is null || At(entry, "search.mode") == mode).Select(entry => entry!["resource"]!).ToList();

    public List<string?> Ids(string? mode = "match") => Entries(mode).ConvertAll(resource => At(resource, "id"));

    public string? Link(string relation) => (Json?["link"]?.AsArray() ?? [])
        .Where(link => At(link, "relation") == relation).Select(link => At(link, "url")).SingleOrDefault();

    public static async Task<Answer> ReadAsync(HttpResponseMessage message)
    {
        var bytes = await message.Content.ReadAsByteArrayAsync();
        var where = $"{message.RequestMessage?.Method} {message.RequestMessage?.RequestUri?.PathAndQuery} → {(int)message.StatusCode} {Encoding.UTF8.GetString(bytes)}";
        Assert.That((int)message.StatusCode, Is.LessThan(500), where);
        var isHead = message.RequestMessage?.Method == HttpMethod.Head;
        if (bytes.Length > 0)
        {
            Assert.That(message.Content.Headers.ContentType?.ToString(), Is.EqualTo("application/fhir+json; charset=utf-8"), where);
            IsStrictlyFhir(bytes, where);
        }
        if ((int)message.StatusCode >= 400 && !isHead)
        {
            Assert.That(bytes, Is.Not.Empty, where);
            Assert.That(At(JsonNode.Parse(bytes), "resourceType"), Is.EqualTo("OperationOutcome"), where);
        }
        return new Answer(message, bytes);
    }

    private static void IsStrictlyFhir(byte[] bytes, string where)
    {
        var reader = new Utf8JsonReader(bytes);
        FhirJsonDeserializer.STRICT.TryDeserializeResource(ref reader, out Resource? _, out var issues);
        Assert.That(issues.Select(issue => issue.Message), Is.Empty, where);
    }
}
