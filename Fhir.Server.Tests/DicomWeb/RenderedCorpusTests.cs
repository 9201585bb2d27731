using System.Net;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Real files have a thumbnail, some of each kind are rendered, or refused with a reason; and none takes the server down.</summary>
[TestFixture]
public sealed class RenderedCorpusTests
{
    /// <summary>Of each transfer syntax and modality one file of at most so many pixels a frame is rendered; for thumbnails all are decoded.</summary>
    private const int RenderedPixels = 1 << 20;

    [Test]
    public async Task Every_file_of_the_corpus_has_a_thumbnail_and_one_of_each_kind_a_picture_or_a_reason()
    {
        Corpus.RequireOrSkip();
        await using var server = PhrServer.Start();
        var (seen, wrong, statuses, kinds) = (0, new List<string>(), new SortedDictionary<int, int>(), new HashSet<string>());
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
            using var thumbnail = await server.Client.GetAsync($"{path}/thumbnail");
            var small = (int)thumbnail.StatusCode;
            statuses[small] = statuses.GetValueOrDefault(small) + 1;
            if (small is not (200 or 400 or 422))
            {
                wrong.Add($"{file.Name}: {small} {await thumbnail.Content.ReadAsStringAsync()}");
            }
            if (small == 200)
            {
                seen++;
                using var picture = Decode(await thumbnail.Content.ReadAsByteArrayAsync());
                Assert.That(Math.Max(picture.Width, picture.Height), Is.LessThanOrEqualTo(128), file.Name);
            }
            if (PixelsOf(file) <= RenderedPixels && kinds.Add($"{file.TransferSyntax} {file.Modality}"))
            {
                using var rendered = await server.Client.GetAsync($"{path}/rendered?viewport=256,256");
                var full = (int)rendered.StatusCode;
                // What has no rendered form, or one that is no picture, has a drawn sheet as thumbnail; what is damaged or too large is so in both.
                if (full is not (200 or 400 or 406 or 422) || small != (full == 406 ? 200 : full))
                {
                    wrong.Add($"{file.Name}: {full} {small}");
                }
                TestContext.Out.WriteLine($"{full} {file.Name} {rendered.Content.Headers.ContentType}");
            }
        }
        TestContext.Out.WriteLine(string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong));
        Assert.That(seen, Is.Positive);
        Assert.That(kinds, Has.Count.GreaterThan(1));
    }

    private static long PixelsOf(CorpusFile file) =>
        file.Size.Split('x') is [var rows, var columns, ..] && long.TryParse(rows, out var down) && long.TryParse(columns, out var across) ? down * across : 0;
}
