using System.Net;

namespace Fhir.Server.Tests.Rest;

/// <summary>The Endpoints a record has of itself.</summary>
[TestFixture]
public sealed class EndpointTests : RestTests
{
    private static readonly string[] Kinds = ["wado", "qido", "stow"];

    [Test]
    public async Task A_record_has_three_Endpoints_that_say_where_its_studies_are()
    {
        var patient = await NewPatientAsync();
        foreach (var kind in Kinds)
        {
            var answer = await GetAsync($"Endpoint/{kind}-{patient}");
            Assert.Multiple(() =>
            {
                Assert.That((answer.Status, answer["status"]), Is.EqualTo((HttpStatusCode.OK, "active")));
                Assert.That((answer["connectionType.system"], answer["connectionType.code"]), Is.EqualTo(("http://terminology.hl7.org/CodeSystem/endpoint-connection-type", $"dicom-{kind}-rs")));
                Assert.That(answer["address"], Is.EqualTo($"{Phr.Address}/dicomweb/patients/{patient}"));
                Assert.That(answer.Json!["payloadType"]!.AsArray(), Is.Not.Empty);
                Assert.That(answer["payloadMimeType.0"], Is.EqualTo("application/dicom"));
                foreach (var url in new[]
                {
                    "http://fhir.org/argonaut/smart-imaging/StructureDefinition/requires-access-token",
                    "http://hl7.org/fhir/smart-app-launch/StructureDefinition/requires-access-token",
                })
                {
                    Assert.That(answer.Json!["extension"]!.AsArray().Where(one => Answer.At(one, "url") == url).Select(one => Answer.At(one, "valueBoolean")), Has.Exactly(1).Items);
                }
            });
            Assert.That((await GetAsync($"Endpoint?_id={kind}-{patient}&connection-type=dicom-{kind}-rs")).Ids(), Is.EqualTo(new[] { $"{kind}-{patient}" }));
        }
    }

    [Test]
    public async Task They_cannot_be_written_or_deleted_by_hand()
    {
        var patient = await NewPatientAsync();
        foreach (var kind in Kinds)
        {
            var read = await GetAsync($"Endpoint/{kind}-{patient}");
            Assert.That((await PutAsync($"Endpoint/{kind}-{patient}", read.Text.Replace("127.0.0.1", "evil.example", StringComparison.Ordinal))).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
            Assert.That((await PutAsync($"Endpoint/{kind}-{patient}", read.Text)).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
            Assert.That((await DeleteAsync($"Endpoint/{kind}-{patient}")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
            Assert.That((await GetAsync($"Endpoint/{kind}-{patient}")).Text, Is.EqualTo(read.Text));
        }
    }

    [Test]
    public async Task Whoever_takes_their_ids_beforehand_gains_nothing()
    {
        var patient = NewId("p");
        var squat = $$"""{"resourceType":"Endpoint","id":"wado-{{patient}}","status":"active","connectionType":{"code":"x"},"payloadType":[{"text":"Any"}],"address":"https://evil.example"}""";
        Assert.That((int)(await PutAsync($"Endpoint/wado-{patient}", squat)).Status, Is.LessThan(500));
        Assert.That((await PutAsync($"Patient/{patient}", PatientJson(patient))).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await GetAsync($"Endpoint/wado-{patient}"))["address"], Is.EqualTo($"{Phr.Address}/dicomweb/patients/{patient}"));
        Assert.That((await PutAsync($"Endpoint/wado-{patient}", squat)).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
    }

    [Test]
    public async Task A_patient_with_the_longest_id_has_them_too()
    {
        var patient = new string('z', 44) + Guid.NewGuid().ToString("N")[..20];
        await PutAsync($"Patient/{patient}", PatientJson(patient));
        var uid = NewUid();
        await StowAsync(patient, new TestDicom(uid, uid + ".1", uid + ".1.1"));
        var answer = await GetAsync($"ImagingStudy?patient={patient}&_include=ImagingStudy:endpoint");
        Assert.That(Answer.At(answer.Entries("include").Single(), "address"), Is.EqualTo($"{Phr.Address}/dicomweb/patients/{patient}"));
    }
}
