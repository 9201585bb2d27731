using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>A study as an imaging app finds it: the resource, and where its pictures are.</summary>
internal sealed record FoundStudy(JsonElement Resource, JsonElement? Endpoint)
{
    /// <summary>The Study Instance UID.</summary>
    public string Uid => SmartWorld.UidOf(Resource);

    /// <summary>The DICOMweb base.</summary>
    public string Address => Endpoint!.Value.GetProperty("address").GetString()!.TrimEnd('/');

    /// <summary>Whether the token goes along; a base that says no gets none.</summary>
    public bool RequiresToken => Endpoint!.Value.GetProperty("extension").EnumerateArray()
        .Single(one => one.GetProperty("url").GetString() == ImagingClient.RequiresAccessToken).GetProperty("valueBoolean").GetBoolean();
}

/// <summary>An imaging app or backend, as SMART Imaging Access describes one: searches studies with their endpoints and follows these.</summary>
internal sealed class ImagingClient(HttpClient http, string fhir, string token)
{
    public const string RequiresAccessToken = "http://fhir.org/argonaut/smart-imaging/StructureDefinition/requires-access-token";
    public const string WholeStudy = "multipart/related; type=application/dicom; transfer-syntax=*";
    private const int MostWaits = 20;

    /// <summary>All studies a search finds, page by page.</summary>
    public async Task<IReadOnlyList<FoundStudy>> FindAsync(string query)
    {
        var found = new List<FoundStudy>();
        for (var next = $"{fhir}/ImagingStudy?{query}&_include=ImagingStudy:endpoint"; next is not null;)
        {
            var page = await GetAsync(next, "application/fhir+json", withToken: true);
            Assert.That(page.Status, Is.EqualTo(200), page.Text);
            found.AddRange(page.Resources("ImagingStudy").Select(study => new FoundStudy(study, WadoOf(study, page.Json))));
            next = page.Json.TryGetProperty("link", out var links)
                ? links.EnumerateArray().Where(one => one.GetProperty("relation").GetString() == "next").Select(one => one.GetProperty("url").GetString()).FirstOrDefault() : null;
        }
        return found;
    }

    /// <summary>The files of a study.</summary>
    public async Task<IReadOnlyList<byte[]>> RetrieveAsync(FoundStudy study, string accept = WholeStudy)
    {
        var reply = await GetAsync($"{study.Address}/studies/{study.Uid}", accept, study.RequiresToken);
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text[..Math.Min(300, reply.Text.Length)]);
        return Parts(reply);
    }

    /// <summary>GET, again as often as the server says that it will take a moment.</summary>
    public async Task<Reply> GetAsync(string address, string accept, bool withToken)
    {
        for (var wait = 0; ; wait++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            Assert.That(request.Headers.TryAddWithoutValidation("Accept", accept));
            request.Headers.Authorization = withToken ? new AuthenticationHeaderValue("Bearer", token) : null;
            using var answer = await http.SendAsync(request);
            if ((int)answer.StatusCode != 503 || wait == MostWaits)
            {
                return await Reply.OfAsync(answer);
            }
            await Task.Delay(answer.Headers.RetryAfter!.Delta!.Value);
        }
    }

    /// <summary>The parts of a multipart/related body (RFC 2046 §5.1).</summary>
    public static IReadOnlyList<byte[]> Parts(Reply reply)
    {
        var type = MediaTypeHeaderValue.Parse(reply.ContentType);
        Assert.That((type.MediaType, type.Parameters.Single(one => one.Name == "type").Value!.Trim('"')), Is.EqualTo(("multipart/related", "application/dicom")));
        var limit = Encoding.ASCII.GetBytes("\r\n--" + type.Parameters.Single(one => one.Name == "boundary").Value!.Trim('"'));
        ReadOnlySpan<byte> rest = [.. "\r\n"u8, .. reply.Body];
        var parts = new List<byte[]>();
        rest = rest[(rest.IndexOf(limit) + limit.Length)..];
        while (!rest.StartsWith("--"u8))
        {
            var end = rest.IndexOf(limit);
            Assert.That(end, Is.GreaterThan(0), "The last part has no end.");
            var part = rest[..end];
            parts.Add(part[(part.IndexOf("\r\n\r\n"u8) + 4)..].ToArray());
            rest = rest[(end + limit.Length)..];
        }
        return parts;
    }

    /// <summary>The endpoint for WADO-RS a study refers to: contained, in the Bundle by its address, or by its id.</summary>
    private static JsonElement? WadoOf(JsonElement study, JsonElement bundle)
    {
        if (!study.TryGetProperty("endpoint", out var references))
        {
            return null;
        }
        foreach (var reference in references.EnumerateArray().Select(one => one.GetProperty("reference").GetString()!))
        {
            var found = reference.StartsWith('#') ? Contained(study, reference[1..]) : Entry(bundle, reference);
            if (found is { } endpoint && endpoint.GetProperty("connectionType").GetProperty("code").GetString() == "dicom-wado-rs")
            {
                return endpoint;
            }
        }
        return null;
    }

    private static JsonElement? Contained(JsonElement study, string id) =>
        study.GetProperty("contained").EnumerateArray().Where(one => one.GetProperty("id").GetString() == id).Select(one => (JsonElement?)one).FirstOrDefault();

    private static JsonElement? Entry(JsonElement bundle, string reference)
    {
        foreach (var entry in bundle.GetProperty("entry").EnumerateArray())
        {
            var resource = entry.GetProperty("resource");
            if ((entry.TryGetProperty("fullUrl", out var url) && url.GetString() == reference)
                || $"{resource.GetProperty("resourceType").GetString()}/{resource.GetProperty("id").GetString()}" == reference)
            {
                return resource;
            }
        }
        return null;
    }
}
