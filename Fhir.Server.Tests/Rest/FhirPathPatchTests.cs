using System.Net;
using System.Text.Json.Nodes;

namespace Fhir.Server.Tests.Rest;

/// <summary>https://hl7.org/fhir/R4/fhirpatch.html</summary>
[TestFixture]
public sealed class FhirPathPatchTests : RestTests
{
    private const string Name = """{"use":"official","family":"Aal","given":["A","B","C"]},{"use":"usual","given":["D"]}""";

    private static Task<Answer> PatchAsync(string path, params IEnumerable<string> operations) =>
        SendAsync(Phr.Client, HttpMethod.Patch, path, Body(Parameters(operations)));

    private static string Parameters(IEnumerable<string> operations) =>
        $$"""{"resourceType":"Parameters","parameter":[{{string.Join(',', operations.Select(parts => $$"""{"name":"operation","part":[{{parts}}]}"""))}}]}""";

    /// <summary>The parts of an operation: what has no comma is a type, a path, a name and so on; the rest is JSON as it is.</summary>
    private static string Do(string type, string path, string? name = null, string? value = null, int? index = null, int? source = null, int? destination = null)
    {
        var parts = new List<string> { $$"""{"name":"type","valueCode":"{{type}}"}""", $$"""{"name":"path","valueString":"{{path}}"}""" };
        void Number(string part, int? number) => parts.AddRange(number is null ? [] : [$$"""{"name":"{{part}}","valueInteger":{{number}}}"""]);
        parts.AddRange(name is null ? [] : [$$"""{"name":"name","valueString":"{{name}}"}"""]);
        parts.AddRange(value is null ? [] : [$$"""{"name":"value",{{value}}}"""]);
        Number("index", index);
        Number("source", source);
        Number("destination", destination);
        return string.Join(',', parts);
    }

    private static IEnumerable<TestCaseData> Done =>
    [
        // add
        Case("a primitive", "", Do("add", "Patient", "birthDate", "\"valueDate\":\"1970-01-02\""), "birthDate", "1970-01-02"),
        Case("a code of a required value set", "", Do("add", "Patient", "gender", "\"valueCode\":\"other\""), "gender", "other"),
        Case("to a list that is there", ",\"name\":[" + Name + "]", Do("add", "Patient.name[1]", "given", "\"valueString\":\"E\""), "name.1.given", """["D","E"]"""),
        Case("to a list that is not there", "", Do("add", "Patient", "identifier", "\"valueIdentifier\":{\"system\":\"urn:x\",\"value\":\"1\"}"), "identifier", """[{"system":"urn:x","value":"1"}]"""),
        Case("a choice", "", Do("add", "Patient", "deceased", "\"valueBoolean\":true"), "deceasedBoolean", "true"),
        Case("a choice of another type", "", Do("add", "Patient", "deceased", "\"valueDateTime\":\"2020-01-02\""), "deceasedDateTime", "2020-01-02"),
        Case("a choice by the name it has with its type", "", Do("add", "Patient", "deceasedBoolean", "\"valueBoolean\":false"), "deceasedBoolean", "false"),
        Case("a choice by the name of its definition", "", Do("add", "Patient", "multipleBirth[x]", "\"valueInteger\":2"), "multipleBirthInteger", "2"),
        Case("a backbone element by parts", "", Do("add", "Patient", "contact", """
            "part":[{"name":"name","valueHumanName":{"text":"N"}},{"name":"gender","valueCode":"female"},
            {"name":"relationship","valueCodeableConcept":{"text":"one"}},{"name":"relationship","valueCodeableConcept":{"text":"two"}}]
            """), "contact", """[{"relationship":[{"text":"one"},{"text":"two"}],"name":{"text":"N"},"gender":"female"}]"""),
        Case("parts within parts", "", Do("add", "Patient", "contact", """
            "part":[{"name":"name","part":[{"name":"family","valueString":"F"},{"name":"given","valueString":"G"}]}]
            """), "contact", """[{"name":{"family":"F","given":["G"]}}]"""),
        Case("an extension by parts", "", Do("add", "Patient", "extension", """
            "part":[{"name":"url","valueUri":"urn:e"},{"name":"value[x]","valueDecimal":1.50}]
            """), "extension", """[{"url":"urn:e","valueDecimal":1.50}]"""),
        Case("an extension of a primitive", ",\"birthDate\":\"1970\"", Do("add", "Patient.birthDate", "extension", """
            "part":[{"name":"url","valueUri":"urn:e"},{"name":"value","valueString":"x"}]
            """), "_birthDate", """{"extension":[{"url":"urn:e","valueString":"x"}]}"""),
        Case("a narrative by parts", "", Do("add", "Patient", "text", """
            "part":[{"name":"status","valueCode":"generated"},{"name":"div","valueString":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"}]
            """.Replace("=\"http://www.w3.org/1999/xhtml\"", "=\\\"http://www.w3.org/1999/xhtml\\\"", StringComparison.Ordinal)), "text.status", "generated"),
        Case("a contained resource", "", Do("add", "Patient", "contained", "\"resource\":{\"resourceType\":\"Organization\",\"id\":\"o\",\"name\":\"O\"}"),
            "contained.0.name", "O"),
        Case("a tag", "", Do("add", "Patient.meta", "tag", "\"valueCoding\":{\"system\":\"urn:t\",\"code\":\"c\"}"), "meta.tag", """[{"system":"urn:t","code":"c"}]"""),
        // insert
        Case("insert at the beginning", ",\"name\":[" + Name + "]", Do("insert", "Patient.name[0].given", value: "\"valueString\":\"Z\"", index: 0), "name.0.given", """["Z","A","B","C"]"""),
        Case("insert in the middle", ",\"name\":[" + Name + "]", Do("insert", "Patient.name.where(use = 'official').given", value: "\"valueString\":\"Z\"", index: 1), "name.0.given", """["A","Z","B","C"]"""),
        Case("insert at the end", ",\"name\":[" + Name + "]", Do("insert", "Patient.name[0].given", value: "\"valueString\":\"Z\"", index: 3), "name.0.given", """["A","B","C","Z"]"""),
        Case("insert into a list that is not there", "", Do("insert", "Patient.identifier", value: "\"valueIdentifier\":{\"value\":\"1\"}", index: 0), "identifier", """[{"value":"1"}]"""),
        Case("insert parts", "", Do("insert", "Patient.contact", value: "\"part\":[{\"name\":\"gender\",\"valueCode\":\"male\"}]", index: 0), "contact", """[{"gender":"male"}]"""),
        // delete
        Case("delete a primitive", ",\"gender\":\"male\"", Do("delete", "Patient.gender"), "gender", null),
        Case("delete of a list", ",\"name\":[" + Name + "]", Do("delete", "Patient.name.where(use = 'official').given[1]"), "name.0.given", """["A","C"]"""),
        Case("delete the last of a list", ",\"name\":[" + Name + "],\"identifier\":[{\"value\":\"1\"}]", Do("delete", "Patient.identifier.where(value = '1')"), "identifier", null),
        Case("delete a choice", ",\"deceasedBoolean\":true", Do("delete", "Patient.deceased"), "deceasedBoolean", null),
        Case("delete what is not there", ",\"gender\":\"male\"", Do("delete", "Patient.birthDate"), "gender", "male"),
        Case("delete an extension by its url", ",\"extension\":[{\"url\":\"urn:a\",\"valueString\":\"1\"},{\"url\":\"urn:b\",\"valueString\":\"2\"}]", Do("delete", "Patient.extension('urn:a')"), "extension", """[{"url":"urn:b","valueString":"2"}]"""),
        // replace
        Case("replace a primitive", ",\"birthDate\":\"1970\"", Do("replace", "Patient.birthDate", value: "\"valueDate\":\"1971\""), "birthDate", "1971"),
        Case("replace in a list", ",\"name\":[" + Name + "]", Do("replace", "Patient.name[0].given[2]", value: "\"valueString\":\"Z\""), "name.0.given", """["A","B","Z"]"""),
        Case("replace a complex one", ",\"name\":[" + Name + "]", Do("replace", "Patient.name.last()", value: "\"valueHumanName\":{\"text\":\"N\"}"), "name.1", """{"text":"N"}"""),
        Case("replace a choice by another type", ",\"deceasedBoolean\":true", Do("replace", "Patient.deceased", value: "\"valueDateTime\":\"2020\""), "deceasedDateTime", "2020"),
        Case("replace a nested one", ",\"contact\":[{\"name\":{\"text\":\"N\"},\"gender\":\"male\"}]", Do("replace", "Patient.contact[0].name.text", value: "\"valueString\":\"M\""), "contact.0.name.text", "M"),
        Case("replace a choice of one type only", ",\"deceasedBoolean\":true", Do("replace", "Patient.deceased.ofType(boolean)", value: "\"valueBoolean\":false"), "deceasedBoolean", "false"),
        // move
        Case("move forwards", ",\"name\":[" + Name + "]", Do("move", "Patient.name[0].given", source: 0, destination: 2), "name.0.given", """["B","C","A"]"""),
        Case("move backwards", ",\"name\":[" + Name + "]", Do("move", "Patient.name[0].given", source: 2, destination: 0), "name.0.given", """["C","A","B"]"""),
        Case("move to where it is", ",\"name\":[" + Name + "]", Do("move", "Patient.name", source: 1, destination: 1), "name.1.use", "usual"),
    ];

    private static IEnumerable<string> Refused =>
    [
        Do("add", "Patient", "gender", "\"valueCode\":\"other\""), Do("add", "Patient", "birthDate", "\"valueString\":\"1970\""),
        Do("add", "Patient", "birthDate", "\"valueDateTime\":\"1970\""), Do("add", "Patient", "nonsense", "\"valueString\":\"x\""),
        Do("add", "Patient", "name", "\"valueString\":\"x\""), Do("add", "Patient", "deceased", "\"valueString\":\"x\""),
        Do("add", "Patient", "deceasedBoolean", "\"valueDateTime\":\"2020\""), Do("add", "Patient.name.given", "extension", "\"part\":[{\"name\":\"url\",\"valueUri\":\"urn:e\"}]"),
        Do("add", "Patient.birthDate", "extension", "\"part\":[{\"name\":\"url\",\"valueUri\":\"urn:e\"}]"), Do("add", "Patient", "deceased", "\"part\":[{\"name\":\"x\",\"valueString\":\"x\"}]"),
        Do("add", "Patient", "contact", "\"part\":[{\"name\":\"nonsense\",\"valueString\":\"x\"}]"), Do("add", "Patient", "contact", "\"part\":[{\"name\":\"gender\",\"valueCode\":\"wrong\"}]"),
        Do("add", "Patient", "id", "\"valueId\":\"x\""), Do("add", "'text'", "birthDate", "\"valueDate\":\"1970\""),
        Do("insert", "Patient.name", value: "\"valueHumanName\":{\"text\":\"N\"}", index: 3), Do("insert", "Patient.name", value: "\"valueHumanName\":{\"text\":\"N\"}", index: -1),
        Do("insert", "Patient.name.given", value: "\"valueString\":\"x\"", index: 0), Do("insert", "Patient.name.where(use = 'usual')", value: "\"valueHumanName\":{\"text\":\"N\"}", index: 0),
        Do("insert", "Patient.gender", value: "\"valueCode\":\"male\"", index: 0), Do("insert", "Patient.birthDate", value: "\"valueDate\":\"1970\"", index: 0),
        Do("delete", "Patient.name"), Do("delete", "Patient"), Do("delete", "Patient.id"), Do("delete", "Patient.name.given"),
        Do("replace", "Patient.birthDate", value: "\"valueDate\":\"1970\""), Do("replace", "Patient.gender", value: "\"valueCode\":\"wrong\""),
        Do("replace", "Patient.name", value: "\"valueHumanName\":{\"text\":\"N\"}"), Do("replace", "Patient", value: "\"part\":[{\"name\":\"gender\",\"valueCode\":\"male\"}]"),
        Do("replace", "Patient.id", value: "\"valueId\":\"other\""), Do("replace", "Patient.meta.versionId", value: "\"valueId\":\"7\""),
        Do("replace", "Patient.name[0].family", value: "\"valueInteger\":1"),
        Do("move", "Patient.name", source: 0, destination: 2), Do("move", "Patient.name", source: 2, destination: 0), Do("move", "Patient.name", source: -1, destination: 0),
        Do("move", "Patient.identifier", source: 0, destination: 0), Do("move", "Patient.gender", source: 0, destination: 0),
    ];

    private static IEnumerable<string> Malformed =>
    [
        Do("add", "Patient", value: "\"valueCode\":\"other\""), Do("add", "Patient", "gender"), Do("insert", "Patient.name", value: "\"valueHumanName\":{\"text\":\"N\"}"),
        Do("replace", "Patient.gender"), Do("move", "Patient.name", source: 0), Do("move", "Patient.name", destination: 0), Do("explode", "Patient"),
        Do("delete", "Patient..name"), Do("delete", "Patient.name["), Do("delete", "Patient.name.nonsense()"), Do("delete", "Patient.descendants()"),
        Do("delete", "Patient.repeat($this)"), Do("delete", "Patient.name.where(given ~ given)"), Do("delete", "%resource.gender"), Do("delete", "Patient.managingOrganization.resolve()"),
        Do("delete", "Patient.name[1 + 0]"), Do("delete", new string('(', 400) + "Patient" + new string(')', 20)), Do("delete", "Patient.name.where(" + new string('x', 600) + ")"),
        """{"name":"path","valueString":"Patient"}""", """{"name":"type","valueCode":"delete"}""",
        Do("delete", "Patient.gender") + """,{"name":"type","valueCode":"delete"}""", Do("delete", "Patient.gender") + """,{"name":"other","valueCode":"x"}""",
    ];

    [TestCaseSource(nameof(Done))]
    public async Task An_operation_does_what_it_says(string before, string operation, string path, string? after)
    {
        var id = await NewPatientAsync(before);
        var answer = await PatchAsync($"Patient/{id}", operation);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer[path], Is.EqualTo(after));
        Assert.That((await GetAsync($"Patient/{id}")).Text, Is.EqualTo(answer.Text));
    }

    [TestCaseSource(nameof(Refused))]
    public async Task What_cannot_be_done_is_422_and_changes_nothing(string operation)
    {
        var id = await NewPatientAsync($",\"name\":[{Name}],\"gender\":\"male\"");
        var answer = await PatchAsync($"Patient/{id}", Do("replace", "Patient.gender", value: "\"valueCode\":\"female\""), operation);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        var after = await GetAsync($"Patient/{id}");
        Assert.That((after.ETag, after["gender"]), Is.EqualTo(("W/\"1\"", "male")));
    }

    [TestCaseSource(nameof(Malformed))]
    public async Task What_is_no_patch_is_400(string operation)
    {
        var id = await NewPatientAsync($",\"name\":[{Name}],\"gender\":\"male\"");
        Assert.That((await PatchAsync($"Patient/{id}", operation)).Status, Is.EqualTo(HttpStatusCode.BadRequest), operation);
    }

    [Test]
    public async Task A_parameter_of_another_name_or_another_resource_is_400()
    {
        var id = await NewPatientAsync();
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Patch, $"Patient/{id}", Body(Parameters([Do("delete", "Patient.gender")]).Replace("\"operation\"", "\"op\"", StringComparison.Ordinal)))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await SendAsync(Phr.Client, HttpMethod.Patch, $"Patient/{id}", Body(PatientJson(id)))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Operations_follow_each_other_on_what_the_one_before_left()
    {
        var id = await NewPatientAsync();
        var answer = await PatchAsync(
            $"Patient/{id}", Do("add", "Patient", "name", "\"valueHumanName\":{\"family\":\"F\"}"), Do("add", "Patient.name[0]", "given", "\"valueString\":\"G\""),
            Do("add", "Patient.name.where(family = 'F')", "given", "\"valueString\":\"H\""), Do("move", "Patient.name[0].given", source: 1, destination: 0), Do("delete", "Patient.name.family"));
        Assert.That((answer.Status, answer.ETag, answer["name"]), Is.EqualTo((HttpStatusCode.OK, "W/\"2\"", """[{"given":["H","G"]}]""")));
    }

    [Test]
    public async Task Many_at_the_same_time_lose_nothing()
    {
        var id = await NewPatientAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 30).Select(i =>
            PatchAsync($"Patient/{id}", Do("add", "Patient", "identifier", $$"""
                "valueIdentifier":{"value":"{{i}}"}
                """))));
        Assert.That(answers.Select(one => one.Status), Is.All.EqualTo(HttpStatusCode.OK));
        var values = (await GetAsync($"Patient/{id}")).Json!["identifier"]!.AsArray().Select(one => Answer.At(one, "value"));
        Assert.That(values, Is.EquivalentTo(Enumerable.Range(0, 30).Select(i => $"{i}")));
    }

    [Test]
    public async Task Choices_of_observations_and_their_decimals_are_patched_too()
    {
        var patient = await NewPatientAsync();
        var made = await PostAsync("Observation", $$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{patient}}"},"valueString":"1.5"}""");
        var answer = await PatchAsync($"Observation/{made["id"]}", Do("replace", "Observation.value", value: "\"valueQuantity\":{\"value\":1.50,\"unit\":\"mm\"}"), Do("add", "Observation", "component", """
            "part":[{"name":"code","valueCodeableConcept":{"text":"c"}},{"name":"valueQuantity","part":[{"name":"value","valueDecimal":0.10}]}]
            """));
        Assert.That(answer.Text, Does.Contain("\"valueQuantity\":{\"value\":1.50,\"unit\":\"mm\"}").And.Contain("\"valueQuantity\":{\"value\":0.10}").And.Not.Contain("valueString"));
    }

    [Test]
    public async Task A_study_with_instances_keeps_what_is_the_server_s()
    {
        var (_, uid, id) = await NewStudyAsync();
        var noted = await PatchAsync($"ImagingStudy?identifier=urn:oid:{uid}", Do("add", "ImagingStudy", "note", "\"valueAnnotation\":{\"text\":\"patched\"}"));
        Assert.That((noted.Status, noted["id"], noted["note.0.text"]), Is.EqualTo((HttpStatusCode.OK, id, "patched")));
        Assert.That((await PatchAsync($"ImagingStudy/{id}", Do("replace", "ImagingStudy.numberOfInstances", value: "\"valueUnsignedInt\":7"))).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    private static TestCaseData Case(string name, string before, string operation, string path, string? after) =>
        new(before, operation, path, after) { TestName = $"An_operation_does_what_it_says({name})" };
}
