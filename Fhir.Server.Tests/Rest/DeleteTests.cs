using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/http.html#delete</summary>
[TestFixture]
public sealed class DeleteTests : RestTests
{
    [Test]
    public async Task Deleting_succeeds_also_a_second_time_and_of_what_never_was()
    {
        var id = await NewPatientAsync();
        var first = await DeleteAsync($"Patient/{id}");
        var second = await DeleteAsync($"Patient/{id}");
        Assert.Multiple(() =>
        {
            Assert.That((first.Status, first.ETag, first.Text), Is.EqualTo((HttpStatusCode.NoContent, "W/\"2\"", "")));
            Assert.That((second.Status, second.ETag), Is.EqualTo((HttpStatusCode.NoContent, "W/\"2\"")));
        });
        var never = await DeleteAsync($"Patient/{NewId()}");
        Assert.That((never.Status, never.ETag), Is.EqualTo((HttpStatusCode.NoContent, (string?)null)));
        Assert.That((await GetAsync($"Patient?_id={id}")).Entries(), Is.Empty);
    }

    [Test]
    public async Task What_was_deleted_can_be_put_again_with_a_version_above_the_deletion()
    {
        var id = await NewPatientAsync();
        await DeleteAsync($"Patient/{id}");
        var answer = await PutAsync($"Patient/{id}", PatientJson(id));
        Assert.That((answer.Status, answer.ETag), Is.EqualTo((HttpStatusCode.Created, "W/\"3\"")));
        Assert.That((await GetAsync($"Patient?_id={id}")).Ids(), Is.EqualTo(new[] { id }));
    }

    [Test]
    public async Task A_patient_with_anything_in_the_record_stays()
    {
        var patient = await NewPatientAsync();
        var consent = NewId();
        await PutAsync($"Consent/{consent}", ConsentJson(consent, patient));
        Assert.That((await DeleteAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        await DeleteAsync($"Consent/{consent}");
        Assert.That((await DeleteAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.NoContent));

        var (owner, _, study) = await NewStudyAsync();
        Assert.That((await DeleteAsync($"Patient/{owner}")).Status, Is.EqualTo(HttpStatusCode.Conflict));
        await DeleteAsync($"ImagingStudy/{study}");
        Assert.That((await DeleteAsync($"Patient/{owner}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task A_patient_s_instances_count_before_anybody_read_their_study()
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        Assert.That((await DeleteAsync($"Patient/{patient}")).Status, Is.EqualTo(HttpStatusCode.Conflict));
    }

    [Test]
    public async Task The_Endpoints_of_an_empty_record_go_with_its_patient_and_come_back_with_it()
    {
        var patient = await NewPatientAsync();
        var endpoints = new[] { "wado", "qido", "stow" }.Select(kind => $"Endpoint/{kind}-{patient}").ToList();
        async Task<List<HttpStatusCode>> StatusesAsync() => [.. (await Task.WhenAll(endpoints.Select(path => GetAsync(path)))).Select(answer => answer.Status)];
        Assert.That(await StatusesAsync(), Is.All.EqualTo(HttpStatusCode.OK));
        await DeleteAsync($"Patient/{patient}");
        Assert.That(await StatusesAsync(), Is.All.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync($"Endpoint?_id=wado-{patient}")).Entries(), Is.Empty);
        await PutAsync($"Patient/{patient}", PatientJson(patient));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task A_deleted_study_is_gone_from_every_door_at_once_and_a_second_sending_revives_its_id()
    {
        var (patient, uid, id) = await NewStudyAsync();
        var web = $"/dicomweb/patients/{patient}";
        async Task<HttpStatusCode> WebAsync(string path)
        {
            using var answer = await Phr.Client.GetAsync(new Uri(Phr.Address + web + path));
            return answer.StatusCode;
        }
        async Task<string> QidoAsync() => await Phr.Client.GetStringAsync(new Uri($"{Phr.Address}{web}/studies"));
        Assert.That(await QidoAsync(), Does.Contain(uid));
        var before = int.Parse((await GetAsync($"ImagingStudy/{id}"))["meta.versionId"]!, System.Globalization.CultureInfo.InvariantCulture);

        Assert.That((await DeleteAsync($"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(await QidoAsync(), Does.Not.Contain(uid));
        Assert.That(await WebAsync($"/studies/{uid}/metadata"), Is.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.Gone));
        Assert.That(await WebAsync($"/studies/{uid}/series/{uid}.1/instances/{uid}.1.1"), Is.AnyOf(HttpStatusCode.NotFound, HttpStatusCode.Gone));
        Assert.That((await GetAsync($"ImagingStudy/{id}")).Status, Is.EqualTo(HttpStatusCode.Gone));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Entries(), Is.Empty);

        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        var revived = await GetAsync($"ImagingStudy/{id}");
        Assert.That(revived.Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(int.Parse(revived["meta.versionId"]!, System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(before + 2));
        Assert.That(await StudyIdAsync(patient, uid), Is.EqualTo(id));
        Assert.That(await QidoAsync(), Does.Contain(uid));
    }
}
