using Fhir.Server.Access;
using static Fhir.Server.Tests.DicomWeb.Pictures;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What is hidden is not seen in a picture either, whoever looked at it before.</summary>
[TestFixture]
public sealed class RenderedConsentTests
{
    private const string Base = "/dicomweb/patients/c1";
    private const string Study = "1.2.276.23.1";
    private const string Shown = Study + ".1";
    private const string Hidden = Study + ".2";
    private PhrServer server = null!;
    private HttpClient restricted = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/c1", """{"resourceType":"Patient","id":"c1"}""");
        await server.StoreAsync(Base, new TestDicom(Study, Shown, Shown + ".1") { Fill = 60 });
        for (var i = 1; i <= 3; i++)
        {
            await server.StoreAsync(Base, new TestDicom(Study, Hidden, $"{Hidden}.{i}") { SeriesNumber = 2, InstanceNumber = i, Fill = 180 });
        }
        await server.StoreAsync(Base, RenderedTests.State(Study, 0, Shown + ".1") with { Series = Shown, Sop = Shown + ".8" });
        await server.StoreAsync(Base, RenderedTests.State(Study, 0, Shown + ".1") with { Series = Hidden, Sop = Hidden + ".8" });
        restricted = server.As(Reach.Of(new ReachedRecord("c1", [new ReachedStudy(Study, [Shown])])));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        restricted.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task The_thumbnail_of_a_partly_hidden_study_is_of_what_may_be_seen_and_its_rendered_form_403()
    {
        var address = $"{Base}/studies/{Study}";
        using var full = await server.Client.GetAsync($"{address}/thumbnail", Png);
        using var part = await restricted.GetAsync($"{address}/thumbnail", Png);
        using var shown = await restricted.GetAsync($"{address}/series/{Shown}/thumbnail", Png);
        Assert.That(part.Headers.ETag, Is.EqualTo(shown.Headers.ETag).And.Not.EqualTo(full.Headers.ETag));
        using var stolen = await restricted.GetAsync($"{address}/thumbnail", Png, ("If-None-Match", full.Headers.ETag!.ToString()));
        Assert.That((int)stolen.StatusCode, Is.EqualTo(200), "Another's tag says nothing.");
        foreach (var accept in new[] { Png, "multipart/related; type=\"image/png\"", "image/gif" })
        {
            using var rendered = await restricted.GetAsync($"{address}/rendered", accept);
            Assert.That((int)rendered.StatusCode, Is.EqualTo(403), accept);
        }
        using var whole = await server.Client.GetAsync($"{address}/rendered", Png);
        Assert.That((int)whole.StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_picture_kept_from_another_caller_is_404_to_who_may_not_see_it()
    {
        foreach (var path in new[]
        {
            $"series/{Hidden}/rendered", $"series/{Hidden}/thumbnail", $"series/{Hidden}/instances/{Hidden}.1/rendered", $"series/{Hidden}/instances/{Hidden}.1/thumbnail",
            $"series/{Hidden}/instances/{Hidden}.1/frames/1/rendered", $"series/{Hidden}/instances/{Hidden}.1/frames/1/thumbnail",
            // An instance is not found under a series it is not in, though the caller sees that.
            $"series/{Shown}/instances/{Hidden}.1/rendered", $"series/{Shown}/instances/{Hidden}.1/thumbnail",
        })
        {
            using var before = await server.Client.GetAsync($"{Base}/studies/{Study}/{path}", Png);
            Assert.That((int)before.StatusCode, Is.EqualTo(path.Contains(Shown, StringComparison.Ordinal) ? 404 : 200), path);
            var headers = before.Headers.ETag is { } tag ? new[] { ("If-None-Match", tag.ToString()) } : [];
            using var hidden = await restricted.GetAsync($"{Base}/studies/{Study}/{path}", Png, headers);
            Assert.That((int)hidden.StatusCode, Is.EqualTo(404), path);
            Assert.That(hidden.Headers.ETag, Is.Null);
            using var unknown = await restricted.GetAsync($"{Base}/studies/1.2.3.4/{path}", Png);
            Assert.That(await hidden.Content.ReadAsStringAsync(), Is.EqualTo(await unknown.Content.ReadAsStringAsync()));
        }
    }

    [Test]
    public async Task A_presentation_state_shows_only_what_its_caller_sees_and_only_when_it_is_seen_itself()
    {
        using (var whole = await server.Client.GetAsync($"{Base}/studies/{Study}/series/{Hidden}/instances/{Hidden}.8/rendered", Png))
        {
            Assert.That((int)whole.StatusCode, Is.EqualTo(200));
        }
        using (var seen = await restricted.GetAsync($"{Base}/studies/{Study}/series/{Shown}/instances/{Shown}.8/rendered", Png))
        {
            Assert.That((int)seen.StatusCode, Is.EqualTo(200));
        }
        using (var hidden = await restricted.GetAsync($"{Base}/studies/{Study}/series/{Hidden}/instances/{Hidden}.8/rendered", Png))
        {
            Assert.That((int)hidden.StatusCode, Is.EqualTo(404));
        }
        using var other = server.As(Reach.Of(new ReachedRecord("c1", [new ReachedStudy(Study, [Hidden])])));
        using var nothing = await other.GetAsync($"{Base}/studies/{Study}/series/{Hidden}/instances/{Hidden}.8/rendered", Png);
        Assert.That((int)nothing.StatusCode, Is.EqualTo(404), "The state is seen, the image is not.");
    }
}
