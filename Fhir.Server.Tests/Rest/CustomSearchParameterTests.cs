using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;
using static Fhir.Server.Tests.Rest.Definitions;

namespace Fhir.Server.Tests.Rest;

/// <summary>SearchParameters of a store's own. https://hl7.org/fhir/R4/searchparameter.html</summary>
[TestFixture]
public sealed class CustomSearchParameterTests
{
    private PhrServer phr = null!;

    [SetUp]
    public async Task StartAsync()
    {
        phr = PhrServer.Start();
        await PutAsync("Patient/a", """{"resourceType":"Patient","id":"a","name":[{"family":"Aal"}]}""");
    }

    [TearDown]
    public async Task StopAsync() => await phr.DisposeAsync();

    private Task<Answer> SendAsync(HttpMethod method, string path, string? json = null, params (string, string)[] headers) =>
        RestTests.SendAsync(phr.Client, method, path, json is null ? null : RestTests.Body(json), headers);

    private Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null, ("Prefer", "handling=strict"));

    private async Task<Answer> PutAsync(string path, string json)
    {
        var answer = await SendAsync(HttpMethod.Put, path, json);
        Assert.That(answer.Status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK), answer.Text);
        return answer;
    }

    private Task<Answer> DefineAsync(JsonObject definition) => PutAsync($"SearchParameter/{definition["id"]}", definition.ToJsonString());

    private Task<Answer> DefineAsync(string id, string type, string code, string kind, string expression, string status = "active") =>
        DefineAsync(Definition(id, type, code, kind, expression, status));

    private async Task<List<string?>> FindAsync(string query)
    {
        var answer = await GetAsync(query);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        return answer.Ids();
    }

    private async Task ReindexAsync(string path)
    {
        var begun = await SendAsync(HttpMethod.Post, path, null, ("Prefer", "respond-async"));
        Assert.That(begun.Status, Is.EqualTo(HttpStatusCode.Accepted));
        for (var i = 0; i < 200; i++)
        {
            using var answer = await phr.Client.GetAsync(begun.ContentHeaders.ContentLocation!.AbsolutePath);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                return;
            }
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            await Task.Delay(50);
        }
        throw new AssertionException("The job does not end.");
    }

    private Task<Answer> PersonAsync(string id, string further) => PutAsync($"Patient/{id}", $$"""{"resourceType":"Patient","id":"{{id}}",{{further}}}""");

    private Task<Answer> ObservationAsync(string id, string further) => PutAsync(
        $"Observation/{id}",
        $$"""{"resourceType":"Observation","id":"{{id}}","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a"},{{further}}}""");

    [Test]
    public async Task What_is_written_after_it_is_found_at_once_and_what_was_there_before_after_a_reindex()
    {
        await PersonAsync("old", """ "maritalStatus":{"coding":[{"code":"M"}]} """);
        await PersonAsync("one", """ "maritalStatus":{"coding":[{"code":"M"}]} """);
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus");
        await PersonAsync("new", """ "maritalStatus":{"coding":[{"code":"M"}]} """);
        Assert.That(await FindAsync("Patient?marital=M"), Is.EqualTo(["new"]));
        Assert.That((await SendAsync(HttpMethod.Post, "Patient/one/$reindex")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await FindAsync("Patient?marital=M&_sort=_id"), Is.EqualTo(["new", "one"]));
        await ReindexAsync("Patient/$reindex");
        Assert.That(await FindAsync("Patient?marital=M&_sort=_id"), Is.EqualTo(["new", "old", "one"]));
        Assert.That(await FindAsync("Patient?marital:missing=true"), Is.EqualTo(["a"]));
        Assert.That(await FindAsync("Patient?marital:not=M"), Is.EqualTo(["a"]));
    }

    [Test]
    public async Task Every_kind_is_searched_with_its_modifiers_and_prefixes_and_sorted()
    {
        await DefineAsync("s", "Patient", "suffix", "string", "Patient.name.suffix");
        await DefineAsync("d", "Patient", "named-since", "date", "Patient.name.period");
        await DefineAsync("n", "Patient", "birth-order", "number", "Patient.multipleBirth as integer");
        await DefineAsync("q", "Observation", "reference-low", "quantity", "Observation.referenceRange.low");
        await DefineAsync("u", "Observation", "instantiates", "uri", "Observation.code.coding.system");
        await PersonAsync("x", """ "multipleBirthInteger":2,"name":[{"suffix":["Junior"],"period":{"start":"2020-01-01","end":"2020-12-31"}}] """);
        await PersonAsync("y", """ "multipleBirthInteger":3,"name":[{"suffix":["Senior"],"period":{"start":"2022-01-01","end":"2022-12-31"}}] """);
        await ObservationAsync("o", """ "referenceRange":[{"low":{"value":5,"system":"http://unitsofmeasure.org","code":"g"}}] """);
        Assert.That(await FindAsync("Patient?suffix=jun"), Is.EqualTo(["x"]));
        Assert.That(await FindAsync("Patient?suffix:exact=jun"), Is.Empty);
        Assert.That(await FindAsync("Patient?suffix:contains=nior&_sort=-suffix"), Is.EqualTo(["y", "x"]));
        Assert.That(await FindAsync("Patient?named-since=gt2021"), Is.EqualTo(["y"]));
        Assert.That(await FindAsync("Patient?named-since:missing=false&_sort=named-since"), Is.EqualTo(["x", "y"]));
        Assert.That(await FindAsync("Patient?birth-order=lt3"), Is.EqualTo(["x"]));
        Assert.That(await FindAsync("Patient?birth-order=gt0&_sort=-birth-order"), Is.EqualTo(["y", "x"]));
        Assert.That(await FindAsync("Observation?reference-low=ge5000|http://unitsofmeasure.org|mg"), Is.EqualTo(["o"]));
        Assert.That(await FindAsync("Observation?instantiates=http://loinc.org"), Is.Empty);
    }

    [Test]
    public async Task A_reference_is_followed_forwards_backwards_and_included()
    {
        var definition = Definition("by", "Observation", "measured-by", "reference", "Observation.performer.where(resolve() is Organization)");
        definition["target"] = new JsonArray("Organization");
        await DefineAsync(definition);
        await DefineAsync("alias", "Organization", "nickname", "string", "Organization.alias");
        await PutAsync("Organization/lab", """{"resourceType":"Organization","id":"lab","name":"Lab","alias":["Glass"]}""");
        await ObservationAsync("o", """ "performer":[{"reference":"Organization/lab"}] """);
        await ObservationAsync("other", """ "performer":[{"reference":"Patient/a"}] """);
        Assert.That(await FindAsync("Observation?measured-by=Organization/lab"), Is.EqualTo(["o"]));
        Assert.That(await FindAsync("Observation?measured-by.nickname=glass"), Is.EqualTo(["o"]));
        Assert.That(await FindAsync("Observation?measured-by:Organization.name=lab"), Is.EqualTo(["o"]));
        Assert.That(await FindAsync("Organization?_has:Observation:measured-by:_id=o"), Is.EqualTo(["lab"]));
        Assert.That((await GetAsync("Observation?_id=o&_include=Observation:measured-by")).Ids("include"), Is.EqualTo(["lab"]));
        Assert.That((await GetAsync("Organization?_id=lab&_revinclude=Observation:measured-by")).Ids("include"), Is.EqualTo(["o"]));
        Assert.That(await FindAsync("Observation?measured-by:missing=false&_sort=measured-by.nickname"), Is.EqualTo(["o"]));
    }

    [Test]
    public async Task What_is_out_of_force_is_not_included_by_a_star()
    {
        await DefineAsync("employer", "Patient", "employer", "reference", "Patient.contact.organization");
        await PutAsync("Organization/lab", """{"resourceType":"Organization","id":"lab","name":"Lab"}""");
        await PersonAsync("x", """ "contact":[{"organization":{"reference":"Organization/lab"}}] """);
        Assert.That((await GetAsync("Patient?_id=x&_include=Patient:*")).Ids("include"), Is.EqualTo(["lab"]));
        Assert.That((await GetAsync("Organization?_id=lab&_revinclude=Patient:*")).Ids("include"), Is.EqualTo(["x"]));
        await SendAsync(HttpMethod.Delete, "SearchParameter/employer");
        Assert.That((await GetAsync("Patient?_id=x&_include=Patient:*")).Ids("include"), Is.Empty);
        Assert.That((await GetAsync("Organization?_id=lab&_revinclude=Patient:*")).Ids("include"), Is.Empty);
    }

    [Test]
    public async Task A_composite_joins_standard_and_custom_components_of_one_element()
    {
        await DefineAsync("system", "Patient", "telecom-use", "token", "Patient.telecom.use");
        var composite = Definition("pair", "Patient", "use-name", "composite", "Patient.contact");
        composite["component"] = new JsonArray(
            new JsonObject { ["definition"] = Url("system"), ["expression"] = "telecom.use" },
            new JsonObject { ["definition"] = "http://hl7.org/fhir/SearchParameter/individual-family", ["expression"] = "name.family" });
        await DefineAsync(composite);
        await PersonAsync("x", """ "contact":[{"name":{"family":"Bern"},"telecom":[{"value":"1","use":"home"}]},{"name":{"family":"Chur"},"telecom":[{"value":"2","use":"work"}]}] """);
        Assert.That(await FindAsync("Patient?use-name=home$bern"), Is.EqualTo(["x"]));
        Assert.That(await FindAsync("Patient?use-name=home$chur"), Is.Empty);
        // What it is made of goes, and with it the composite; it comes back with it.
        await SendAsync(HttpMethod.Delete, "SearchParameter/system");
        Assert.That((await GetAsync("Patient?use-name=home$bern")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await DefineAsync("system", "Patient", "telecom-use", "token", "Patient.telecom.use");
        Assert.That(await FindAsync("Patient?use-name=home$bern"), Is.EqualTo(["x"]));
        await phr.RestartAsync();
        Assert.That(await FindAsync("Patient?use-name=home$bern"), Is.EqualTo(["x"]));
    }

    [Test]
    public async Task It_is_there_after_a_restart_and_gone_when_retired_or_deleted()
    {
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus");
        await PersonAsync("x", """ "maritalStatus":{"coding":[{"code":"M"}]} """);
        await phr.RestartAsync();
        Assert.That(await FindAsync("Patient?marital=M"), Is.EqualTo(["x"]));
        await PersonAsync("y", """ "maritalStatus":{"coding":[{"code":"M"}]} """);
        Assert.That(await FindAsync("Patient?marital=M&_sort=_id"), Is.EqualTo(["x", "y"]));
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus", "retired");
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus");
        Assert.That(await FindAsync("Patient?marital=M&_sort=_id"), Is.EqualTo(["x", "y"]));
        await SendAsync(HttpMethod.Delete, "SearchParameter/marital");
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await phr.RestartAsync();
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task A_draft_is_only_stored_and_a_patch_puts_it_in_force()
    {
        await DefineAsync("marital", "Patient", "birthdate", "token", "Patient.nothing", "draft");
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus", "draft");
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        using var body = RestTests.Body("""[{"op":"replace","path":"/status","value":"active"}]""", "application/json-patch+json");
        Assert.That((await RestTests.SendAsync(phr.Client, HttpMethod.Patch, "SearchParameter/marital", body)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await FindAsync("Patient?marital=M"), Is.Empty);
    }

    [Test]
    public async Task The_capability_statement_claims_it_where_it_is_answered()
    {
        var before = await GetAsync("metadata");
        Assert.That(before.Text, Does.Not.Contain(Url("marital")));
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus");
        var wide = Definition("every", "DomainResource", "source-language", "token", "DomainResource.language");
        wide["base"] = new JsonArray("Resource");
        wide["expression"] = "Resource.language";
        await DefineAsync(wide);
        using var restricted = phr.As(Reach.Of(new ReachedRecord("a")));
        foreach (var client in new[] { phr.Client, restricted })
        {
            var statement = await RestTests.SendAsync(client, HttpMethod.Get, "metadata", null);
            var types = statement.Json!["rest"]![0]!["resource"]!.AsArray();
            var claimed = types.Where(type => type!["searchParam"]!.AsArray().Any(one => Answer.At(one, "definition") == Url("marital"))).Select(type => Answer.At(type, "type"));
            Assert.That(claimed, Is.EqualTo(["Patient"]));
            Assert.That(types.All(type => type!["searchParam"]!.AsArray().Any(one => Answer.At(one, "definition") == Url("every"))));
        }
        Assert.That(await FindAsync("Patient?source-language=de"), Is.Empty);
        Assert.That((await GetAsync("ImagingStudy?source-language:missing=true")).Status, Is.EqualTo(HttpStatusCode.OK));
        await SendAsync(HttpMethod.Delete, "SearchParameter/every");
        Assert.That((await GetAsync("metadata")).Text, Does.Contain(Url("marital")).And.Not.Contain(Url("every")));
    }

    [Test]
    public async Task A_transaction_that_defines_it_has_its_resources_indexed_by_it()
    {
        var entries = string.Join(',', new[]
        {
            ("Patient/x", """{"resourceType":"Patient","id":"x","maritalStatus":{"coding":[{"code":"M"}]}}"""),
            ("SearchParameter/marital", Definition("marital", "Patient", "marital", "token", "Patient.maritalStatus").ToJsonString()),
        }.Select(one => $$$"""{"resource":{{{one.Item2}}},"request":{"method":"PUT","url":"{{{one.Item1}}}"}}"""));
        var answer = await SendAsync(HttpMethod.Post, "/fhir", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(await FindAsync("Patient?marital=M"), Is.EqualTo(["x"]));
    }

    [Test]
    public async Task A_transaction_whose_definition_cannot_be_in_force_writes_nothing()
    {
        var entries = string.Join(',', new[]
        {
            ("Patient/x", """{"resourceType":"Patient","id":"x"}"""),
            ("SearchParameter/one", Definition("one", "Patient", "marital", "token", "Patient.maritalStatus").ToJsonString()),
            ("SearchParameter/two", Definition("two", "Patient", "marital", "token", "Patient.gender").ToJsonString()),
        }.Select(one => $$$"""{"resource":{{{one.Item2}}},"request":{"method":"PUT","url":"{{{one.Item1}}}"}}"""));
        var answer = await SendAsync(HttpMethod.Post, "/fhir", $$"""{"resourceType":"Bundle","type":"transaction","entry":[{{entries}}]}""");
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        Assert.That(answer.Text, Does.Contain("entry[2]"));
        Assert.That((await GetAsync("Patient/x")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task What_fails_on_a_resource_keeps_nobody_from_writing_it()
    {
        await DefineAsync("only", "Patient", "only-family", "string", "Patient.name.single().family");
        await PersonAsync("x", """ "name":[{"family":"Bern"}] """);
        await PersonAsync("y", """ "name":[{"family":"Bern"},{"family":"Chur"}] """);
        Assert.That(await FindAsync("Patient?only-family=bern"), Is.EqualTo(["x"]));
    }

    [Test]
    public async Task Who_does_not_see_everything_defines_nothing()
    {
        using var restricted = phr.As(Reach.Of(new ReachedRecord("a")));
        var definition = Definition("marital", "Patient", "marital", "token", "Patient.maritalStatus").ToJsonString();
        var created = await RestTests.SendAsync(restricted, HttpMethod.Post, "SearchParameter", RestTests.Body(definition));
        Assert.That(created.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync("Patient?marital=M")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        await DefineAsync("marital", "Patient", "marital", "token", "Patient.maritalStatus");
        var deleted = await RestTests.SendAsync(restricted, HttpMethod.Delete, "SearchParameter/marital", null);
        Assert.That((int)deleted.Status, Is.InRange(200, 204));
        Assert.That(await FindAsync("Patient?marital=M"), Is.Empty);
    }

    [Test]
    public async Task A_hidden_series_gives_no_hit()
    {
        await DefineAsync("sd", "ImagingStudy", "series-description", "string", "ImagingStudy.series.description");
        var pair = Definition("pair", "ImagingStudy", "part-of", "composite", "ImagingStudy.series");
        pair["component"] = new JsonArray(
            new JsonObject { ["definition"] = Url("sd"), ["expression"] = "description" },
            new JsonObject { ["definition"] = "http://hl7.org/fhir/SearchParameter/ImagingStudy-modality", ["expression"] = "modality" });
        await DefineAsync(pair);
        await PutAsync("ImagingStudy/s", """
            {"resourceType":"ImagingStudy","id":"s","identifier":[{"system":"urn:dicom:uid","value":"urn:oid:2.25.7"}],"status":"available","subject":{"reference":"Patient/a"},"series":[
            {"uid":"2.25.71","modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"CT"},"description":"shown"},
            {"uid":"2.25.72","modality":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"MR"},"description":"hidden"}]}
            """);
        using var whole = phr.As(Reach.Of(new ReachedRecord("a")));
        using var part = phr.As(Reach.Of(new ReachedRecord("a", [new ReachedStudy("2.25.7", ["2.25.71"])])));
        foreach (var (query, shows) in new[]
        {
            ("series-description=shown", true), ("series-description=hidden", false), ("series-description:contains=idde", false), ("part-of=shown$CT", true),
            ("part-of=hidden$MR", false), ("part-of=shown$MR", false),
        })
        {
            Assert.That(await CountAsync(part, query), Is.EqualTo(shows ? 1 : 0), query);
            Assert.That(await CountAsync(whole, query), Is.EqualTo(query == "part-of=shown$MR" ? 0 : 1), query);
        }
        Assert.That(await CountAsync(part, "series-description:missing=true"), Is.Zero);
    }

    private static async Task<int> CountAsync(HttpClient client, string query)
    {
        var answer = await RestTests.SendAsync(client, HttpMethod.Get, $"ImagingStudy?{query}&_total=accurate", null, ("Prefer", "handling=strict"));
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.OK), answer.Text);
        Assert.That(answer["total"], Is.EqualTo($"{answer.Ids().Count}"));
        return answer.Ids().Count;
    }
}
