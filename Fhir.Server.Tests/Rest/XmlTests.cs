using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>FHIR XML in and out. https://hl7.org/fhir/R4/xml.html, https://hl7.org/fhir/R4/http.html#mime-type</summary>
[TestFixture]
public sealed class XmlTests : RestTests
{
    [Test]
    public async Task A_resource_sent_as_XML_is_read_back_as_JSON_and_as_XML_to_the_digit()
    {
        var (patient, id) = (await NewPatientAsync(), NewId());
        var xml = $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment --><Observation xmlns="http://hl7.org/fhir"><id value="{id}"/><text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt; b &amp; <b>c</b> é</p></div></text>
            <status value="final"/><code><text value="line one&#10;line &quot;two&quot;"/></code><subject><reference value="Patient/{patient}"/></subject>
            <effectiveDateTime value="2026-02-03T10:00:00.1230+01:00"/><valueQuantity><value value="1.0200"/><unit value="mg"/></valueQuantity></Observation>
            """;
        var put = await XmlAnswer.SendAsync(HttpMethod.Put, $"Observation/{id}", xml);
        Assert.That((put.Status, put["id"]), Is.EqualTo((HttpStatusCode.Created, id)));
        var json = await GetAsync($"Observation/{id}");
        Assert.Multiple(() =>
        {
            Assert.That(json.Text, Does.Contain("\"value\":1.0200,"));
            Assert.That(json["code.text"], Is.EqualTo("line one\nline \"two\""));
            Assert.That(json["effectiveDateTime"], Is.EqualTo("2026-02-03T10:00:00.1230+01:00"));
            Assert.That(json["text.div"], Does.Contain("<p>a &lt; b &amp; <b>c</b> é</p>"));
        });
        var back = await XmlAnswer.GetAsync($"Observation/{id}");
        Assert.Multiple(() =>
        {
            Assert.That((back.Status, back.Headers.ETag?.ToString(), back.ContentHeaders.LastModified), Is.EqualTo((HttpStatusCode.OK, json.ETag, json.ContentHeaders.LastModified)));
            Assert.That(back["valueQuantity/value"], Is.EqualTo("1.0200"));
            Assert.That(back["code/text"], Is.EqualTo("line one\nline \"two\""));
            Assert.That(back["meta/versionId"], Is.EqualTo("1"));
            Assert.That(back.Text, Does.Contain("<p>a &lt; b &amp; <b>c</b> é</p>"));
            Assert.That(back.Headers.Vary, Does.Contain("Accept"));
        });
    }

    [TestCase("application/fhir+xml")]
    [TestCase("application/xml")]
    [TestCase("text/xml")]
    [TestCase("application/fhir+xml; fhirVersion=4.0")]
    [TestCase("application/fhir+xml;q=0.9, application/fhir+json;q=0.8")]
    [TestCase("application/fhir+xml, */*")]
    [TestCase("application/fhir+json;q=0, */*")]
    [TestCase("text/html, application/xml;q=0.9, */*;q=0.8")]
    public async Task Whoever_wants_XML_more_gets_it(string accept)
    {
        var patient = await NewPatientAsync();
        Assert.That((await XmlAnswer.GetAsync($"Patient/{patient}", accept))["id"], Is.EqualTo(patient));
    }

    [Test]
    public async Task Everything_that_is_answered_is_answered_in_XML()
    {
        var (patient, _, study) = await NewStudyAsync();
        await PutAsync($"Patient/{patient}", PatientJson(patient, ",\"active\":true"));
        await DeleteAsync($"Consent/{NewId()}");
        foreach (var (path, root) in new[]
        {
            ("metadata", "CapabilityStatement"), ($"Patient/{patient}", "Patient"), ($"Patient/{patient}/_history/1", "Patient"), ($"Patient/{patient}/_history", "Bundle"),
            ($"ImagingStudy?patient={patient}&_include=ImagingStudy:patient&_include=ImagingStudy:endpoint&unknown=1", "Bundle"), ($"ImagingStudy/{study}", "ImagingStudy"),
            ("Patient/never-was", "OperationOutcome"), ("Nothing/x", "OperationOutcome"), ("Patient?birthdate=x", "OperationOutcome"), ("no/such/path/at/all", "OperationOutcome"),
            ($"Patient/{patient}/$everything", "Bundle"), ("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/name-use", "ValueSet"),
        })
        {
            Assert.That((await XmlAnswer.GetAsync(path)).Root!.Name.LocalName, Is.EqualTo(root), path);
            Assert.That((await XmlAnswer.GetAsync(path + (path.Contains('?') ? "&" : "?") + "_format=xml&_pretty=true", "application/fhir+json")).Root!.Name.LocalName, Is.EqualTo(root), path);
        }
        using var form = Bytes(Encoding.ASCII.GetBytes($"patient={patient}&_format=xml"), "application/x-www-form-urlencoded");
        Assert.That((await XmlAnswer.SendAsync(HttpMethod.Post, "ImagingStudy/_search", form)).Root!.Name.LocalName, Is.EqualTo("Bundle"));
    }

    [Test]
    public async Task HEAD_in_XML_has_the_headers_of_GET()
    {
        var patient = await NewPatientAsync();
        var (get, head) = (await XmlAnswer.GetAsync($"Patient/{patient}"), await XmlAnswer.SendAsync(HttpMethod.Head, $"Patient/{patient}", null, ("Accept", "text/xml")));
        Assert.That((head.Status, head.Text, head.ContentHeaders.ContentLength), Is.EqualTo((HttpStatusCode.OK, "", get.ContentHeaders.ContentLength)));
    }

    [TestCase("<Patient xmlns=\"http://hl7.org/fhir\"")]
    [TestCase("{\"resourceType\":\"Patient\"}")]
    [TestCase("")]
    [TestCase("<!DOCTYPE Patient [<!ENTITY x \"y\">]><Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/></Patient>")]
    [TestCase("<!DOCTYPE Patient SYSTEM \"file:///etc/passwd\"><Patient xmlns=\"http://hl7.org/fhir\"><active value=\"true\"/></Patient>")]
    [TestCase("<Patient xmlns=\"http://hl7.org/fhir\"><language value=\"&x;\"/></Patient>")]
    [TestCase("<Patient><active value=\"true\"/></Patient>")]
    [TestCase("<Organization xmlns=\"http://hl7.org/fhir\"><name value=\"x\"/></Organization>")]
    [TestCase("<?xml version=\"1.0\" encoding=\"no-such\"?><Patient xmlns=\"http://hl7.org/fhir\"/>")]
    public async Task What_is_no_XML_of_that_type_is_400(string xml) =>
        Assert.That((await XmlAnswer.SendAsync(HttpMethod.Post, "Patient", xml)).Status, Is.EqualTo(HttpStatusCode.BadRequest));

    [TestCase("<gender value=\"SECRET\"/>", "Patient.gender")]
    [TestCase("<birthDate value=\"SECRET\"/>", "Patient.birthDate")]
    [TestCase("<unknown value=\"SECRET\"/>", "Patient.unknown")]
    [TestCase("<birthDate value=\"2020-01-01\"/><active value=\"true\"/>", "Patient.active")]
    [TestCase("<active value=\"true\"/><active value=\"true\"/>", "Patient.active")]
    [TestCase("<active/>", "Patient.active")]
    [TestCase("SECRET<active value=\"true\"/>", "Patient")]
    [TestCase("<link><type value=\"seealso\"/></link>", "Patient.link")]
    [TestCase("<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\"><script>SECRET</script></div></text>", "Patient.text")]
    public async Task XML_that_breaks_a_rule_is_422_with_the_place_and_without_the_value(string inner, string expression)
    {
        var answer = await XmlAnswer.SendAsync(HttpMethod.Post, "Patient", $"<Patient xmlns=\"http://hl7.org/fhir\">{inner}</Patient>");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        Assert.That(answer["issue/expression"], Does.StartWith(expression));
        Assert.That(answer.Text, Does.Not.Contain("SECRET"));
    }

    [Test]
    public async Task XML_of_any_depth_or_size_is_answered()
    {
        var deep = new StringBuilder("<Patient xmlns=\"http://hl7.org/fhir\">");
        for (var i = 0; i < 50_000; i++)
        {
            deep.Append("<extension url=\"urn:x\">");
        }
        for (var i = 0; i < 50_000; i++)
        {
            deep.Append("</extension>");
        }
        Assert.That((await XmlAnswer.SendAsync(HttpMethod.Post, "Patient", deep.Append("</Patient>").ToString())).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        var large = $"<Patient xmlns=\"http://hl7.org/fhir\"><name><text value=\"{new string('x', 17 << 20)}\"/></name></Patient>";
        Assert.That((await XmlAnswer.SendAsync(HttpMethod.Post, "Patient", large)).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task A_resource_that_says_nothing_but_its_type_is_kept_and_given_in_XML()
    {
        var answer = await XmlAnswer.SendAsync(HttpMethod.Post, "Patient", "<Patient xmlns=\"http://hl7.org/fhir\"/>");
        Assert.That((answer.Status, answer.Root!.Name.LocalName), Is.EqualTo((HttpStatusCode.Created, "Patient")));
    }

    [Test]
    public async Task A_character_that_XML_cannot_hold_is_replaced_and_not_a_failure()
    {
        var id = NewId();
        Assert.That((await PutAsync($"Organization/{id}", $$"""{"resourceType":"Organization","id":"{{id}}","name":"a\u0001b"}""")).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await XmlAnswer.GetAsync($"Organization/{id}"))["name"], Is.EqualTo("a\uFFFDb"));
    }

    [Test]
    public async Task Preferences_are_answered_in_XML_too()
    {
        var id = NewId();
        using var content = Body($"<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"{id}\"/></Patient>", "application/xml");
        var answer = await XmlAnswer.SendAsync(HttpMethod.Put, $"Patient/{id}", content, ("Accept", "text/xml"), ("Prefer", "return=OperationOutcome"));
        Assert.That((answer.Status, answer.Root!.Name.LocalName), Is.EqualTo((HttpStatusCode.Created, "OperationOutcome")));
    }

    [Test]
    public async Task Pretty_is_the_same_with_line_breaks()
    {
        var patient = await NewPatientAsync(""","name":[{"family":"Åb\"c","given":["x","y"]}],"multipleBirthInteger":2""");
        var (plain, pretty) = (await GetAsync($"Patient/{patient}"), await GetAsync($"Patient/{patient}?_pretty=true"));
        Assert.That(pretty.Text, Does.Contain("\n  \"id\""));
        Assert.That(pretty.Json!.ToJsonString(), Is.EqualTo(plain.Json!.ToJsonString()));
        Assert.That(pretty.ETag, Is.EqualTo(plain.ETag));
    }
}
