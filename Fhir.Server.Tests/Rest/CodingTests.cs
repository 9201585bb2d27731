using System.IO.Compression;
using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>Content codings of FHIR answers and bodies. RFC 9110 §8.4</summary>
[TestFixture]
public sealed class CodingTests : RestTests
{
    private static byte[] Gzip(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(bytes);
        }
        return packed.ToArray();
    }

    private static async Task<Answer> SendPackedAsync(byte[] packed, string coding = "gzip")
    {
        using var content = Bytes(packed);
        content.Headers.ContentEncoding.Add(coding);
        return await SendAsync(Phr.Client, HttpMethod.Post, "Patient", content);
    }

    [TestCase("gzip")]
    [TestCase("br")]
    public async Task An_answer_that_is_long_is_compressed_and_one_that_is_short_is_not(string coding)
    {
        var text = string.Join(' ', Enumerable.Repeat("again and", 500));
        var patient = await NewPatientAsync($$""","name":[{"text":"{{text}}"}]""");
        foreach (var (path, isCoded) in new[] { ($"Patient/{patient}", true), ($"Patient?_id={patient}", true), ($"Patient/{await NewPatientAsync()}", false), ("Patient/x", false) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/fhir/" + path);
            request.Headers.Add("Accept-Encoding", coding);
            using var response = await Phr.Client.SendAsync(request);
            var bytes = await response.Content.ReadAsByteArrayAsync();
            Assert.That(response.Content.Headers.ContentEncoding, Is.EqualTo(isCoded ? new[] { coding } : []), path);
            if (isCoded)
            {
                using Stream unpacked = coding == "br" ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress) : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
                Assert.That(await new StreamReader(unpacked).ReadToEndAsync(), Does.Contain(text));
                Assert.That(bytes, Has.Length.LessThan(text.Length));
                Assert.That(response.Headers.Vary, Does.Contain("Accept-Encoding"));
            }
            if (path == $"Patient/{patient}")
            {
                Assert.That(response.Headers.ETag?.ToString(), Is.EqualTo("W/\"1\""));
            }
        }
    }

    [Test]
    public async Task A_body_by_gzip_is_read()
    {
        var answer = await SendPackedAsync(Gzip(Encoding.UTF8.GetBytes("""{"resourceType":"Patient","name":[{"family":"Åse"}]}""")));
        Assert.That((answer.Status, answer["name.0.family"]), Is.EqualTo((HttpStatusCode.Created, "Åse")));
    }

    [Test]
    public async Task A_body_that_becomes_too_large_is_413_before_it_has_become_so()
    {
        Assert.That((await SendPackedAsync(Gzip(new byte[400 << 20]))).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [TestCase("br")]
    [TestCase("deflate")]
    [TestCase("gzip, gzip")]
    public async Task Another_coding_is_415(string coding)
    {
        using var content = Bytes(Encoding.UTF8.GetBytes("""{"resourceType":"Patient"}"""));
        Assert.That(content.Headers.TryAddWithoutValidation("Content-Encoding", coding), Is.True);
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Post, "Patient", content)).Status, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task What_is_no_gzip_or_is_cut_short_is_400()
    {
        var packed = Gzip(Encoding.UTF8.GetBytes("""{"resourceType":"Patient"}"""));
        Assert.That((await SendPackedAsync(Encoding.UTF8.GetBytes("""{"resourceType":"Patient"}"""))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await SendPackedAsync(packed[..^12])).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }
}
