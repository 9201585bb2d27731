using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>
/// What is made of a document is seen with the series it comes from and with nothing else: a caller of another series of the same study
/// meets it nowhere.
/// </summary>
[TestFixture]
public sealed class DocumentSightTests : DocumentTests
{
    private string patient = "";
    private string uid = "";
    private List<string> paths = [];

    [OneTimeSetUp]
    public async Task MakeAsync()
    {
        (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(
            patient, new TestDicom(uid, $"{uid}.1", $"{uid}.1.1"), TestReport.Sr(uid, $"{uid}.2", $"{uid}.2.1", TestReport.Radiology),
            TestReport.Encapsulated(uid, $"{uid}.3", $"{uid}.3.1", TestReport.Pdf, TestReport.PdfBytes));
        paths = [.. (await AllAsync(Phr.Client)).SelectMany(answer => answer.Entries()).Select(one => $"{Answer.At(one, "resourceType")}/{Answer.At(one, "id")}")];
        Assert.That(paths, Has.Count.EqualTo(5), "A report with its measurement and page, a document with its file.");
    }

    [Test]
    public async Task Who_sees_another_series_finds_nothing_of_a_report_anywhere()
    {
        using var caller = Seeing("1");
        foreach (var answer in await AllAsync(caller))
        {
            Assert.That((answer.Ids(), answer["total"]), Is.EqualTo((new List<string?>(), "0")));
        }
        foreach (var path in paths)
        {
            foreach (var suffix in new[] { "", "/_history", "/_history/1" })
            {
                var hidden = await SendAsync(caller, HttpMethod.Get, $"{path}{suffix}", null, ("Accept", "application/fhir+json"));
                var unknown = await SendAsync(caller, HttpMethod.Get, $"{path.Split('/')[0]}/dicom-unknown{suffix}", null, ("Accept", "application/fhir+json"));
                Assert.That((hidden.Status, hidden.Text), Is.EqualTo((HttpStatusCode.NotFound, unknown.Text)), path + suffix);
            }
            var byId = await SendAsync(caller, HttpMethod.Get, $"{path.Replace("/", "?_id=", StringComparison.Ordinal)}&_total=accurate", null);
            Assert.That(byId["total"], Is.EqualTo("0"), path);
            Assert.That((await SendAsync(caller, HttpMethod.Delete, path, null)).Status, Is.EqualTo(HttpStatusCode.NoContent), "Like an unknown one; and nothing is done.");
            Assert.That((await GetAsync(path, ("Accept", "application/fhir+json"))).Status, Is.EqualTo(HttpStatusCode.OK), path);
        }
        var included = await SendAsync(caller, HttpMethod.Get, $"DiagnosticReport?_include=DiagnosticReport:result&_include=DiagnosticReport:patient", null);
        Assert.That(included.Entries(), Is.Empty);
        var study = await SendAsync(caller, HttpMethod.Get, $"ImagingStudy?patient={patient}", null);
        Assert.That(study.Entries().Single()["series"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(study.Text, Does.Not.Contain("dicom-"));
    }

    [Test]
    public async Task Who_sees_the_series_of_the_report_sees_the_report_whole_and_not_the_PDF()
    {
        using var caller = Seeing("2");
        foreach (var path in paths)
        {
            using var answer = await caller.GetAsync($"/fhir/{path}");
            var isOfReport = (await answer.Content.ReadAsStringAsync()).Length > 0 && answer.StatusCode == HttpStatusCode.OK;
            var whole = await GetAsync(path, ("Accept", "application/fhir+json"));
            Assert.That(isOfReport, Is.EqualTo(whole["meta.source"]!.Contains($"/series/{uid}.2/", StringComparison.Ordinal)), path);
        }
        var found = await SendAsync(caller, HttpMethod.Get, $"DiagnosticReport?patient={patient}&_include=DiagnosticReport:result&_total=accurate", null);
        Assert.That((found["total"], found.Entries("include").Count), Is.EqualTo(("1", 1)));
        Assert.That((await SendAsync(caller, HttpMethod.Get, $"DocumentReference?patient={patient}&_total=accurate", null))["total"], Is.EqualTo("0"));
    }

    [Test]
    public async Task A_tombstone_of_a_report_is_told_only_to_who_could_see_the_report()
    {
        var (owner, study) = (await NewPatientAsync(), NewUid());
        await StowAsync(owner, new TestDicom(study, $"{study}.1", $"{study}.1.1"), TestReport.Sr(study, $"{study}.2", $"{study}.2.1", TestReport.Radiology));
        var report = (await GetAsync($"DiagnosticReport?patient={owner}")).Ids().Single();
        Assert.That((await DeleteAsync($"ImagingStudy/{await StudyIdAsync(owner, study)}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        foreach (var (series, status) in new[] { ("1", HttpStatusCode.NotFound), ("2", HttpStatusCode.Gone) })
        {
            using var caller = Phr.As(Reach.Of(new ReachedRecord(owner, [new ReachedStudy(study, [$"{study}.{series}"])])));
            Assert.That((await SendAsync(caller, HttpMethod.Get, $"DiagnosticReport/{report}", null)).Status, Is.EqualTo(status), series);
        }
    }

    private HttpClient Seeing(string series) => Phr.As(Reach.Of(new ReachedRecord(patient, [new ReachedStudy(uid, [$"{uid}.{series}"])])));

    private async Task<List<Answer>> AllAsync(HttpClient client)
    {
        var answers = new List<Answer>();
        foreach (var query in new[] { $"DiagnosticReport?patient={patient}", $"DocumentReference?patient={patient}", $"Observation?patient={patient}", $"Binary?_source={Source(2)},{Source(3)}" })
        {
            answers.Add(await SendAsync(client, HttpMethod.Get, query + "&_total=accurate", null));
        }
        return answers;
    }

    private string Source(int series) => Uri.EscapeDataString($"{Phr.Address}/dicomweb/patients/{patient}/studies/{uid}/series/{uid}.{series}/instances/{uid}.{series}.1");
}
