using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>What is made of a document comes, changes and goes with its instance.</summary>
[TestFixture]
public sealed class DocumentLifeTests : DocumentTests
{
    private static readonly string[] Types = ["DiagnosticReport", "Observation"];

    [Test]
    public async Task A_deleted_study_takes_its_reports_along_and_brings_them_back_under_the_same_ids()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var before = await IdsAsync(patient);
        var binary = $"Binary/{before[0]}";
        await DeleteAsync($"ImagingStudy/{await StudyIdAsync(patient, study)}");
        Assert.That(await IdsAsync(patient), Is.Empty);
        Assert.That((await GetAsync(binary, ("Accept", "application/fhir+json"))).Status, Is.EqualTo(HttpStatusCode.Gone));
        await StowAsync(patient, TestReport.Sr(study, $"{study}.1", $"{study}.1.1", TestReport.Radiology));
        Assert.That(await IdsAsync(patient), Is.EqualTo(before));
        Assert.That((await GetAsync(binary, ("Accept", "application/fhir+json")))["meta.versionId"], Is.EqualTo("3"));
    }

    [Test]
    public async Task A_moved_study_takes_its_reports_along()
    {
        var (from, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var to = await NewPatientAsync();
        var before = await IdsAsync(from);
        await RebuildTests.MoveAsync(Phr, study, from, to);
        Assert.That(await IdsAsync(from), Is.Empty);
        Assert.That(await IdsAsync(to), Has.Count.EqualTo(before.Count));
        var report = (await GetAsync($"DiagnosticReport?patient={to}")).Entries().Single();
        Assert.That(Answer.At(report, "meta.source"), Does.Contain($"/patients/{to}/"));
        using var page = await Phr.Client.GetAsync(Answer.At(report, "presentedForm.0.url"));
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var source = Phr.As(Reach.Of(new ReachedRecord(from)));
        Assert.That((await SendAsync(source, HttpMethod.Get, $"DiagnosticReport/{before[0]}", null)).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await SendAsync(source, HttpMethod.Get, $"DiagnosticReport/{Answer.At(report, "id")}", null)).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_study_moved_to_where_it_is_already_leaves_one_report_of_each_document()
    {
        var (from, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var to = await NewPatientAsync();
        await StowAsync(to, TestReport.Sr(study, $"{study}.1", $"{study}.1.1", TestReport.Radiology), TestReport.Sr(study, $"{study}.1", $"{study}.1.2", TestReport.Measurements));
        await RebuildTests.MoveAsync(Phr, study, from, to);
        Assert.That((await GetAsync($"DiagnosticReport?patient={to}")).Ids(), Has.Count.EqualTo(2));
        Assert.That(await IdsAsync(from), Is.Empty);
    }

    [Test]
    public async Task A_superseded_document_is_no_longer_told()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        using var person = Phr.As(Reach.Of(new ReachedRecord(patient)));
        using (var content = PhrServer.Multipart(TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.1", TestReport.Measurements).ToBytes()))
        using (var answer = await person.PostAsync($"/dicomweb/patients/{patient}/studies", content))
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That((await GetAsync($"Observation?patient={patient}")).Ids(), Has.Count.EqualTo(3));
        await StowAsync(patient, TestReport.Sr(uid, $"{uid}.1", $"{uid}.1.1", TestReport.Radiology));
        Assert.That((await GetAsync($"Observation?patient={patient}")).Ids(), Has.Count.EqualTo(1));
        var report = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Single();
        Assert.That(Answer.At(report, "conclusion"), Does.StartWith("No sign"));
        using var page = await Phr.Client.GetAsync(Answer.At(report, "presentedForm.0.url"));
        Assert.That(await page.Content.ReadAsStringAsync(), Does.Contain("No sign"));
    }

    [Test]
    public async Task A_copy_kept_beside_tells_nothing()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        using var person = Phr.As(Reach.Of(new ReachedRecord(patient)));
        using var content = PhrServer.Multipart(TestReport.Sr(study, $"{study}.1", $"{study}.1.1", TestReport.Measurements).ToBytes());
        using var answer = await person.PostAsync($"/dicomweb/patients/{patient}/studies", content);
        Assert.That((await GetAsync($"Observation?patient={patient}")).Ids(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Derived_anew_everything_says_the_same_in_the_same_versions_and_under_another_address_the_new_one()
    {
        await using var server = PhrServer.Start(("PublicBaseUrl", "https://one.example"));
        await RebuildTests.ExpectAsync(server.PutAsync("/fhir/Patient/p", PatientJson("p")), 201);
        using (var stored = await server.StowAsync(
            "/dicomweb/patients/p", TestReport.Sr("1.2.3", "1.2.3.1", "1.2.3.1.1", TestReport.Radiology).ToBytes(),
            TestReport.Encapsulated("1.2.3", "1.2.3.2", "1.2.3.2.1", TestReport.Pdf, TestReport.PdfBytes).ToBytes()))
        {
            Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        var before = await EverythingAsync(server);
        Assert.That(before, Has.Count.EqualTo(5));
        var store = server.Services.GetRequiredService<EmbeddedStore>();
        await store.Rebuild.DeleteDerivedAsync(default);
        await store.Rebuild.RunAsync(default);
        Assert.That(await EverythingAsync(server), Is.EqualTo(before));
        ((Dictionary<string, string>)server.Settings)["PublicBaseUrl"] = "https://two.example";
        await server.RestartAsync();
        await RebuildTests.ReadyAsync(server.Client);
        var after = await EverythingAsync(server);
        Assert.That(after, Has.Count.EqualTo(5));
        Assert.That(after, Is.All.Contain("https://two.example/").And.All.Not.Contain("https://one.example/"));
        Assert.That(after, Is.All.Contain("\"versionId\":\"2\""));
    }

    [Test]
    public async Task An_erased_record_keeps_no_report()
    {
        var (patient, _) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        var id = (await IdsAsync(patient))[0];
        using (var scope = Phr.Services.CreateScope())
        {
            var guard = scope.ServiceProvider.GetRequiredService<GuardedRecords>().For(new Caller(CallerKind.Open, "test", null, Reach.Everything, true));
            Assert.That((await guard.EraseAsync(new RecordId(patient), default)).IsSuccess);
        }
        Assert.That((await GetAsync($"DiagnosticReport/{id}")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        var store = Phr.Services.GetRequiredService<EmbeddedStore>();
        Assert.That(store.Database.Read(session => session.Number("SELECT COUNT(*) FROM instance_report WHERE instance NOT IN (SELECT pk FROM instance)")), Is.Zero);
    }

    private static async Task<List<string?>> IdsAsync(string patient)
    {
        var ids = new List<string?>();
        foreach (var type in Types)
        {
            ids.AddRange((await GetAsync($"{type}?patient={patient}&_total=accurate")).Ids());
        }
        return ids;
    }

    private static async Task<List<string>> EverythingAsync(PhrServer server)
    {
        var all = new List<string>();
        foreach (var type in new[] { "DiagnosticReport", "DocumentReference", "Observation", "Binary" })
        {
            var found = await SendAsync(server.Client, HttpMethod.Get, $"{type}?_sort=_id", null);
            all.AddRange(found.Entries().Select(one => one.ToJsonString()));
        }
        return all;
    }
}
