using System.Net;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging.Rendered;
using Microsoft.Extensions.DependencyInjection;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Pictures are kept, made once, made only so many at once, and never outlive what they show.</summary>
[TestFixture]
public sealed class RenderedKeepingTests
{
    private const string Base = "/dicomweb/patients/k1";
    private readonly FreshUids uids = new("1.2.276.22");
    private PhrServer server = null!;

    private RenderedPictures Rendered => server.Services.GetRequiredService<RenderedPictures>();

    [SetUp]
    public async Task Start() => await StartAsync();

    [TearDown]
    public async Task Stop()
    {
        await server.DisposeAsync();
        server = null!;
    }

    [Test]
    public async Task The_same_picture_asked_twenty_times_at_once_is_made_once()
    {
        var path = await server.StoreAsync(Base, uids.Dicom().Words(600, 600, (x, y, _) => x ^ y));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await server.Client.GetByteArrayAsync($"{path}/rendered?window=100,200")));
        Assert.That(answers.Select(bytes => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Rendered.Painted, Is.EqualTo(1));
        Assert.That(Rendered.BytesKept, Is.EqualTo(answers[0].Length));
        await server.Client.GetByteArrayAsync($"{path}/rendered?window=100,201");
        Assert.That((Rendered.Painted, Rendered.HeadersRead), Is.EqualTo((2L, 1L)), "Another window is another picture of the same header.");
    }

    [Test]
    public async Task Frames_asked_one_by_one_read_the_header_once()
    {
        var path = await server.StoreAsync(Base, uids.Dicom() with { Frames = 6 });
        for (var frame = 1; frame <= 6; frame++)
        {
            await server.Client.GetByteArrayAsync($"{path}/frames/{frame}/rendered");
        }
        Assert.That((Rendered.Painted, Rendered.HeadersRead), Is.EqualTo((6L, 1L)));
    }

    [Test]
    public async Task With_nothing_kept_the_pictures_are_the_same_and_a_multipart_still_reads_each_header_once()
    {
        await StartAsync(("Rendered:CacheBytes", "0"), ("Rendered:HeaderBytes", "0"));
        var path = await server.StoreAsync(Base, uids.Dicom() with { Frames = 6 });
        using var answer = await server.Client.GetAsync($"{path}/rendered", "multipart/related; type=\"image/png\"");
        Assert.That(await answer.StreamedPartsAsync(), Has.Count.EqualTo(6));
        Assert.That((Rendered.Painted, Rendered.HeadersRead, Rendered.BytesKept), Is.EqualTo((6L, 1L, 0L)));
    }

    [Test]
    public async Task What_is_kept_is_bounded()
    {
        await StartAsync(("Rendered:CacheBytes", "20000"));
        var path = await server.StoreAsync(Base, uids.Dicom().Words(64, 64, (x, y, _) => (x * 7919) ^ (y * 104729)));
        for (var i = 1; i < 30; i++)
        {
            await server.Client.GetByteArrayAsync($"{path}/rendered?window={i},3000&viewport=64,{i + 30}");
            Assert.That(Rendered.BytesKept, Is.LessThanOrEqualTo(20000));
        }
        Assert.That(Rendered.BytesKept, Is.Positive);
    }

    [Test]
    public async Task A_deleted_picture_is_gone_and_one_sent_anew_is_shown_anew()
    {
        var dicom = uids.Dicom();
        var path = await server.StoreAsync(Base, dicom);
        var before = await server.Client.GetAsync($"{path}/rendered?window=128,256", Png);
        using var found = System.Text.Json.JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={dicom.Study}"));
        var id = found.RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString()!;
        await server.Client.DeleteAsync($"/fhir/ImagingStudy/{id}");
        foreach (var address in new[] { $"{path}/rendered?window=128,256", $"{path}/thumbnail", $"{Base}/studies/{dicom.Study}/thumbnail", $"{Base}/studies/{dicom.Study}/rendered" })
        {
            using var gone = await server.Client.GetAsync(address, Png, ("If-None-Match", before.Headers.ETag!.ToString()));
            Assert.That((int)gone.StatusCode, Is.EqualTo(410), address);
        }
        await server.StoreAsync(Base, dicom with { Fill = 200 });
        using var after = await server.Client.GetAsync($"{path}/rendered?window=128,256", Png, ("If-None-Match", before.Headers.ETag!.ToString()));
        Assert.That(after.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(Decode(await after.Content.ReadAsByteArrayAsync()).Greys(), Is.All.EqualTo(200).Within(1));
    }

    [Test]
    public async Task A_new_instance_changes_what_stands_for_its_series()
    {
        var study = uids.Study();
        TestDicom Slice(int i) => new(study, $"{study}.1", $"{study}.1.{i}") { InstanceNumber = i, Fill = (byte)(i * 40) };
        await server.StoreAsync(Base, Slice(1));
        var address = $"{Base}/studies/{study}/thumbnail";
        using var first = await server.Client.GetAsync(address);
        await server.StoreAsync(Base, Slice(2));
        await server.StoreAsync(Base, Slice(3));
        using var second = await server.Client.GetAsync(address, null, ("If-None-Match", first.Headers.ETag!.ToString()));
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(second.Headers.ETag, Is.Not.EqualTo(first.Headers.ETag));
    }

    [Test]
    public async Task A_presentation_state_that_changed_is_another_picture()
    {
        var study = uids.Study();
        await server.StoreAsync(Base, new TestDicom(study, $"{study}.1", $"{study}.1.1").Words(8, 8, (x, _, _) => x * 10));
        var state = RenderedTests.State(study, 90, $"{study}.1.1");
        var path = await server.StoreAsync(Base, state);
        using var turned = await server.Client.PictureAsync($"{path}/rendered");
        using var found = System.Text.Json.JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={study}"));
        await server.Client.DeleteAsync($"/fhir/ImagingStudy/{found.RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString()}");
        await server.StoreAsync(Base, new TestDicom(study, $"{study}.1", $"{study}.1.1").Words(8, 8, (x, _, _) => x * 10));
        await server.StoreAsync(Base, RenderedTests.State(study, 180, $"{study}.1.1"));
        using var over = await server.Client.PictureAsync($"{path}/rendered");
        Assert.That((turned.GetPixel(0, 7).Red, over.GetPixel(0, 7).Red), Is.EqualTo((70, 70)).Within(1));
        Assert.That((turned.GetPixel(7, 0).Red, over.GetPixel(7, 0).Red), Is.EqualTo((0, 0)).Within(1));
        Assert.That(turned.GetPixel(0, 0).Red, Is.Not.EqualTo(over.GetPixel(0, 0).Red));
    }

    [Test]
    public async Task When_too_many_wait_the_others_are_told_to_come_again_and_nothing_is_stuck()
    {
        await StartAsync(("Rendered:AtOnce", "1"), ("Rendered:Waiting", "1"), ("Rendered:CacheBytes", "0"));
        var path = await server.StoreAsync(Base, uids.Dicom().Words(2000, 2000, (x, y, _) => x ^ y));
        HttpResponseMessage[] answers = [];
        // A busy machine may send them so slowly that none has to wait.
        for (var round = 0; round < 5 && !answers.Any(answer => (int)answer.StatusCode == 503); round++)
        {
            answers = await Task.WhenAll(Enumerable.Range(1 + (30 * round), 30).Select(i => server.Client.GetAsync($"{path}/rendered?window={i},300")));
            Assert.That(answers.Select(answer => (int)answer.StatusCode), Is.All.EqualTo(200).Or.EqualTo(503));
        }
        Assert.That(answers.Select(answer => (int)answer.StatusCode), Does.Contain(200).And.Contain(503));
        Assert.That(answers.Where(answer => (int)answer.StatusCode == 503).Select(answer => answer.Headers.RetryAfter), Is.All.Not.Null);
        using var later = await server.Client.GetAsync($"{path}/rendered");
        Assert.That(later.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Who_goes_away_lets_go_of_the_work_and_who_waits_with_it_still_gets_the_picture()
    {
        await StartAsync(("Rendered:AtOnce", "1"), ("Rendered:CacheBytes", "0"));
        var path = await server.StoreAsync(Base, uids.Dicom().Words(3000, 3000, (x, y, _) => x ^ y));
        using var away = new CancellationTokenSource();
        var leaving = Enumerable.Range(0, 10).Select(i => server.Client.GetAsync($"{path}/rendered?window={i},300", away.Token)).ToList();
        var staying = server.Client.GetAsync($"{path}/rendered?window=5,300");
        await Task.Delay(50);
        await away.CancelAsync();
        foreach (var one in leaving)
        {
            await ((Task)one).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        using var stayed = await staying;
        Assert.That(stayed.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var next = await server.Client.GetAsync($"{path}/rendered?window=77,300");
        Assert.That(next.StatusCode, Is.EqualTo(HttpStatusCode.OK), "No place was lost.");
    }

    [Test]
    public async Task A_large_animation_is_sent_while_it_is_made_and_one_past_the_limits_is_refused()
    {
        await StartAsync(("Rendered:AnimationBuffer", "1000"), ("Rendered:AnimationFrames", "20"), ("Rendered:AnimationPixels", "100000"));
        var dicom = (uids.Dicom() with { Frames = 20 }).Words(32, 32, (x, y, frame) => x + y + frame);
        var path = await server.StoreAsync(Base, dicom);
        using var sent = await server.Client.GetAsync($"{path}/rendered", Gif);
        Assert.That(sent.Headers.TransferEncodingChunked, Is.True, "Its length is not known before.");
        using (var codec = SkiaSharp.SKCodec.Create(new MemoryStream(await sent.Content.ReadAsByteArrayAsync())))
        {
            Assert.That(codec.FrameCount, Is.EqualTo(20));
        }
        Assert.That(Rendered.BytesKept, Is.Zero);
        using var same = await server.Client.GetAsync($"{path}/rendered", Gif, ("If-None-Match", sent.Headers.ETag!.ToString()));
        Assert.That(same.StatusCode, Is.EqualTo(HttpStatusCode.NotModified));
        using var large = await server.Client.GetAsync($"{path}/rendered?viewport=500,500", Gif);
        Assert.That((int)large.StatusCode, Is.EqualTo(422));
        using var still = await server.Client.GetAsync($"{path}/rendered?viewport=100,100", "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8");
        Assert.That(still.Content.Headers.ContentType!.MediaType, Is.EqualTo(Jpeg), "Who takes something else gets that.");
        var many = await server.StoreAsync(Base, uids.Dicom() with { Frames = 21 });
        using var longer = await server.Client.GetAsync($"{many}/rendered", Gif);
        Assert.That((int)longer.StatusCode, Is.EqualTo(422));
        Assert.That(longer.Headers.ETag, Is.Null);
        using var parts = await server.Client.GetAsync($"{path}/rendered", "multipart/related; type=\"image/gif\"");
        Assert.That((int)parts.StatusCode, Is.EqualTo(422));
        using var fewer = await server.Client.GetAsync($"{many}/frames/1,2/rendered", Gif);
        Assert.That(fewer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Images_and_answers_past_the_limits_are_refused()
    {
        await StartAsync(("Rendered:PixelLimit", "4096"), ("Rendered:PartLimit", "3"));
        var large = await server.StoreAsync(Base, uids.Dicom().Words(65, 64, (_, _, _) => 1));
        foreach (var address in new[] { $"{large}/rendered", $"{large}/rendered?viewport=8,8", $"{large}/thumbnail" })
        {
            using var answer = await server.Client.GetAsync(address);
            Assert.That((int)answer.StatusCode, Is.EqualTo(422), address);
        }
        var small = await server.StoreAsync(Base, uids.Dicom() with { Frames = 4 });
        using var scaled = await server.Client.GetAsync($"{small}/rendered?viewport=100,100");
        Assert.That((int)scaled.StatusCode, Is.EqualTo(422));
        using var all = await server.Client.GetAsync($"{small}/rendered", "multipart/related; type=\"image/png\"");
        Assert.That((int)all.StatusCode, Is.EqualTo(422));
    }

    private async Task StartAsync(params (string Key, string Value)[] settings)
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        server = PhrServer.Start(settings);
        await server.PutAsync("/fhir/Patient/k1", """{"resourceType":"Patient","id":"k1"}""");
    }
}
