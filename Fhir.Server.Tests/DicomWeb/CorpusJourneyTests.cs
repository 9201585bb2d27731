using System.Net;
using System.Text;
using System.Text.Json;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Every real file goes the whole way, and comes back as it was.</summary>
[TestFixture]
public sealed class CorpusJourneyTests
{
    [Test]
    public async Task Every_file_of_the_corpus_is_found_by_FHIR_and_comes_back_byte_for_byte_or_is_refused_with_a_reason()
    {
        Corpus.RequireOrSkip();
        await using var server = PhrServer.Start();
        var (kept, refused) = (0, new List<string>());
        var wrong = new List<string>();
        foreach (var (file, number) in Corpus.Files().Select((file, i) => (file, i)))
        {
            var bytes = await File.ReadAllBytesAsync(file.FullPath);
            var record = $"corpus-{number}";
            await server.PutAsync($"/fhir/Patient/{record}", $$"""{"resourceType":"Patient","id":"{{record}}"}""");
            var answer = await server.StowAsync($"/dicomweb/patients/{record}", bytes);
            var json = await answer.JsonAsync();
            // A file whose values are odd is kept with a warning.
            if (json.Items("00081199").Length == 0)
            {
                var failed = json.Items("00081198").Single();
                refused.Add($"{file.Name}: {int.Parse(failed.Value("00081197")!):X4} {failed.Value("00000902")}");
                if (HasFourUids(bytes))
                {
                    wrong.Add($"{file.Name} has its four UIDs and was refused");
                }
                continue;
            }
            Assert.That(answer.StatusCode, Is.EqualTo(json.Items("00081199").Single().Value("00081196") is null ? HttpStatusCode.OK : HttpStatusCode.Accepted));
            kept++;
            try
            {
                await FollowAsync(server, record, bytes);
            }
            catch (Exception failure) when (failure is AssertionException or MultipleAssertException or HttpRequestException or InvalidOperationException or KeyNotFoundException or FormatException or JsonException)
            {
                wrong.Add($"{file.Name}: {failure.GetType().Name} {failure.Message.ReplaceLineEndings(" ")}");
            }
        }
        TestContext.Out.WriteLine($"{kept} kept, {refused.Count} refused:\n{string.Join('\n', refused)}");
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
        Assert.That(kept, Is.Positive);
    }

    private static bool HasFourUids(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return Part10Reader.Read(stream).TryGet(out var dicom, out _)
            && new[] { dicom.SopClassUid, dicom.SopInstanceUid, dicom.Dataset.GetString(DicomTag.StudyInstanceUID), dicom.Dataset.GetString(DicomTag.SeriesInstanceUID) }
                .All(uid => uid is not null && DicomUid.IsValid(uid));
    }

    private static async Task FollowAsync(PhrServer server, string record, byte[] bytes)
    {
        using var isolated = new NUnit.Framework.Internal.TestExecutionContext.IsolatedContext();
        var bundle = JsonSerializer.Deserialize<JsonElement>(await server.Client.GetStringAsync($"/fhir/ImagingStudy?patient={record}&_include=ImagingStudy:endpoint"));
        var resources = bundle.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("resource")).ToLookup(one => one.GetProperty("resourceType").GetString());
        var study = resources["ImagingStudy"].Single();
        var address = resources["Endpoint"].Single().GetProperty("address").GetString();
        var uid = study.GetProperty("identifier").EnumerateArray().Select(one => one.GetProperty("value").GetString()!)
            .Single(value => value.StartsWith("urn:oid:", StringComparison.Ordinal))["urn:oid:".Length..];
        var series = study.GetProperty("series")[0];
        var instance = $"{address}/studies/{uid}/series/{series.GetProperty("uid").GetString()}/instances/{series.GetProperty("instance")[0].GetProperty("uid").GetString()}";

        using var whole = await server.Client.GetAsync($"{address}/studies/{uid}", WebTalk.Multipart);
        Preamble.Defuse(bytes);
        Assert.That((await whole.PartsAsync()).Single().Body.AsSpan().SequenceEqual(bytes), "study");
        using var alone = await server.Client.GetAsync(instance, "application/dicom");
        Assert.That((await alone.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(bytes), "instance");

        var dicom = WebTalk.Read(bytes);
        using var metadata = await server.Client.GetAsync($"{instance}/metadata", "application/dicom+json");
        var text = await metadata.Content.ReadAsStringAsync();
        Assert.That(text, Is.EqualTo($"[{Encoding.UTF8.GetString(DicomJson.Write(dicom.Dataset).ToArray(address!))}]"), "metadata");
        var json = WebTalk.Parse(text);
        foreach (var (path, bulk) in json[0].BulkAddresses())
        {
            Assert.That(bulk, Does.StartWith(instance + "/bulkdata/"));
            using var answer = await server.Client.GetAsync(bulk, "multipart/related; type=\"application/octet-stream\"");
            using var stream = new MemoryStream(bytes);
            var expected = dicom.Load(dicom.Dataset.FindByPath(path)!, stream).Value;
            Assert.That((await answer.PartsAsync()).SelectMany(part => part.Body).ToArray().AsSpan().SequenceEqual(expected.Span), "bulk data " + path);
        }
        if (dicom.PixelData?.Frames is { } frames)
        {
            var last = frames[frames.Count - 1];
            using var answer = await server.Client.GetAsync($"{instance}/frames/{frames.Count}", "multipart/related; type=application/octet-stream; transfer-syntax=*");
            var part = (await answer.PartsAsync()).Single();
            Assert.That(part.ContentType, Does.StartWith("application/octet-stream; transfer-syntax="));
            if (last.BitOffset == 0 && last.BitLength % 8 is null or 0)
            {
                var expected = last.Ranges.SelectMany(range => dicom.IsDeflated
                    ? dicom.Inflated.Slice((int)range.Offset, (int)range.Length).ToArray() : bytes.AsSpan((int)range.Offset, (int)range.Length).ToArray()).ToArray();
                Assert.That(part.Body.AsSpan().SequenceEqual(expected), "last frame");
            }
            using var beyond = await server.Client.GetAsync($"{instance}/frames/{frames.Count + 1}", null);
            Assert.That((int)beyond.StatusCode, Is.EqualTo(404));
        }
    }
}
