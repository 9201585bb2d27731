using System.Net;
using System.Text.Json.Nodes;
using Fhir.Server.Access;

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

    private static string Url(string id) => "http://example.org/SearchParameter/" + id;

    private static JsonObject Definition(string id, string type, string code, string kind, string expression, string status = "active") => new()
    {
        ["resourceType"] = "SearchParameter", ["id"] = id, ["url"] = Url(id), ["name"] = "N" + id.Replace('-', 'x'), ["status"] = status, ["description"] = "For a test",
        ["code"] = code, ["base"] = new JsonArray(type), ["type"] = kind, ["expression"] = expression,
    };

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

    private static IEnumerable<TestCaseData> Refused()
    {
        static TestCaseData Case(string name, string expression, Action<JsonObject> change) => new TestCaseData(expression, change).SetName("{m}: " + name);
        yield return Case("no expression", "SearchParameter.expression", one => one.Remove("expression"));
        yield return Case("a code of R4", "SearchParameter.code", one => one["code"] = "gender");
        yield return Case("a code of every resource", "SearchParameter.code", one => one["code"] = "_tag");
        yield return Case("a code R4 has and this server does not answer", "SearchParameter.code", one => one["code"] = "_text");
        yield return Case("another's code", "SearchParameter.code", one => one["code"] = "taken");
        yield return Case("another's address", "SearchParameter.url", one => one["url"] = Url("taken"));
        yield return Case("a code with a dot", "SearchParameter.code", one => one["code"] = "a.b");
        yield return Case("a code with a colon", "SearchParameter.code", one => one["code"] = "a:b");
        yield return Case("the code of a patient", "SearchParameter.code", one => one["code"] = "patient");
        yield return Case("not FHIRPath", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.where(");
        yield return Case("an unknown function", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.frobnicate()");
        yield return Case("an unknown element", "SearchParameter.expression", one => one["expression"] = "Patient.marital");
        yield return Case("an expression of another type", "SearchParameter.expression", one => one["expression"] = "Observation.code");
        yield return Case("an element of another kind", "SearchParameter.expression", one => one["expression"] = "Patient.name");
        yield return Case("another resource", "SearchParameter.expression", one => one["expression"] = "Patient.generalPractitioner.resolve().identifier");
        yield return Case("everything", "SearchParameter.expression", one => one["expression"] = "Patient.descendants().ofType(Coding)");
        yield return Case("a variable", "SearchParameter.expression", one => one["expression"] = "Patient.maritalStatus.where(%resource.active)");
        yield return Case("special", "SearchParameter.type", one => one["type"] = "special");
        yield return Case("a composite of nothing", "SearchParameter.component", one => one["type"] = "composite");
        yield return Case("an unknown component", "SearchParameter.component[1].definition", one =>
        {
            (one["type"], one["expression"]) = ("composite", "Patient.contact");
            one["component"] = new JsonArray(
                new JsonObject { ["definition"] = "http://hl7.org/fhir/SearchParameter/individual-family", ["expression"] = "name.family" },
                new JsonObject { ["definition"] = "http://example.org/nothing", ["expression"] = "telecom" });
        });
        foreach (var expression in new[]
        {
            "ImagingStudy.where(series.exists()).description", "(ImagingStudy.series.description)", "ImagingStudy.series.first().description", "ImagingStudy.series[0].description",
            "ImagingStudy.descendants()", "ImagingStudy.children().description", "ImagingStudy.series.count()", "ImagingStudy.numberOfSeries.toString()",
            "ImagingStudy.modality", "ImagingStudy.iif(series.description = 'x', 'y')", "series.description", "ImagingStudy.series.where(%resource.series.description = 'x').description",
            "ImagingStudy.`series`.description", "ImagingStudy.series.uid | ImagingStudy.series.last().uid", "ImagingStudy.procedureCode.where(%context.series.exists())",
        })
        {
            yield return Case(expression, "SearchParameter.expression", one => (one["base"], one["expression"]) = (new JsonArray("ImagingStudy"), expression));
        }
        yield return Case("narrative of every resource", "SearchParameter.expression", one => (one["base"], one["type"], one["expression"]) = (new JsonArray("DomainResource"), "token", "DomainResource.text.status"));
    }

    [TestCaseSource(nameof(Refused))]
    public async Task What_cannot_be_in_force_is_refused(string expression, Action<JsonObject> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        await DefineAsync("taken", "Patient", "taken", "token", "Patient.communication.language");
        var definition = Definition("wrong", "Patient", "own-code", "token", "Patient.maritalStatus");
        change(definition);
        var answer = await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
        Assert.That(answer["issue.0.expression.0"], Is.EqualTo(expression), answer.Text);
        Assert.That((await GetAsync("SearchParameter/wrong")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase("code")]
    [TestCase("base")]
    [TestCase("type")]
    public async Task What_every_SearchParameter_must_have_is_missed(string element)
    {
        var definition = Definition("wrong", "Patient", "own-code", "token", "Patient.maritalStatus");
        definition.Remove(element);
        var answer = await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString());
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity), answer.Text);
    }

    [Test]
    public async Task A_base_or_target_that_is_no_type_is_refused()
    {
        var definition = Definition("wrong", "Nonsense", "own-code", "token", "Patient.maritalStatus");
        Assert.That((await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        definition = Definition("wrong", "Patient", "own-code", "reference", "Patient.generalPractitioner");
        definition["target"] = new JsonArray("Nonsense");
        Assert.That((await SendAsync(HttpMethod.Put, "SearchParameter/wrong", definition.ToJsonString())).Status, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
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
