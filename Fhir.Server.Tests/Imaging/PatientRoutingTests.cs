using System.Net;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rest;

namespace Fhir.Server.Tests.Imaging;

/// <summary>Whose a study is that comes without a record in the address.</summary>
[TestFixture]
public sealed class PatientRoutingTests
{
    private static async Task StowAsync(TestDicom file)
    {
        using var stored = await StudyServer.Phr.StowAsync("/dicomweb", file.ToBytes());
        Assert.That(stored.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted), await stored.Content.ReadAsStringAsync());
    }

    private static async Task<Answer> GetAsync(string path)
    {
        using var answer = await StudyServer.Phr.Client.GetAsync(new Uri($"{StudyServer.Phr.Address}/fhir/{path}"));
        return await Answer.ReadAsync(answer);
    }

    private static TestDicom File(string patientId) =>
        RestTests.NewUid() is var uid ? new TestDicom(uid, uid + ".1", uid + ".1.1") { PatientId = patientId } : throw new InvalidOperationException();

    /// <summary>The reference of the study's subject; null when it has none.</summary>
    private static async Task<string?> OwnerAsync(TestDicom file) =>
        Answer.At((await GetAsync($"ImagingStudy?identifier=urn:oid:{file.Study}")).Entries("match").Single(), "subject.reference");

    [Test]
    public async Task The_first_study_of_a_number_makes_the_patient_as_the_file_says()
    {
        var file = File(RestTests.NewId("N")) with { PatientName = "Müller^Zoë^Anna^Dr.^PhD", BirthDate = "19691230", Sex = "F" };
        await StowAsync(file);
        var patient = await GetAsync((await OwnerAsync(file))!);
        Assert.Multiple(() =>
        {
            Assert.That((patient["identifier.0.system"], patient["identifier.0.value"]), Is.EqualTo(("urn:phr:local", file.PatientId)));
            Assert.That((patient["name.0.family"], patient["name.0.given.0"], patient["name.0.given.1"], patient["name.0.prefix.0"], patient["name.0.suffix.0"]), Is.EqualTo(("Müller", "Zoë", "Anna", "Dr.", "PhD")));
            Assert.That((patient["birthDate"], patient["gender"]), Is.EqualTo(("1969-12-30", "female")));
        });
        Assert.That((await GetAsync($"Patient?family=muller&identifier=urn:phr:local|{file.PatientId}")).Ids(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_next_study_of_the_number_goes_to_the_same_patient_and_one_of_another_person_waits()
    {
        var number = RestTests.NewId("N");
        var (first, second) = (File(number), File(number));
        await StowAsync(first);
        await StowAsync(second);
        var owner = await OwnerAsync(first);
        Assert.That(owner, Does.StartWith("Patient/"));
        Assert.That(await OwnerAsync(second), Is.EqualTo(owner));
        foreach (var other in new[] { File(number) with { PatientName = "Other^Person" }, File(number) with { BirthDate = "19800101" }, File(number) with { Sex = "M" }, File(number) with { PatientName = "" } })
        {
            await StowAsync(other);
            var study = (await GetAsync($"ImagingStudy?identifier=urn:oid:{other.Study}")).Entries("match").Single();
            Assert.That(Answer.At(study, "subject.reference"), Is.Null);
            Assert.That((Answer.At(study, "subject.identifier.system"), Answer.At(study, "subject.identifier.value")), Is.EqualTo(("urn:phr:unverified:local", number)));
        }
    }

    [Test]
    public async Task A_patient_who_writes_another_s_number_into_their_own_record_does_not_receive_the_next_study()
    {
        var number = RestTests.NewId("N");
        var thief = RestTests.NewId("thief");
        using var put = await StudyServer.Phr.PutAsync(
            $"/fhir/Patient/{thief}",
            RestTests.PatientJson(thief, $$""","identifier":[{"system":"urn:phr:local","value":"{{number}}"}],"name":[{"family":"Doe","given":["Jane"]}],"birthDate":"1970-01-01","gender":"female" """));
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        var file = File(number);
        await StowAsync(file);
        Assert.That(await OwnerAsync(file), Is.Not.EqualTo($"Patient/{thief}").And.Not.Null);
        Assert.That((await GetAsync($"ImagingStudy?patient={thief}")).Entries(), Is.Empty);
    }

    [TestCase("{}")]
    [TestCase("{\"birthDate\":\"1970\"}")]
    [TestCase("{\"birthDate\":\"1970-01\"}")]
    [TestCase("{\"gender\":\"unknown\"}")]
    [TestCase("{\"name\":[{\"text\":\"Jane Doe\"}]}")]
    public async Task What_the_patient_does_not_say_or_says_roughly_does_not_contradict(string changes)
    {
        var number = RestTests.NewId("N");
        var (first, second) = (File(number), File(number));
        await StowAsync(first);
        var owner = (await OwnerAsync(first))!;
        var patient = (await GetAsync(owner)).Json!.AsObject();
        patient.Remove("birthDate");
        patient.Remove("gender");
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(changes)!.AsObject())
        {
            patient[name] = value!.DeepClone();
        }
        using var put = await StudyServer.Phr.PutAsync($"/fhir/{owner}", patient.ToJsonString());
        Assert.That(put.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await StowAsync(second);
        Assert.That(await OwnerAsync(second), Is.EqualTo(owner));
    }

    [Test]
    public async Task A_name_in_three_writings_agrees_with_itself()
    {
        var number = RestTests.NewId("N");
        var (first, second) = (File(number) with { PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう" }, File(number) with { PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう" });
        await StowAsync(first);
        await StowAsync(second);
        Assert.That(await OwnerAsync(second), Is.EqualTo(await OwnerAsync(first)).And.Not.Null);
        var ideographic = File(RestTests.NewId("N")) with { PatientName = "=山田^太郎" };
        await StowAsync(ideographic);
        var patient = await GetAsync((await OwnerAsync(ideographic))!);
        Assert.That((patient["name.0.family"], patient["name.0.given.0"], patient["name.0.text"]), Is.EqualTo(("山田", "太郎", "太郎 山田")));
    }

    [Test]
    public async Task Names_and_numbers_full_of_control_characters_make_a_valid_patient()
    {
        var file = File("N\u0001" + RestTests.NewId("N")) with { PatientName = "\u0002Do\u0007e^\u0003", BirthDate = "19701301", Sex = "X" };
        await StowAsync(file);
        var patient = await GetAsync((await OwnerAsync(file))!);
        Assert.That((patient["name.0.family"], patient["name.0.given"], patient["birthDate"], patient["gender"]), Is.EqualTo(("Doe", (string?)null, (string?)null, (string?)null)));
    }
}
