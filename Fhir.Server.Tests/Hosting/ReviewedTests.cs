using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What a review found that no test had held: orders of events that are rare and must not matter.</summary>
[TestFixture]
public sealed class ReviewedTests
{
    private PhrServer server = null!;

    [SetUp]
    public async Task StartServerAsync()
    {
        server = PhrServer.Start();
        foreach (var patient in new[] { "anna", "ben" })
        {
            await server.PutAsync($"/fhir/Patient/{patient}", $$"""{"resourceType":"Patient","id":"{{patient}}"}""");
        }
    }

    [TearDown]
    public async Task StopServerAsync() => await server.DisposeAsync();

    [Test]
    public async Task An_id_whose_old_versions_lie_in_another_record_goes_on_with_its_numbers_after_an_erase()
    {
        var id = await StowAsync("anna", "1.2.3");
        await Operator.MoveAsync("1.2.3", new("anna"), new("ben"), default);
        await Operator.EraseAsync(new("ben"), default);
        var body = Announced(id, "anna", "registered");
        Assert.That((await server.PutAsync($"/fhir/ImagingStudy/{id}", body)).StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await server.PutAsync($"/fhir/ImagingStudy/{id}", body.Replace("registered", "cancelled"))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var history = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/ImagingStudy/{id}/_history"));
        var versions = history.RootElement.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("response").GetProperty("etag").GetString()!)
            .Select(etag => int.Parse(etag.Split('"')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.That(versions, Is.Ordered.Descending.And.Unique);
    }

    [Test]
    public async Task Whoever_lost_a_study_by_a_move_cannot_tell_by_a_PUT_that_it_lives_on()
    {
        var moved = await StowAsync("anna", "1.2.3");
        var deleted = await StowAsync("anna", "1.2.4");
        await Operator.MoveAsync("1.2.3", new("anna"), new("ben"), default);
        await server.Client.DeleteAsync($"/fhir/ImagingStudy/{deleted}");
        using var anna = server.As(Reach.Of(new ReachedRecord("anna")));
        var answers = new List<(HttpStatusCode, string)>();
        foreach (var id in new[] { moved, deleted, "never-was" })
        {
            using var answer = await server.PutAsync($"/fhir/ImagingStudy/{id}", Announced(id, "anna", "registered"), anna);
            answers.Add((answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }
        Assert.That(answers, Is.All.EqualTo(answers[0]));
        Assert.That(answers[0].Item1, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task The_number_of_a_patient_who_was_deleted_can_be_seen_for_the_first_time_again()
    {
        var first = new TestDicom("1.2.5", "1.2.5.1", "1.2.5.1.1") { PatientId = "N-5" };
        await server.StowAsync("/dicomweb", first.ToBytes());
        var (study, patient) = await FindAsync("1.2.5");
        await server.Client.DeleteAsync($"/fhir/ImagingStudy/{study}");
        Assert.That((await server.Client.DeleteAsync($"/fhir/Patient/{patient}")).StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        await server.StowAsync("/dicomweb", (first with { Study = "1.2.6", Series = "1.2.6.1", Sop = "1.2.6.1.1" }).ToBytes());
        var (_, again) = await FindAsync("1.2.6");
        Assert.That(again, Is.Not.EqualTo(patient).And.Not.Null, "Neither the dead record nor the unclaimed one.");
    }

    [Test]
    public async Task A_page_link_tells_nothing_of_the_store()
    {
        using var bundle = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/Patient?_count=1"));
        var next = bundle.RootElement.GetProperty("link").EnumerateArray().Single(link => link.GetProperty("relation").GetString() == "next").GetProperty("url").GetString()!;
        var cursor = Base64Url.DecodeFromChars(Uri.UnescapeDataString(next.Split("_cursor=")[1]));
        Assert.That(Encoding.Latin1.GetString(cursor), Does.Not.Match(@"\[.*\d+\]"));
        using var second = JsonDocument.Parse(await server.Client.GetStringAsync(next));
        Assert.That(second.RootElement.GetProperty("entry").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_study_that_got_instances_cannot_be_turned_into_another_by_a_PUT()
    {
        await server.PutAsync("/fhir/ImagingStudy/mine", Announced("mine", "anna", "registered").Replace("\"status\"", "\"identifier\":[{\"system\":\"urn:dicom:uid\",\"value\":\"urn:oid:1.2.7\"}],\"status\""));
        await StowAsync("anna", "1.2.7");
        using var answer = await server.PutAsync("/fhir/ImagingStudy/mine", Announced("mine", "anna", "cancelled"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await FindAsync("1.2.7")).Study, Is.EqualTo("mine"));
    }

    [Test]
    public async Task A_whole_series_from_a_disc_is_superseded_by_the_site_s_copy_with_every_count_right()
    {
        const int Slices = 60;
        TestDicom Slice(int i) => new("1.2.8", "1.2.8.1", $"1.2.8.1.{i + 1}") { InstanceNumber = i + 1 };
        using var disc = new HttpClient { BaseAddress = server.Client.BaseAddress };
        disc.DefaultRequestHeaders.Add("Authorization", "Operator " + OperatorKey.ReadFrom(server.Folder + "-keys"));
        using var copies = PhrServer.Multipart(Enumerable.Range(0, Slices).Select(i => (Slice(i) with { Fill = 1 }).ToBytes()));
        (await disc.PostAsync("/dicomweb/patients/anna/studies", copies)).EnsureSuccessStatusCode();
        Assert.That((await server.StowAsync("/dicomweb/patients/anna", Enumerable.Range(0, Slices).Select(i => (Slice(i) with { Fill = 2 }).ToBytes()))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var studies = JsonDocument.Parse(await server.Client.GetStringAsync("/dicomweb/patients/anna/studies"));
        Assert.That(studies.RootElement[0].GetProperty("00201208").GetProperty("Value")[0].GetInt32(), Is.EqualTo(Slices));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dicomweb/patients/anna/studies/1.2.8/series/1.2.8.1/instances/1.2.8.1.7");
        request.Headers.Add("Accept", "application/dicom");
        using var served = await server.Client.SendAsync(request);
        Assert.That(await served.Content.ReadAsByteArrayAsync(), Is.EqualTo((Slice(6) with { Fill = 2 }).ToBytes()));
    }

    private GuardedRecord Operator => server.Services.GetRequiredService<GuardedRecords>().For(Caller.Operator);

    private static string Announced(string id, string patient, string status) =>
        $$$"""{"resourceType":"ImagingStudy","id":"{{{id}}}","status":"{{{status}}}","subject":{"reference":"Patient/{{{patient}}}"}}""";

    private async Task<string> StowAsync(string patient, string study)
    {
        (await server.StowAsync($"/dicomweb/patients/{patient}", new TestDicom(study, study + ".1", study + ".1.1").ToBytes())).EnsureSuccessStatusCode();
        return (await FindAsync(study)).Study;
    }

    private async Task<(string Study, string? Patient)> FindAsync(string study)
    {
        using var found = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier={study}"));
        var resource = found.RootElement.GetProperty("entry")[0].GetProperty("resource");
        return (resource.GetProperty("id").GetString()!,
            resource.GetProperty("subject").TryGetProperty("reference", out var reference) ? reference.GetString()!["Patient/".Length..] : null);
    }
}
