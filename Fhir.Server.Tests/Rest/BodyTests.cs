using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>Bodies as no client should send them. https://hl7.org/fhir/R4/http.html#create, https://hl7.org/fhir/R4/json.html</summary>
[TestFixture]
public sealed class BodyTests : RestTests
{
    private static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];

    private static async Task<Answer> SendBytesAsync(byte[] bytes, string type = "Patient", string? id = null)
    {
        using var content = Bytes(bytes);
        return await SendAsync(Phr.Client, id is null ? HttpMethod.Post : HttpMethod.Put, id is null ? type : $"{type}/{id}", content);
    }

    private static Task<Answer> SendTextAsync(string text) => SendBytesAsync(Encoding.UTF8.GetBytes(text));

    [TestCase("")]
    [TestCase("   ")]
    [TestCase("not json")]
    [TestCase("<Patient xmlns=\"http://hl7.org/fhir\"/>")]
    [TestCase("{")]
    [TestCase("{\"resourceType\":\"Patient\"")]
    [TestCase("{\"resourceType\":\"Patient\",\"active\":tru}")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"x\"}")]
    [TestCase("{\"resourceType\":\"Patient\",}")]
    [TestCase("{\"resourceType\":\"Patient\"} x")]
    [TestCase("{\"resourceType\":\"Patient\"}{\"resourceType\":\"Patient\"}")]
    [TestCase("{\"resourceType\":\"Patient\"},")]
    [TestCase("[{\"resourceType\":\"Patient\"}]")]
    [TestCase("null")]
    [TestCase("\"Patient\"")]
    [TestCase("42")]
    [TestCase("// Patient\n{\"resourceType\":\"Patient\"}")]
    [TestCase("{}")]
    [TestCase("{\"id\":\"x\"}")]
    [TestCase("{\"resourceType\":null}")]
    [TestCase("{\"resourceType\":7}")]
    [TestCase("{\"resourceType\":\"Organization\",\"name\":\"x\"}")]
    [TestCase("{\"resourceType\":\"patient\"}")]
    [TestCase("{\"resourceType\":\"Nonsense\"}")]
    [TestCase("{\"resourceType\":\"Resource\"}")]
    public async Task What_is_no_JSON_object_of_the_type_in_the_address_is_400(string body) =>
        Assert.That((await SendTextAsync(body)).Status, Is.EqualTo(HttpStatusCode.BadRequest));

    [TestCase("{\"resourceType\":\"Patient\",\"birthDate\":\"SECRET\"}", "Patient.birthDate")]
    [TestCase("{\"resourceType\":\"Patient\",\"birthDate\":19700101}", "Patient.birthDate")]
    [TestCase("{\"resourceType\":\"Patient\",\"gender\":\"SECRET\"}", "Patient.gender")]
    [TestCase("{\"resourceType\":\"Patient\",\"gender\":[\"female\"]}", "Patient.gender")]
    [TestCase("{\"resourceType\":\"Patient\",\"active\":\"SECRET\"}", "Patient.active")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":{\"family\":\"SECRET\"}}", "Patient.name")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":[]}", "Patient.name")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":[{}]}", "Patient.name")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\"}]}", "Patient.name")]
    [TestCase("{\"resourceType\":\"Patient\",\"unknown\":\"SECRET\"}", "Patient")]
    [TestCase("{\"resourceType\":\"Patient\",\"gender\":null}", "Patient.gender")]
    [TestCase("{\"resourceType\":\"Patient\",\"contact\":[{\"SECRETs\":1}]}", "Patient.contact")]
    [TestCase("{\"resourceType\":\"Patient\",\"link\":[{\"type\":\"seealso\"}]}", "Patient.link")]
    [TestCase("{\"resourceType\":\"Patient\",\"deceasedBoolean\":true,\"deceasedDateTime\":\"2020\"}", "Patient")]
    [TestCase("{\"resourceType\":\"Patient\",\"text\":{\"status\":\"generated\",\"div\":\"<div xmlns='http://www.w3.org/1999/xhtml'><script>SECRET()</script></div>\"}}", "Patient.text")]
    [TestCase("{\"resourceType\":\"Patient\",\"photo\":[{\"data\":\"SECRET!\"}]}", "Patient.photo")]
    [TestCase("{\"resourceType\":\"Patient\",\"id\":\"SECRET SECRET\"}", "Patient.id")]
    [TestCase("{\"resourceType\":\"Patient\",\"id\":{\"a\":\"SECRET\"}}", "Patient.id")]
    public async Task A_broken_rule_is_422_with_its_place_and_without_the_value(string body, string expression)
    {
        var answer = await SendTextAsync(body);
        Assert.Multiple(() =>
        {
            Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
            Assert.That(answer["issue.0.expression.0"], Does.StartWith(expression));
            Assert.That(answer.Text, Does.Not.Contain("SECRET\"").And.Not.Contain("SECRET!").And.Not.Contain("SECRET(").And.Not.Contain("SECRET SECRET"));
        });
    }

    [Test]
    public async Task Every_fault_is_told_at_once()
    {
        var answer = await SendTextAsync("""{"resourceType":"Patient","birthDate":"x","gender":"y","active":"z"}""");
        Assert.That(answer.Json!["issue"]!.AsArray(), Has.Count.GreaterThanOrEqualTo(3));
    }

    [TestCase("ImagingStudy", "{\"resourceType\":\"ImagingStudy\",\"status\":\"available\"}", "ImagingStudy")]
    [TestCase("Consent", "{\"resourceType\":\"Consent\",\"patient\":{\"reference\":\"Patient/x\"}}", "Consent")]
    [TestCase("Endpoint", "{\"resourceType\":\"Endpoint\",\"status\":\"active\"}", "Endpoint")]
    public async Task What_a_type_needs_must_be_there(string type, string body, string expression)
    {
        var answer = await PostAsync(type, body);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(answer["issue.0.expression.0"], Does.StartWith(expression));
    }

    [TestCase("{\"resourceType\":\"Patient\",\"gender\":\"male\",\"gender\":\"female\"}")]
    [TestCase("{\"resourceType\":\"Patient\",\"id\":\"{0}\",\"id\":\"other\"}")]
    [TestCase("{\"resourceType\":\"Patient\",\"resourceType\":\"Patient\"}")]
    [TestCase("{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"a\",\"family\":\"b\"}]}")]
    [TestCase("{\"resourceType\":\"Patient\",\"g\\u0065nder\":\"male\",\"gender\":\"female\"}")]
    public async Task A_member_that_stands_twice_is_400_since_readers_differ_about_which_counts(string body) =>
        Assert.That((await SendTextAsync(body)).Status, Is.EqualTo(HttpStatusCode.BadRequest));

    [Test]
    public async Task A_byte_order_mark_is_skipped()
    {
        var id = NewId();
        Assert.That((await SendBytesAsync([.. Bom, .. Encoding.UTF8.GetBytes(PatientJson(id))], id: id)).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await SendBytesAsync([.. Bom, .. Bom, .. Encoding.UTF8.GetBytes(PatientJson(id))], id: id)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await SendBytesAsync(Bom)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Bytes_that_are_no_UTF_8_are_400()
    {
        foreach (var bad in new byte[][] { [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80] })
        {
            byte[] family = [.. """{"resourceType":"Patient","name":[{"family":"x"""u8, .. bad, .. "\"}]}"u8];
            Assert.That((await SendBytesAsync(family)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
            byte[] member = [.. """{"resourceType":"Patient","x"""u8, .. bad, .. "\":1}"u8];
            Assert.That((await SendBytesAsync(member)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        }
        Assert.That((await SendBytesAsync(Encoding.Unicode.GetBytes(PatientJson("x")))).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase("\\ud800")]
    [TestCase("\\udc00\\ud800")]
    [TestCase("x\\ud800y")]
    public async Task Half_a_surrogate_pair_is_400(string text)
    {
        Assert.That((await SendTextAsync($$"""{"resourceType":"Patient","name":[{"family":"{{text}}"}]}""")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await SendTextAsync($$"""{"resourceType":"Patient","{{text}}":1}""")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Deep_nesting_is_refused_and_not_a_fault()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"url":"u","extension":[""", 5000));
        Assert.That((int)(await SendTextAsync($$"""{"resourceType":"Patient","extension":[{{deep}}""")).Status, Is.EqualTo(400));
        var closed = string.Concat(Enumerable.Repeat("{\"url\":\"urn:u\",\"extension\":[", 100)) + "{\"url\":\"urn:u\",\"valueBoolean\":true}" + string.Concat(Enumerable.Repeat("]}", 100));
        Assert.That((int)(await SendTextAsync($$"""{"resourceType":"Patient","extension":[{{closed}}]}""")).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task A_resource_of_more_than_16_MiB_is_413_with_and_without_a_length()
    {
        var big = new byte[(16 << 20) + 1];
        Array.Fill(big, (byte)' ');
        using (var content = Bytes(big))
        {
            Assert.That((await SendAsync(Phr.Client, HttpMethod.Post, "Patient", content)).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        }
        using var chunked = new StreamContent(new MemoryStream(big));
        chunked.Headers.ContentType = new("application/fhir+json");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fhir/Patient") { Content = chunked };
        request.Headers.TransferEncodingChunked = true;
        using var response = await Phr.Client.SendAsync(request);
        Assert.That((await Answer.ReadAsync(response)).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    [Test]
    public async Task A_resource_of_many_megabytes_that_is_allowed_comes_back_whole()
    {
        var id = NewId();
        var data = Convert.ToBase64String(new byte[6 << 20]);
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id, $",\"photo\":[{{\"data\":\"{data}\"}}]"))).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await GetAsync($"Patient/{id}"))["photo.0.data"], Is.EqualTo(data));
    }

    [Test]
    public async Task What_is_strange_but_allowed_comes_back_as_it_was()
    {
        var id = NewId();
        var further = """
            ,"meta":{"id":"m1","extension":[{"url":"urn:x","valueMeta":{"versionId":"0","lastUpdated":"1970-01-01T00:00:00+00:00"}}],"source":"urn:src","profile":["urn:p|1"],"tag":[{"system":"urn:t","code":"\u00e9\ud83d\ude00<&>'"}]},
            "implicitRules":"urn:rules","language":"de","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">Zo\u00eb &amp; ev\u00e8</div>"},
            "contained":[{"resourceType":"Organization","id":"o","name":"内"}],
            "extension":[{"url":"urn:e","valueDecimal":1.10}],
            "_birthDate":{"extension":[{"url":"urn:unknown","valueCode":"x"}]},
            "name":[{"family":"O'Neill\"\\/","given":["\u65e5\u672c",null],"_given":[null,{"extension":[{"url":"urn:z","valueString":"zzz"}]}]}],
            "managingOrganization":{"reference":"#o"}
            """;
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id, further))).Status, Is.EqualTo(HttpStatusCode.Created));
        var answer = await GetAsync($"Patient/{id}");
        Assert.Multiple(() =>
        {
            Assert.That(answer["id"], Is.EqualTo(id));
            Assert.That(answer["meta.versionId"], Is.EqualTo("1"));
            Assert.That(answer["meta.lastUpdated"], Does.StartWith("20"));
            Assert.That(answer["meta.extension.0.valueMeta.versionId"], Is.EqualTo("0"));
            Assert.That(answer["meta.tag.0.code"], Is.EqualTo("é😀<&>'"));
            Assert.That(answer["meta.source"], Is.EqualTo("urn:src"));
            Assert.That(answer["name.0.family"], Is.EqualTo("O'Neill\"\\/"));
            Assert.That(answer["name.0._given.1.extension.0.valueString"], Is.EqualTo("zzz"));
            Assert.That(answer["_birthDate.extension.0.valueCode"], Is.EqualTo("x"));
            Assert.That(answer["contained.0.name"], Is.EqualTo("内"));
            Assert.That(answer["extension.0.valueDecimal"], Is.EqualTo("1.10"));
            Assert.That(answer["text.div"], Does.Contain("Zoë"));
        });
        var again = await PutAsync($"Patient/{id}", answer.Text);
        Assert.That((again.Status, again.ETag), Is.EqualTo((HttpStatusCode.OK, "W/\"1\"")), "what was read is what is kept");
        Assert.That((await GetAsync($"Patient?_id={id}&_tag=urn:t|")).Ids(), Is.EqualTo(new[] { id }));
    }

    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueDecimal\":1e999}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueDecimal\":1234567890123456789012345678901234567890.12345678901234567890}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueInteger\":99999999999999999999}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueInteger\":1.5}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valuePositiveInt\":0}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueInstant\":\"9999-12-31T23:59:60.999999999Z\"}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueNonsense\":1}]")]
    [TestCase("\"extension\":[{\"url\":\"urn:x\",\"valueString\":\"\\u0000\"}]")]
    [TestCase("\"birthDate\":\"0000-01-01\"")]
    [TestCase("\"birthDate\":\"9999-12-31\"")]
    [TestCase("\"birthDate\":\"2023-02-29\"")]
    [TestCase("\"managingOrganization\":{\"reference\":\"http://[bad\"}")]
    [TestCase("\"managingOrganization\":{\"reference\":\"Organization/\"}")]
    [TestCase("\"managingOrganization\":{\"reference\":\"#nowhere\"}")]
    [TestCase("\"telecom\":[{\"system\":\"phone\"}]")]
    [TestCase("\"identifier\":[{\"period\":{\"start\":\"2030\",\"end\":\"2020\"}}]")]
    [TestCase("\"contained\":[{\"resourceType\":\"Patient\",\"contained\":[{\"resourceType\":\"Patient\"}]}]")]
    [TestCase("\"contained\":[{\"resourceType\":\"DomainResource\",\"id\":\"x\"}]")]
    [TestCase("\"contained\":[{\"id\":\"x\"}]")]
    [TestCase("\"contained\":[null]")]
    [TestCase("\"meta\":[]")]
    [TestCase("\"meta\":{}")]
    [TestCase("\"meta\":{\"versionId\":\"not an id\"}")]
    [TestCase("\"_id\":null")]
    [TestCase("\"\":1")]
    [TestCase("\"_\":1")]
    public async Task Odd_values_are_taken_or_refused_but_never_a_fault(string member)
    {
        var id = NewId();
        var answer = await PutAsync($"Patient/{id}", PatientJson(id, "," + member));
        Assert.That((int)answer.Status, Is.AnyOf(201, 400, 422));
        if (answer.Status == HttpStatusCode.Created)
        {
            Assert.That((await PutAsync($"Patient/{id}", (await GetAsync($"Patient/{id}")).Text)).ETag, Is.EqualTo("W/\"1\""));
        }
    }

    [Test]
    public async Task The_type_may_stand_anywhere_and_an_empty_patient_is_one()
    {
        var id = NewId();
        Assert.That((await PutAsync($"Patient/{id}", $$"""{"id":"{{id}}","active":true,"resourceType":"Patient"}""")).Status, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await SendTextAsync("""{"resourceType":"Patient"}""")).Status, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task A_subset_cannot_be_written_back_over_the_whole()
    {
        var id = await NewPatientAsync();
        var subset = PatientJson(id, ""","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}""");
        var answer = await PutAsync($"Patient/{id}", subset);
        Assert.That((answer.Status, answer["issue.0.expression.0"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "Patient.meta.tag")));
    }

    [TestCase("""{"resourceType":"Patient"}""")]
    [TestCase("1")]
    [TestCase("null")]
    public async Task Contained_resources_that_are_no_list_are_a_fault_of_the_body(string contained)
    {
        var answer = await PostAsync("Patient", $$"""{"resourceType":"Patient","contained":{{contained}} }""");
        Assert.That((answer.Status, answer["resourceType"]), Is.EqualTo((HttpStatusCode.UnprocessableEntity, "OperationOutcome")));
    }

    [TestCase(150, HttpStatusCode.Created)]
    [TestCase(300, HttpStatusCode.BadRequest)]
    public async Task A_narrative_is_not_nested_without_end(int depth, HttpStatusCode status)
    {
        var inner = string.Concat(Enumerable.Repeat("<b>", depth)) + "x<br/>" + string.Concat(Enumerable.Repeat("</b>", depth));
        var answer = await PostAsync("Patient", $$"""{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">{{inner}}</div>"} }""");
        Assert.That(answer.Status, Is.EqualTo(status), answer.Text);
    }
}
