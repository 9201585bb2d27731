using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>A part of a multipart answer.</summary>
internal sealed record WebPart(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string ContentType => Headers["content-type"];
}

/// <summary>Short words for what the tests of this folder say to the server over and over.</summary>
internal static class WebTalk
{
    public const string Multipart = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = 1000 };

    /// <summary>JSON that may be as deep as sequences within sequences make it.</summary>
    public static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json, Deep);

    /// <summary>GET with an Accept header exactly as it is written.</summary>
    public static async Task<HttpResponseMessage> GetAsync(this HttpClient client, string path, string? accept, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Concat(accept is null ? [] : [("Accept", accept)]))
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value));
        }
        return await client.SendAsync(request);
    }

    /// <summary>HEAD with headers exactly as they are written.</summary>
    public static async Task<HttpResponseMessage> HeadAsync(this HttpClient client, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        if (accept is not null)
        {
            Assert.That(request.Headers.TryAddWithoutValidation("Accept", accept));
        }
        return await client.SendAsync(request);
    }

    /// <summary>The same file in another transfer syntax, by the server's own codecs but not through it.</summary>
    public static async Task<byte[]> TranscodeAsync(this PhrServer server, byte[] file, string syntax)
    {
        using var source = new MemoryStream(file);
        var read = Part10Reader.Read(source).Value;
        var transcoded = await server.Services.GetRequiredService<Transcoder>().PrepareAsync(read, source, syntax, default);
        Assert.That(transcoded.Problem, Is.Null);
        using var target = new MemoryStream();
        Assert.That((await transcoded.Value.WriteAsync(target, default)).Problem, Is.Null);
        return target.ToArray();
    }

    /// <summary>Skips the test where the codec module cannot be had, as without npm.</summary>
    public static async Task RequireCodecsOrSkipAsync(this PhrServer server)
    {
        var readiness = await server.Services.GetRequiredService<SandboxedCodec>().PrepareAsync();
        if (readiness.State != CodecState.Ready)
        {
            Assert.Ignore($"The codecs are not at hand: {readiness.Reason}");
        }
    }

    /// <summary>GET that must succeed, as JSON.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, "application/dicom+json");
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), $"{path}: {text}");
        return Parse(text);
    }

    /// <summary>POST of bytes with a Content-Type exactly as it is written.</summary>
    public static async Task<HttpResponseMessage> PostAsync(
        this HttpClient client, string path, string? contentType, byte[] body, params (string Name, string Value)[] headers)
    {
        using var content = new ByteArrayContent(body);
        if (contentType is not null)
        {
            Assert.That(content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value));
        }
        return await client.SendAsync(request);
    }

    /// <summary>Text and bytes one after the other.</summary>
    public static byte[] Join(params object[] pieces) =>
        [.. pieces.SelectMany(piece => piece is byte[] bytes ? bytes : Encoding.Latin1.GetBytes((string)piece))];

    /// <summary>The answer as JSON.</summary>
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage answer)
    {
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/dicom+json"), await answer.Content.ReadAsStringAsync());
        return Parse(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>The parts of a multipart answer, read strictly: CRLF everywhere, lengths as they are said, nothing before or behind.</summary>
    public static async Task<IReadOnlyList<WebPart>> PartsAsync(this HttpResponseMessage answer)
    {
        var type = MediaTypeHeaderValue.Parse(answer.Content.Headers.ContentType!.ToString());
        Assert.That(type.MediaType, Is.EqualTo("multipart/related"));
        var boundary = type.Parameters.Single(one => one.Name == "boundary").Value!.Trim('"');
        var body = await answer.Content.ReadAsByteArrayAsync();
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(body.LongLength));
        var parts = new List<WebPart>();
        var at = 0;
        var limit = Encoding.ASCII.GetBytes("--" + boundary);
        while (true)
        {
            Assert.That(body.AsSpan(at).StartsWith(limit), $"no boundary at {at}");
            at += limit.Length;
            if (body.AsSpan(at).StartsWith("--"u8))
            {
                Assert.That(body.AsSpan(at).SequenceEqual("--\r\n"u8), "something is behind the last boundary");
                return parts;
            }
            Assert.That(body.AsSpan(at).StartsWith("\r\n"u8));
            at += 2;
            var end = body.AsSpan(at).IndexOf("\r\n\r\n"u8);
            var headers = Encoding.ASCII.GetString(body, at, end).Split("\r\n").Select(line => line.Split(": ", 2))
                .ToDictionary(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
            at += end + 4;
            // Only of what was converted on the way the length is not said.
            var length = headers.TryGetValue("content-length", out var said) ? int.Parse(said, System.Globalization.CultureInfo.InvariantCulture)
                : body.AsSpan(at).IndexOf([.. "\r\n"u8, .. limit]);
            parts.Add(new WebPart(headers, body[at..(at + length)]));
            at += length;
            Assert.That(body.AsSpan(at).StartsWith("\r\n"u8));
            at += 2;
        }
    }

    /// <summary>The first value of an attribute as text; null when it has none.</summary>
    public static string? Value(this JsonElement dataset, string tag)
    {
        if (!dataset.TryGetProperty(tag, out var attribute) || !attribute.TryGetProperty("Value", out var values))
        {
            return null;
        }
        var first = values[0];
        return first.ValueKind == JsonValueKind.Object ? first.GetProperty("Alphabetic").GetString() : first.ToString();
    }

    /// <summary>All values of an attribute as text.</summary>
    public static string[] Values(this JsonElement dataset, string tag) =>
        dataset.TryGetProperty(tag, out var attribute) && attribute.TryGetProperty("Value", out var values)
            ? [.. values.EnumerateArray().Select(value => value.ToString())] : [];

    /// <summary>The items of a sequence.</summary>
    public static JsonElement[] Items(this JsonElement dataset, string tag) =>
        dataset.TryGetProperty(tag, out var attribute) && attribute.TryGetProperty("Value", out var values) ? [.. values.EnumerateArray()] : [];

    /// <summary>Every BulkDataURI below an element, each with its path of tags and item numbers.</summary>
    public static IEnumerable<(string Path, string Address)> BulkAddresses(this JsonElement dataset, string path = "")
    {
        foreach (var attribute in dataset.EnumerateObject())
        {
            if (attribute.Value.TryGetProperty("BulkDataURI", out var address))
            {
                yield return (path + attribute.Name, address.GetString()!);
            }
            if (attribute.Value.GetProperty("vr").GetString() != "SQ")
            {
                continue;
            }
            var below = Items(dataset, attribute.Name).SelectMany((item, i) => item.BulkAddresses($"{path}{attribute.Name}/{i + 1}/"));
            foreach (var found in below)
            {
                yield return found;
            }
        }
    }

    /// <summary>A file with its elements.</summary>
    public static DicomFile Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        var outcome = Part10Reader.Read(stream);
        Assert.That(outcome.Problem, Is.Null);
        return outcome.Value;
    }

    /// <summary>A data set with its pixels, which are not encapsulated.</summary>
    public static DicomDataset ReadWhole(byte[] file)
    {
        var read = Read(file);
        using var stream = new MemoryStream(file);
        var pixels = read.Dataset.Find(DicomTag.PixelData)!;
        return read.Dataset.Copy().Add(new DicomElement(pixels.Tag, pixels.Vr, read.Load(pixels, stream).Value));
    }

    /// <summary>The failure reasons of a store's answer.</summary>
    public static string?[] Failures(this JsonElement answer) => [.. answer.Items("00081198").Select(item => item.Value("00081197"))];
}

/// <summary>UIDs nobody else in a fixture uses.</summary>
internal sealed class FreshUids(string root)
{
    private int next;

    public TestDicom Dicom()
    {
        var study = Study();
        return new TestDicom(study, study + ".1", study + ".1.1");
    }

    public string Study() => $"{root}.{Interlocked.Increment(ref next)}";
}
