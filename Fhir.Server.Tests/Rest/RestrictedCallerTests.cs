using System.Net;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>Callers who may not see everything: what is hidden answers like what never was.</summary>
[TestFixture]
public sealed class RestrictedCallerTests : RestTests
{
    private static HttpClient Whole(string record, bool mayWrite = true) => Phr.As(Reach.Of(new ReachedRecord(record)), mayWrite);

    private static HttpClient PartOf(string record, string study, params string[] series) =>
        Phr.As(Reach.Of(new ReachedRecord(record, [new ReachedStudy(study, series)])));

    private static Task<Answer> GetAsync(HttpClient client, string path, params (string, string)[] headers) =>
        SendAsync(client, HttpMethod.Get, path, null, headers);

    private static Task<Answer> PutAsync(HttpClient client, string path, string json, params (string, string)[] headers) =>
        SendAsync(client, HttpMethod.Put, path, Body(json), headers);

    private static Task<Answer> DeleteAsync(HttpClient client, string path, params (string, string)[] headers) =>
        SendAsync(client, HttpMethod.Delete, path, null, headers);

    [TestCase("ImagingStudy?patient={0}")]
    [TestCase("ImagingStudy?patient=Patient/{0}")]
    [TestCase("ImagingStudy?patient=BASE/fhir/Patient/{0}")]
    [TestCase("ImagingStudy?patient:Patient={0}")]
    [TestCase("ImagingStudy?subject=Patient/{0}")]
    [TestCase("ImagingStudy?patient={1},{0}")]
    [TestCase("ImagingStudy?patient={1}&patient={0}")]
    [TestCase("Consent?patient={0}")]
    [TestCase("ImagingStudy?patient={0}&_summary=count")]
    public async Task A_search_that_names_a_foreign_patient_is_403_whether_or_not_there_is_one(string query)
    {
        var (mine, foreign) = (await NewPatientAsync(), await NewPatientAsync());
        using var client = Whole(mine);
        string Ask(string id) => query.Replace("{0}", id, StringComparison.Ordinal).Replace("{1}", mine, StringComparison.Ordinal).Replace("BASE", Phr.Address, StringComparison.Ordinal);
        var (there, never) = (await GetAsync(client, Ask(foreign)), await GetAsync(client, Ask("never-was")));
        Assert.That((there.Status, there.Text), Is.EqualTo((HttpStatusCode.Forbidden, never.Text)));
        Assert.That(never.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(client, Ask(mine))).Status, Is.EqualTo(HttpStatusCode.OK));
        var (path, form) = (Ask(foreign).Split('?')[0], Ask(foreign).Split('?')[1]);
        using var content = Bytes(System.Text.Encoding.ASCII.GetBytes(form), "application/x-www-form-urlencoded");
        Assert.That((await SendAsync(client, HttpMethod.Post, path + "/_search", content)).Text, Is.EqualTo(never.Text));
    }

    [Test]
    public async Task A_search_that_names_nobody_is_filtered_in_matches_totals_and_includes()
    {
        var (mine, _, id) = await NewStudyAsync();
        var (_, foreignUid, foreignId) = await NewStudyAsync();
        using var client = Whole(mine);
        var answer = await GetAsync(client, "ImagingStudy?_total=accurate&_include=ImagingStudy:endpoint&_include=ImagingStudy:patient");
        Assert.That((answer.Ids().Single(), answer["total"]), Is.EqualTo((id, "1")));
        Assert.That(answer.Ids("include"), Is.EquivalentTo(new[] { $"wado-{mine}", mine }));
        foreach (var query in new[] { $"_id={foreignId}", $"identifier=urn:oid:{foreignUid}", $"series={foreignUid}.1" })
        {
            var hidden = await GetAsync(client, $"ImagingStudy?{query}&_total=accurate");
            Assert.That((hidden.Status, hidden["total"], hidden.Entries().Count), Is.EqualTo((HttpStatusCode.OK, "0", 0)), query);
        }
        Assert.That((await GetAsync(client, "Patient?_total=accurate")).Ids(), Is.EqualTo(new[] { mine }));
        Assert.That((await GetAsync(client, "Organization")).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task What_is_hidden_answers_word_for_word_like_what_never_was()
    {
        var mine = await NewPatientAsync();
        var (foreign, uid, study) = await NewStudyAsync();
        using var client = Whole(mine);
        foreach (var (type, hidden, json) in new[]
        {
            ("Patient", foreign, PatientJson("ID")), ("ImagingStudy", study, StudyJson("ID", foreign, uid)), ("ImagingStudy", study, StudyJson("ID", mine, uid)),
            ("Endpoint", $"wado-{foreign}", """{"resourceType":"Endpoint","id":"ID","status":"active","connectionType":{"code":"x"},"payloadType":[{"text":"Any"}],"address":"https://x.example"}"""),
        })
        {
            async Task<string> TellAsync(string id) => string.Join('\n', (await Task.WhenAll(
                GetAsync(client, $"{type}/{id}"), GetAsync(client, $"{type}/{id}", ("If-None-Match", "*")), GetAsync(client, $"{type}/{id}/_history/1"),
                GetAsync(client, $"{type}/{id}/_history"), GetAsync(client, $"{type}/{id}/_history?_count=1&_cursor=2"),
                PutAsync(client, $"{type}/{id}", json.Replace("ID", id, StringComparison.Ordinal)),
                PutAsync(client, $"{type}/{id}", json.Replace("ID", id, StringComparison.Ordinal), ("If-Match", "W/\"1\"")),
                PutAsync(client, $"{type}/{id}", json.Replace("ID", id, StringComparison.Ordinal), ("If-Match", "W/\"99\"")),
                DeleteAsync(client, $"{type}/{id}"), DeleteAsync(client, $"{type}/{id}", ("If-Match", "W/\"1\"")), DeleteAsync(client, $"{type}/{id}", ("If-Match", "W/\"99\""))))
                .Select(answer => $"{answer.Status} {answer.Text} {answer.ETag} {answer.ContentHeaders.LastModified}"));
            Assert.That(await TellAsync(hidden), Is.EqualTo((await TellAsync("never-was")).Replace("never-was", hidden, StringComparison.Ordinal)), type);
            var update = await PutAsync(client, $"{type}/never-was", json.Replace("ID", "never-was", StringComparison.Ordinal));
            Assert.That(update.Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed), "update-as-create is for who sees everything");
            Assert.That((await RestTests.GetAsync($"{type}/{hidden}")).Status, Is.EqualTo(HttpStatusCode.OK), "and nothing happened to it");
        }
        await RestTests.DeleteAsync($"ImagingStudy/{study}");
        Assert.That((await GetAsync(client, $"ImagingStudy/{study}")).Text, Is.EqualTo((await GetAsync(client, "ImagingStudy/never-was")).Text), "not even that it is gone");
    }

    [Test]
    public async Task A_create_for_a_foreign_patient_is_403_whether_or_not_there_is_one()
    {
        var (mine, foreign) = (await NewPatientAsync(), await NewPatientAsync());
        using var client = Whole(mine);
        async Task<Answer> ForAsync(string patient) => await SendAsync(client, HttpMethod.Post, "ImagingStudy", Body(StudyJson("x", patient)));
        var (there, never) = (await ForAsync(foreign), await ForAsync("never-was"));
        Assert.That((there.Status, there.Text), Is.EqualTo((HttpStatusCode.Forbidden, never.Text)));
        Assert.That((await ForAsync(mine)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await SendAsync(client, HttpMethod.Post, "Patient", Body(PatientJson("x")))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SendAsync(client, HttpMethod.Post, "Organization", Body("""{"resourceType":"Organization","name":"x"}"""))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Whoever_may_only_read_gets_403_for_every_write()
    {
        var (patient, uid, study) = await NewStudyAsync();
        using var client = Whole(patient, mayWrite: false);
        var read = await GetAsync(client, $"ImagingStudy/{study}");
        Assert.That(read.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PutAsync(client, $"ImagingStudy/{study}", read.Text)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await PutAsync(client, $"Patient/{patient}", PatientJson(patient))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await DeleteAsync(client, $"ImagingStudy/{study}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await DeleteAsync(client, $"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SendAsync(client, HttpMethod.Post, "Consent", Body(ConsentJson("x", patient)))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await RestTests.GetAsync($"ImagingStudy/{study}")).ETag, Is.EqualTo(read.ETag));
        using var reader = Phr.As(Reach.Of(new ReachedRecord(patient, [new ReachedStudy(uid, [uid + ".1"])])), mayWrite: false);
        Assert.That((await PutAsync(reader, $"ImagingStudy/{study}", read.Text)).Status, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task A_study_of_which_a_part_is_hidden_is_told_as_if_the_rest_were_all()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(
            patient, new TestDicom(uid, uid + ".1", uid + ".1.1"), new TestDicom(uid, uid + ".2", uid + ".2.1") { Modality = "MR", SeriesNumber = 2 },
            new TestDicom(uid, uid + ".2", uid + ".2.2") { Modality = "MR", SeriesNumber = 2, InstanceNumber = 2 });
        var id = await StudyIdAsync(patient, uid);
        using var client = PartOf(patient, uid, uid + ".1");
        foreach (var path in new[] { $"ImagingStudy/{id}", $"ImagingStudy/{id}/_history/1" })
        {
            var answer = await GetAsync(client, path);
            Assert.Multiple(() =>
            {
                Assert.That((answer["numberOfSeries"], answer["numberOfInstances"], answer["modality.0.code"], answer["modality.1"]), Is.EqualTo(("1", "1", "CT", (string?)null)));
                Assert.That(answer["series.0.uid"], Is.EqualTo(uid + ".1"));
                Assert.That(answer.Text, Does.Not.Contain(uid + ".2").And.Not.Contain("MR"));
                Assert.That(answer["meta.tag.0.code"], Is.EqualTo("SUBSETTED"));
                Assert.That(answer.ETag, Is.Not.EqualTo("W/\"1\"").And.StartsWith("W/\"1-"));
            });
        }
        var later = await GetAsync(client, $"ImagingStudy/{id}", ("If-Modified-Since", DateTimeOffset.UtcNow.AddDays(1).ToString("R")));
        Assert.That((later.Status, later.ContentHeaders.LastModified), Is.EqualTo((HttpStatusCode.OK, (DateTimeOffset?)null)), "what is visible changes without a date");
        var own = (await GetAsync(client, $"ImagingStudy/{id}")).ETag!;
        Assert.That((await GetAsync(client, $"ImagingStudy/{id}", ("If-None-Match", own))).Status, Is.EqualTo(HttpStatusCode.NotModified));
        Assert.That((await GetAsync(client, $"ImagingStudy/{id}", ("If-None-Match", "W/\"1\""))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await RestTests.GetAsync($"ImagingStudy/{id}", ("If-None-Match", own))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(client, $"ImagingStudy/{id}/_history")).Text, Does.Not.Contain("MR"));
        Assert.That((await GetAsync(client, "ImagingStudy?modality=CT")).Ids(), Is.EqualTo(new[] { id }));
        foreach (var query in new[] { "modality=MR", $"series={uid}.2", $"instance={uid}.2.1" })
        {
            Assert.That((await GetAsync(client, $"ImagingStudy?{query}&_total=accurate"))["total"], Is.EqualTo("0"), query);
        }
        Assert.That((await GetAsync(client, $"Endpoint/wado-{patient}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(client, $"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_redacted_study_is_neither_written_back_nor_deleted()
    {
        var (patient, uid, id) = await NewStudyAsync("1", "2");
        using var client = PartOf(patient, uid, uid + ".1");
        var read = await GetAsync(client, $"ImagingStudy/{id}");
        Assert.That((await PutAsync(client, $"ImagingStudy/{id}", read.Text)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await PutAsync(client, $"ImagingStudy/{id}", read.Text, ("If-Match", read.ETag!))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That((await SendAsync(HttpMethod.Put, $"ImagingStudy/{id}", read.Text)).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), "not even by who sees all");
        Assert.That((await DeleteAsync(client, $"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await RestTests.GetAsync($"ImagingStudy/{id}")).ETag, Is.EqualTo("W/\"1\""));
    }

    [Test]
    public async Task Of_a_study_whose_only_visible_series_is_not_there_nothing_is_seen()
    {
        var (patient, uid, id) = await NewStudyAsync("1", "2");
        using var client = PartOf(patient, uid, uid + ".7");
        Assert.That((await GetAsync(client, $"ImagingStudy/{id}")).Text, Is.EqualTo((await GetAsync(client, "ImagingStudy/never-was")).Text));
        Assert.That((await GetAsync(client, $"ImagingStudy/{id}/_history")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(client, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("0"));
    }
}
