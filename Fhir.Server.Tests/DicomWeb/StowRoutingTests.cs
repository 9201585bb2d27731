using System.Net;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Where a study goes that was sent to /dicomweb in open mode, and what a UID means there that lies in several records.</summary>
[TestFixture]
public sealed class StowRoutingTests
{
    private const string Unclaimed = "/dicomweb/patients/unclaimed-local";
    private readonly FreshUids uids = new("1.2.276.2");
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task A_new_PatientID_makes_a_Patient_with_the_link_and_the_next_study_goes_there_too()
    {
        var dicom = uids.Dicom() with { PatientId = "route-1", PatientName = "Müller^Jörg", BirthDate = "19501224", Sex = "M" };
        var record = await StoreAsync(dicom);
        var patients = await PatientsAsync("route-1");
        Assert.That(patients.Select(patient => patient.GetProperty("id").GetString()), Is.EqualTo(new[] { record }));
        Assert.That(patients[0].GetProperty("name")[0].GetProperty("family").GetString(), Is.EqualTo("Müller"));
        Assert.That(patients[0].GetProperty("birthDate").GetString(), Is.EqualTo("1950-12-24"));
        Assert.That(patients[0].GetProperty("gender").GetString(), Is.EqualTo("male"));

        Assert.That(await StoreAsync(uids.Dicom() with { PatientId = "route-1", PatientName = "MULLER^JORG", BirthDate = "", Sex = "M" }), Is.EqualTo(record));
        Assert.That(await PatientsAsync("route-1"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_same_PatientID_of_somebody_else_goes_to_the_unclaimed([Values("name", "birth date", "sex")] string what)
    {
        var known = uids.Dicom() with { PatientId = "route-2" + what };
        var record = await StoreAsync(known);
        var other = uids.Dicom() with { PatientId = known.PatientId };
        other = what switch
        {
            "name" => other with { PatientName = "Roe^Richard" },
            "birth date" => other with { BirthDate = "19700102" },
            _ => other with { Sex = "M" },
        };
        Assert.That(await StoreAsync(other), Is.EqualTo("unclaimed-local"));
        Assert.That(record, Is.Not.EqualTo("unclaimed-local"));
        await AssertReadableUnclaimedAsync(other);
        Assert.That((int)(await server.Client.GetAsync($"/dicomweb/patients/{record}/studies/{other.Study}", WebTalk.Multipart)).StatusCode, Is.EqualTo(404));
    }

    [TestCase("")]
    [TestCase("   ")]
    public async Task A_study_without_PatientID_goes_to_the_unclaimed_and_makes_no_Patient(string id)
    {
        var before = await PatientCountAsync();
        var dicom = uids.Dicom() with { PatientId = id };
        Assert.That(await StoreAsync(dicom), Is.EqualTo("unclaimed-local"));
        Assert.That(await PatientCountAsync(), Is.EqualTo(before));
        await AssertReadableUnclaimedAsync(dicom);
    }

    [Test]
    public async Task Eight_first_sights_of_one_PatientID_at_once_make_one_Patient()
    {
        var dicoms = Enumerable.Range(0, 8).Select(_ => uids.Dicom() with { PatientId = "route-8" }).ToList();
        var records = await Task.WhenAll(dicoms.Select(StoreAsync));
        Assert.That(records.Distinct().ToList(), Has.Count.EqualTo(1));
        Assert.That((await PatientsAsync("route-8")).Select(patient => patient.GetProperty("id").GetString()), Is.EqualTo(new[] { records[0] }));
        Assert.That((await server.Client.JsonAsync($"/dicomweb/patients/{records[0]}/studies")).GetArrayLength(), Is.EqualTo(8));
    }

    [Test]
    public async Task Eight_first_sights_of_two_people_under_one_PatientID_leave_one_of_them_unclaimed()
    {
        var dicoms = Enumerable.Range(0, 8).Select(i => uids.Dicom() with { PatientId = "route-9", PatientName = i % 2 == 0 ? "Even^Eve" : "Odd^Otto" }).ToList();
        var records = await Task.WhenAll(dicoms.Select(StoreAsync));
        Assert.That(records.Distinct().Order().ToList(), Has.Count.EqualTo(2).And.Contains("unclaimed-local"));
        var claimed = records.Select((record, i) => (record, Name: i % 2)).Where(one => one.record != "unclaimed-local").ToList();
        Assert.That(claimed.Select(one => one.Name).Distinct().ToList(), Has.Count.EqualTo(1), "a record holds the studies of one of the two");
        Assert.That(claimed, Has.Count.EqualTo(4));
        Assert.That(await PatientsAsync("route-9"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task One_request_may_hold_the_studies_of_several_people()
    {
        var one = uids.Dicom() with { PatientId = "route-3a" };
        var two = uids.Dicom() with { PatientId = "route-3b", PatientName = "Roe^Richard" };
        var none = uids.Dicom() with { PatientId = "" };
        var answer = await server.StowAsync("/dicomweb", one.ToBytes(), two.ToBytes(), none.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var json = await answer.JsonAsync();
        Assert.That(json.Value("00081190"), Is.Null, "they have no address in common");
        var items = json.Items("00081199");
        Assert.That(items.Select(RecordOf).Distinct().ToList(), Has.Count.EqualTo(3));
        foreach (var item in items)
        {
            Assert.That((int)(await server.Client.GetAsync(item.Value("00081190")!, "application/dicom")).StatusCode, Is.EqualTo(200));
        }
    }

    [Test]
    public async Task An_unclaimed_study_has_an_ImagingStudy_whose_subject_is_known_by_identifier_alone()
    {
        var dicom = uids.Dicom() with { PatientId = "route-5" };
        await StoreAsync(dicom);
        var other = uids.Dicom() with { PatientId = "route-5", PatientName = "Roe^Richard" };
        await StoreAsync(other);
        var found = JsonSerializer.Deserialize<JsonElement>(
            await server.Client.GetStringAsync($"/fhir/ImagingStudy?identifier=urn:dicom:uid|urn:oid:{other.Study}"));
        var subject = found.GetProperty("entry")[0].GetProperty("resource").GetProperty("subject");
        Assert.That(subject.TryGetProperty("reference", out _), Is.False);
        Assert.That(subject.GetProperty("identifier").GetProperty("value").GetString(), Is.EqualTo("route-5"));
    }

    [Test]
    public async Task A_study_in_two_records_is_409_at_the_site_naming_both_bases_and_two_rows_in_a_search()
    {
        foreach (var id in new[] { "two-1", "two-2" })
        {
            await server.PutAsync($"/fhir/Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
        }
        var dicom = uids.Dicom();
        await server.StowAsync("/dicomweb/patients/two-1", dicom.ToBytes());
        await server.StowAsync("/dicomweb/patients/two-2", dicom.ToBytes(), (dicom with { Sop = dicom.Sop + "2" }).ToBytes());

        var below = $"/dicomweb/studies/{dicom.Study}";
        foreach (var path in new[] { below, $"{below}/metadata", $"{below}/series/{dicom.Series}", $"{below}/series/{dicom.Series}/instances/{dicom.Sop}/frames/1" })
        {
            var answer = await server.Client.GetAsync(path, "*/*");
            Assert.That((int)answer.StatusCode, Is.EqualTo(409), path);
            Assert.That(
                await answer.Content.ReadAsStringAsync(),
                Does.Contain($"{server.Address}/dicomweb/patients/two-1").And.Contain($"{server.Address}/dicomweb/patients/two-2"));
        }
        var rows = await server.Client.JsonAsync($"/dicomweb/studies?StudyInstanceUID={dicom.Study}");
        Assert.That(
            rows.EnumerateArray().Select(row => (row.Value("00081190"), row.Value("00201208"))),
            Is.EquivalentTo(new[] { ($"{server.Address}/dicomweb/patients/two-1/studies/{dicom.Study}", "1"), ($"{server.Address}/dicomweb/patients/two-2/studies/{dicom.Study}", "2") }));

        using var one = server.As(Reach.Of([new("two-1")]));
        Assert.That((int)(await one.GetAsync(below, "*/*")).StatusCode, Is.EqualTo(200), "who sees one of them is not told of the other");
        Assert.That((int)(await server.Client.GetAsync($"/dicomweb/patients/two-2/studies/{dicom.Study}", "*/*")).StatusCode, Is.EqualTo(200));
    }

    [Test]
    public async Task A_restricted_caller_makes_no_Patient_by_sending_to_the_site()
    {
        var before = await PatientCountAsync();
        await server.PutAsync("/fhir/Patient/reach", """{"resourceType":"Patient","id":"reach"}""");
        using var caller = server.As(Reach.Of([new("reach")]));
        using var nobody = server.As(Reach.Of([new("no-such-record")]));
        foreach (var client in new[] { caller, nobody })
        {
            var dicom = uids.Dicom() with { PatientId = "route-77" };
            var answer = await client.PostAsync("/dicomweb/studies", PhrServer.Multipart(dicom.ToBytes()));
            Assert.That((int)answer.StatusCode, client == caller ? Is.EqualTo(200) : Is.AnyOf(403, 404, 409), await answer.Content.ReadAsStringAsync());
            Assert.That(await PatientsAsync("route-77"), Is.Empty);
        }
        Assert.That(await PatientCountAsync(), Is.EqualTo(before + 1));
    }

    [Test]
    public async Task A_restricted_caller_of_two_records_is_asked_for_a_base()
    {
        foreach (var id in new[] { "both-1", "both-2" })
        {
            await server.PutAsync($"/fhir/Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}"}""");
        }
        using var caller = server.As(Reach.Of([new("both-1"), new("both-2")]));
        var dicom = uids.Dicom();
        var answer = await caller.PostAsync("/dicomweb/studies", PhrServer.Multipart(dicom.ToBytes()));
        Assert.That((int)answer.StatusCode, Is.EqualTo(409));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("/dicomweb/patients/both-1").And.Contain("/dicomweb/patients/both-2"));
        Assert.That((await server.Client.JsonAsync($"/dicomweb/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
    }

    private async Task<string> StoreAsync(TestDicom dicom)
    {
        var answer = await server.StowAsync("/dicomweb", dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), await answer.Content.ReadAsStringAsync());
        return RecordOf((await answer.JsonAsync()).Items("00081199").Single());
    }

    private static string RecordOf(JsonElement item) => item.Value("00081190")!.Split("/patients/")[1].Split('/')[0];

    private async Task AssertReadableUnclaimedAsync(TestDicom dicom)
    {
        var row = (await server.Client.JsonAsync($"{Unclaimed}/studies?StudyInstanceUID={dicom.Study}")).EnumerateArray().Single();
        Assert.That(row.Value("00081190"), Is.EqualTo($"{server.Address}{Unclaimed}/studies/{dicom.Study}"));
        var back = await server.Client.GetAsync($"{Unclaimed}/studies/{dicom.Study}", WebTalk.Multipart);
        Assert.That((await back.PartsAsync()).Single().Body, Is.EqualTo(dicom.ToBytes()));
    }

    private async Task<List<JsonElement>> PatientsAsync(string id)
    {
        var found = JsonSerializer.Deserialize<JsonElement>(await server.Client.GetStringAsync($"/fhir/Patient?identifier=urn:phr:local|{id}"));
        return found.TryGetProperty("entry", out var entries) ? [.. entries.EnumerateArray().Select(entry => entry.GetProperty("resource"))] : [];
    }

    private async Task<int> PatientCountAsync() =>
        JsonSerializer.Deserialize<JsonElement>(await server.Client.GetStringAsync("/fhir/Patient?_summary=count")).GetProperty("total").GetInt32();
}
