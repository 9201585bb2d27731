using System.Net;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Every real file is rendered, or refused with a reason; and none takes the server down.</summary>
[TestFixture]
public sealed class RenderedCorpusTests
{
    [Test]
    public async Task Every_file_of_the_corpus_has_a_picture_or_a_reason_and_a_thumbnail_as_the_same()
    {
        Corpus.RequireOrSkip();
        await using var server = PhrServer.Start();
        var (seen, wrong, statuses) = (0, new List<string>(), new SortedDictionary<int, int>());
        foreach (var (file, number) in Corpus.Files().Select((file, i) => (file, i)))
        {
            var record = $"corpus-{number}";
            await server.PutAsync($"/fhir/Patient/{record}", $$"""{"resourceType":"Patient","id":"{{record}}"}""");
            using var stored = await server.StowAsync($"/dicomweb/patients/{record}", await File.ReadAllBytesAsync(file.FullPath));
            if (stored.StatusCode != HttpStatusCode.OK)
            {
                continue;
            }
            var path = new Uri((await stored.JsonAsync()).Items("00081199").Single().Value("00081190")!).AbsolutePath;
            using var rendered = await server.Client.GetAsync($"{path}/rendered?viewport=256,256");
            using var thumbnail = await server.Client.GetAsync($"{path}/thumbnail");
            var (full, small) = ((int)rendered.StatusCode, (int)thumbnail.StatusCode);
            statuses[full] = statuses.GetValueOrDefault(full) + 1;
            // What has no rendered picture has a drawn one as thumbnail; what is damaged or too large is so in both.
            if (full is not (200 or 400 or 406 or 422) || small != (full == 406 ? 200 : full))
            {
                wrong.Add($"{file.Name}: {full} {small} {await rendered.Content.ReadAsStringAsync()}");
            }
            if (full == 200 && rendered.Content.Headers.ContentType!.MediaType == Jpeg)
            {
                seen++;
                using var picture = Decode(await thumbnail.Content.ReadAsByteArrayAsync());
                Assert.That(Math.Max(picture.Width, picture.Height), Is.LessThanOrEqualTo(128), file.Name);
            }
            TestContext.Out.WriteLine($"{full} {small} {file.Name}{(full == 200 ? "" : " " + (await rendered.Content.ReadAsStringAsync()).TrimEnd())}");
        }
        TestContext.Out.WriteLine(string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
        Assert.That(seen, Is.Positive);
    }
}
