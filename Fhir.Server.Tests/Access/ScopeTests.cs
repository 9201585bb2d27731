using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Tests.Rest;

namespace Fhir.Server.Tests.Access;

/// <summary>What the scopes of a token allow, letter by letter, and what they say no to. imaging-access and SMART App Launch 2.2, scopes.</summary>
[TestFixture]
public sealed class ScopeTests
{
    private const string Dcm = "http://dicom.nema.org/resources/ontology/DCM";

    private SmartServer server = null!;
    private string mixed = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        server = await SmartServer.StartWithWorldAsync();
        mixed = await server.StudyIdAsync(SmartServer.Mixed);
    }

    [OneTimeTearDown]
    public async Task EndAsync() => await server.DisposeAsync();

    private static Task<Answer> GetAsync(HttpClient client, string path) => SmartServer.GetAsync(client, path);

    private static void IsInsufficient(Answer answer, string? about = null)
    {
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.Forbidden), about);
        Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer error=\"insufficient_scope\""), about);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    [Test]
    public async Task A_type_without_a_scope_is_403_whether_or_not_there_is_such_a_resource()
    {
        using var client = server.As(SmartServer.Anna, "patient/ImagingStudy.rs launch/patient openid");
        foreach (var path in new[] { "Observation/lab", "Observation/never-was", "Observation/lab/_history", "Observation/lab/_history/1", "Observation?patient=anna", "Observation/_history", "Patient/anna", "Patient/anna/Observation" })
        {
            IsInsufficient(await GetAsync(client, path), path);
        }
        Assert.That((await GetAsync(client, "Observation/lab")).Text, Is.EqualTo((await GetAsync(client, "Observation/never-was")).Text));
        Assert.That((await GetAsync(client, "ImagingStudy?patient=anna")).Entries(), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Each_letter_allows_its_interactions_and_no_other()
    {
        using var reads = server.As(SmartServer.Anna, "patient/Observation.r");
        Assert.That((await GetAsync(reads, "Observation/lab")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(reads, "Observation/lab/_history")).Status, Is.EqualTo(HttpStatusCode.OK));
        IsInsufficient(await GetAsync(reads, "Observation?patient=anna"));
        IsInsufficient(await GetAsync(reads, "Observation/_history"));
        IsInsufficient(await GetAsync(reads, "_history"));
        IsInsufficient(await SmartServer.SendAsync(reads, HttpMethod.Put, "Observation/lab", SmartServer.Observation("lab", "anna", "Practitioner/doc", "laboratory")));
        IsInsufficient(await SmartServer.SendAsync(reads, HttpMethod.Post, "Observation", SmartServer.Observation("x", "anna", null)));
        IsInsufficient(await SmartServer.SendAsync(reads, HttpMethod.Delete, "Observation/lab"));
        IsInsufficient(await SmartServer.SendAsync(reads, HttpMethod.Delete, "Observation/never-was"));
        using var searches = server.As(SmartServer.Anna, "patient/Observation.s");
        Assert.That((await GetAsync(searches, "Observation?patient=anna")).Ids(), Is.EquivalentTo(new[] { "lab", "vital", "both" }));
        IsInsufficient(await GetAsync(searches, "Observation/lab"));
        using var writes = server.As(SmartServer.Anna, "patient/Observation.cud");
        var made = await SmartServer.SendAsync(writes, HttpMethod.Post, "Observation", SmartServer.Observation("x", "anna", null));
        Assert.That((made.Status, made.Json), Is.EqualTo((HttpStatusCode.Created, (System.Text.Json.Nodes.JsonNode?)null)), "what may not be read is not given back");
        var id = made.Headers.Location!.ToString().Split("/Observation/")[1].Split('/')[0];
        IsInsufficient(await GetAsync(writes, $"Observation/{id}"));
        Assert.That((await SmartServer.SendAsync(writes, HttpMethod.Put, $"Observation/{id}", SmartServer.Observation(id, "anna", null, "laboratory"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await SmartServer.SendAsync(writes, HttpMethod.Delete, $"Observation/{id}")).Status, Is.EqualTo(HttpStatusCode.NoContent));
        using var v1 = server.As(SmartServer.Anna, "patient/Observation.read");
        Assert.That((await GetAsync(v1, "Observation?patient=anna")).Ids(), Has.Count.EqualTo(3));
        IsInsufficient(await SmartServer.SendAsync(v1, HttpMethod.Delete, "Observation/lab"));
    }

    [Test]
    public async Task Another_patients_record_is_403_when_named_and_404_by_id_like_one_that_never_was()
    {
        using var client = server.As(SmartServer.Anna, "patient/*.cruds");
        var bens = await server.StudyIdAsync(SmartServer.Bens, SmartServer.Ben);
        foreach (var path in new[] { "ImagingStudy?patient=ID", "ImagingStudy?subject=Patient/ID", "Patient/ID/ImagingStudy", "Patient/ID/*", "Patient/ID/$everything" })
        {
            var (there, never) = (await GetAsync(client, path.Replace("ID", "ben")), await GetAsync(client, path.Replace("ID", "never-was")));
            Assert.That((there.Status, there.Text), Is.EqualTo((HttpStatusCode.Forbidden, never.Text)), path);
        }
        foreach (var (path, unknown) in new[] { ("Patient/ben", "Patient/never"), ($"ImagingStudy/{bens}", "ImagingStudy/never"), ("Observation/bens", "Observation/never"), ("Endpoint/wado-ben", "Endpoint/never") })
        {
            foreach (var suffix in new[] { "", "/_history", "/_history/1", "/$meta" })
            {
                var (hidden, never) = (await GetAsync(client, path + suffix), await GetAsync(client, unknown + suffix));
                Assert.That((hidden.Status, hidden.Text), Is.EqualTo((HttpStatusCode.NotFound, never.Text)), path + suffix);
            }
            Assert.That((await SmartServer.SendAsync(client, HttpMethod.Delete, path)).Status, Is.EqualTo(HttpStatusCode.NoContent), "as of what was never there");
        }
        Assert.That((await GetAsync(client, "Patient?_id=ben")).Entries(), Is.Empty);
        Assert.That((await GetAsync(client, $"ImagingStudy?identifier=urn:oid:{SmartServer.Bens}&_total=accurate"))["total"], Is.EqualTo("0"));
        var put = await SmartServer.SendAsync(client, HttpMethod.Put, "Observation/bens", SmartServer.Observation("bens", "anna", null));
        var putNew = await SmartServer.SendAsync(client, HttpMethod.Put, "Observation/never", SmartServer.Observation("never", "anna", null));
        Assert.That((put.Status, put.Text), Is.EqualTo((HttpStatusCode.MethodNotAllowed, putNew.Text)));
        Assert.That((await SmartServer.SendAsync(client, HttpMethod.Post, "Observation", SmartServer.Observation("x", "ben", null))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        foreach (var path in new[] { "/studies", $"/studies/{SmartServer.Bens}", $"/studies/{SmartServer.Bens}/metadata", $"/studies/{SmartServer.Bens}/thumbnail", $"/studies/{SmartServer.Bens}/rendered",
            $"/studies/{SmartServer.Bens}/series", $"/studies/{SmartServer.Bens}/series/{SmartServer.Bens}.1", $"/studies/{SmartServer.Bens}/series/{SmartServer.Bens}.1/instances/{SmartServer.Bens}.1.1",
            $"/studies/{SmartServer.Bens}/series/{SmartServer.Bens}.1/instances/{SmartServer.Bens}.1.1/frames/1", $"/studies/{SmartServer.Bens}/series/{SmartServer.Bens}.1/instances/{SmartServer.Bens}.1.1/bulkdata/7FE00010" })
        {
            Assert.That(await StatusAsync(client, "/dicomweb/patients/ben" + path), Is.EqualTo(HttpStatusCode.NotFound), path);
            Assert.That(await StatusAsync(client, "/dicomweb/patients/never-was" + path), Is.EqualTo(HttpStatusCode.NotFound), path);
        }
        Assert.That(await StatusAsync(client, $"/dicomweb/studies/{SmartServer.Bens}"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await client.GetStringAsync("/dicomweb/studies"), Does.Not.Contain(SmartServer.Bens).And.Contain(SmartServer.Mixed));
    }

    [Test]
    public async Task DICOMweb_wants_the_letters_of_ImagingStudy()
    {
        using var none = server.As(SmartServer.Anna, "patient/Patient.rs patient/Observation.cruds");
        foreach (var web in new[] { "/dicomweb", "/dicomweb/patients/anna" })
        {
            foreach (var path in new[] { "/studies", $"/studies/{SmartServer.Sono}", $"/studies/{SmartServer.Sono}/metadata", $"/studies/{SmartServer.Sono}/rendered", $"/studies/{SmartServer.Sono}/thumbnail", $"/studies/{SmartServer.Sono}/series" })
            {
                using var answer = await none.GetAsync(web + path);
                Assert.That((answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()), Is.EqualTo((HttpStatusCode.Forbidden, "Bearer error=\"insufficient_scope\"")), web + path);
            }
            using var delete = await none.DeleteAsync($"{web}/studies/{SmartServer.Sono}");
            Assert.That(delete.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        }
        Assert.That(await server.StowAsync(none, SmartServer.Anna, SmartServer.Of("1.7.9", "1", "CT")), Is.EqualTo(HttpStatusCode.Forbidden));
        using var reads = server.As(SmartServer.Anna, "patient/ImagingStudy.r");
        Assert.That(await StatusAsync(reads, $"/dicomweb/patients/anna/studies/{SmartServer.Sono}"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(reads, "/dicomweb/patients/anna/studies"), Is.EqualTo(HttpStatusCode.Forbidden), "QIDO is s");
        using var searches = server.As(SmartServer.Anna, "patient/ImagingStudy.s");
        Assert.That(await StatusAsync(searches, "/dicomweb/patients/anna/studies"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(searches, $"/dicomweb/patients/anna/studies/{SmartServer.Sono}/metadata"), Is.EqualTo(HttpStatusCode.Forbidden), "WADO is r");
    }

    [Test]
    public async Task Storing_new_studies_takes_c_and_adding_to_one_takes_u()
    {
        using var creates = server.As(SmartServer.Anna, "patient/ImagingStudy.c");
        Assert.That(await server.StowAsync(creates, SmartServer.Anna, SmartServer.Of("1.7.20", "1", "CT")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await server.StowAsync(creates, SmartServer.Anna, SmartServer.Of("1.7.20", "1", "CT", "2")), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await server.StowAsync(creates, SmartServer.Anna, SmartServer.Of("1.7.20", "1", "CT", "3"), SmartServer.Of("1.7.21", "1", "CT")), Is.EqualTo(HttpStatusCode.Accepted));
        using var updates = server.As(SmartServer.Anna, "patient/ImagingStudy.u");
        Assert.That(await server.StowAsync(updates, SmartServer.Anna, SmartServer.Of("1.7.20", "1", "CT", "2")), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await server.StowAsync(updates, SmartServer.Anna, SmartServer.Of("1.7.22", "1", "CT")), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await server.StowAsync(updates, SmartServer.Ben, SmartServer.Of("1.7.23", "1", "CT")), Is.EqualTo(HttpStatusCode.NotFound));
        using var deletes = server.As(SmartServer.Anna, "patient/ImagingStudy.d");
        using var scans = server.As(SmartServer.Anna, $"patient/ImagingStudy.cu?modality={Dcm}|CT");
        Assert.That(await server.StowAsync(scans, SmartServer.Anna, SmartServer.Of("1.7.20", "2", "MR")), Is.EqualTo(HttpStatusCode.Conflict), "another modality than the scope says");
        Assert.That(await server.StowAsync(scans, SmartServer.Anna, SmartServer.Of("1.7.24", "1", "MR")), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await server.StowAsync(scans, SmartServer.Anna, SmartServer.Of("1.7.24", "1", "CT")), Is.EqualTo(HttpStatusCode.OK));
        foreach (var study in new[] { "1.7.20", "1.7.21", "1.7.24" })
        {
            using var gone = await deletes.DeleteAsync($"/dicomweb/patients/anna/studies/{study}");
            Assert.That(gone.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        }
    }

    [Test]
    public async Task A_modality_scope_shows_its_series_and_what_is_left_of_the_study()
    {
        using var client = server.As(SmartServer.Anna, $"patient/ImagingStudy.rs?modality={Dcm}|CT");
        var read = await GetAsync(client, $"ImagingStudy/{mixed}");
        Assert.That((read.Status, read["numberOfSeries"], read["series.0.modality.code"], read["meta.tag.0.code"]), Is.EqualTo((HttpStatusCode.OK, "1", "CT", "SUBSETTED")));
        Assert.That(read.Text, Does.Not.Contain(SmartServer.Mixed + ".2"));
        var found = await GetAsync(client, "ImagingStudy?patient=anna&_total=accurate");
        Assert.That((found.Ids().Single(), found["total"]), Is.EqualTo((mixed, "1")), "the ultrasound is none of it");
        foreach (var query in new[] { "modality=MR", $"series={SmartServer.Mixed}.2", $"instance={SmartServer.Mixed}.2.1" })
        {
            Assert.That((await GetAsync(client, $"ImagingStudy?{query}&_total=accurate"))["total"], Is.EqualTo("0"), query);
        }
        Assert.That((await GetAsync(client, $"ImagingStudy?series={SmartServer.Mixed}.1")).Ids(), Is.EqualTo(new[] { mixed }));
        Assert.That((await GetAsync(client, $"ImagingStudy/{mixed}/_history")).Text, Does.Not.Contain("MR"));
        var web = $"/dicomweb/patients/anna/studies/{SmartServer.Mixed}";
        foreach (var (path, status) in new[]
        {
            ("", HttpStatusCode.Forbidden), ("/metadata", HttpStatusCode.Forbidden), ("/rendered", HttpStatusCode.Forbidden), ("/thumbnail", HttpStatusCode.OK),
            ($"/series/{SmartServer.Mixed}.1", HttpStatusCode.OK), ($"/series/{SmartServer.Mixed}.1/instances/{SmartServer.Mixed}.1.1/frames/1", HttpStatusCode.OK),
            ($"/series/{SmartServer.Mixed}.2", HttpStatusCode.NotFound), ($"/series/{SmartServer.Mixed}.2/metadata", HttpStatusCode.NotFound),
            ($"/series/{SmartServer.Mixed}.2/rendered", HttpStatusCode.NotFound), ($"/series/{SmartServer.Mixed}.2/thumbnail", HttpStatusCode.NotFound),
            ($"/series/{SmartServer.Mixed}.2/instances/{SmartServer.Mixed}.2.1/frames/1", HttpStatusCode.NotFound),
            ($"/series/{SmartServer.Mixed}.2/instances/{SmartServer.Mixed}.2.1/bulkdata/7FE00010", HttpStatusCode.NotFound),
            ($"/series/{SmartServer.Sono}.1", HttpStatusCode.NotFound),
        })
        {
            Assert.That(await StatusAsync(client, web + path), Is.EqualTo(status), path);
        }
        Assert.That(await StatusAsync(client, web, "application/zip"), Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(await client.GetStringAsync("/dicomweb/patients/anna/studies"), Does.Contain(SmartServer.Mixed).And.Not.Contain(SmartServer.Sono).And.Not.Contain("\"MR\""));
        Assert.That((await GetAsync(client, "Endpoint/wado-anna")).Status, Is.EqualTo(HttpStatusCode.OK), "where it lies");
        Assert.That((await GetAsync(client, "ImagingStudy?_include=ImagingStudy:endpoint")).Ids("include"), Is.EqualTo(new[] { "wado-anna" }));
    }

    [TestCase("identifier=urn:dicom:uid|urn:oid:1.7.1")]
    [TestCase("_id=ID")]
    [TestCase("_id=ID&status=available")]
    public async Task An_identifier_or_id_scope_keeps_the_whole_study(string query)
    {
        using var client = server.As(SmartServer.Anna, $"patient/ImagingStudy.rs?{query.Replace("ID", mixed)}");
        Assert.That((await GetAsync(client, "ImagingStudy?patient=anna")).Ids(), Is.EqualTo(new[] { mixed }));
        Assert.That((await GetAsync(client, $"ImagingStudy/{mixed}"))["numberOfSeries"], Is.EqualTo("2"));
        Assert.That(await StatusAsync(client, $"/dicomweb/patients/anna/studies/{SmartServer.Mixed}"), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await StatusAsync(client, $"/dicomweb/patients/anna/studies/{SmartServer.Sono}"), Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await client.GetStringAsync("/dicomweb/studies"), Does.Contain(SmartServer.Mixed).And.Not.Contain(SmartServer.Sono));
        var sono = await server.StudyIdAsync(SmartServer.Sono);
        var (hidden, never) = (await GetAsync(client, $"ImagingStudy/{sono}"), await GetAsync(client, "ImagingStudy/never"));
        Assert.That((hidden.Status, hidden.Text), Is.EqualTo((HttpStatusCode.NotFound, never.Text)));
    }

    [Test]
    public async Task A_category_scope_is_judged_of_the_resource_and_not_of_the_question()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs?category=laboratory patient/Patient.rs");
        Assert.That((await GetAsync(client, "Observation?patient=anna&_total=accurate")).Ids(), Is.EquivalentTo(new[] { "lab", "both" }));
        Assert.That((await GetAsync(client, "Observation?patient=anna&category=vital-signs&_total=accurate")).Ids(), Is.EqualTo(new[] { "both" }), "of several categories one is enough");
        Assert.That((await GetAsync(client, "Observation/both")).Status, Is.EqualTo(HttpStatusCode.OK));
        foreach (var suffix in new[] { "", "/_history", "/_history/1" })
        {
            var (hidden, never) = (await GetAsync(client, "Observation/vital" + suffix), await GetAsync(client, "Observation/never" + suffix));
            Assert.That((hidden.Status, hidden.Text), Is.EqualTo((HttpStatusCode.NotFound, never.Text)), suffix);
        }
        Assert.That((await GetAsync(client, "Patient?_revinclude=Observation:patient")).Ids("include"), Is.EquivalentTo(new[] { "lab", "both" }));
        Assert.That((await GetAsync(client, "Patient?_has:Observation:patient:_id=vital")).Entries(), Is.Empty);
        Assert.That((await GetAsync(client, "Patient?_has:Observation:patient:_id=lab")).Ids(), Is.EqualTo(new[] { "anna" }));
        Assert.That((await GetAsync(client, "Patient/anna/$everything")).Ids(null), Is.EquivalentTo(new[] { "anna", "lab", "both" }));
        Assert.That((await GetAsync(client, "Observation/_history")).Ids(null), Is.EquivalentTo(new[] { "lab", "both" }));
        Assert.That((await GetAsync(client, "Patient/anna/Observation")).Ids(), Is.EquivalentTo(new[] { "lab", "both" }));
    }

    [Test]
    public async Task An_old_version_is_judged_by_what_it_said_itself()
    {
        await server.PutAsync(SmartServer.Observation("moved", SmartServer.Anna, null, "vital-signs"));
        await server.PutAsync(SmartServer.Observation("moved", SmartServer.Anna, null, "laboratory"));
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs?category=laboratory");
        Assert.That((await GetAsync(client, "Observation/moved/_history/2")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(client, "Observation/moved/_history/1")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(client, "Observation/moved/_history")).Text, Does.Not.Contain("vital-signs"));
        await server.PutAsync(SmartServer.Observation("moved", SmartServer.Anna, null, "vital-signs"));
        Assert.That((await GetAsync(client, "Observation/moved")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        using var setup = server.AsOperator();
        await SmartServer.SendAsync(setup, HttpMethod.Delete, "Observation/moved");
    }

    [Test]
    public async Task Old_and_new_content_must_both_be_within_a_granular_scope()
    {
        await server.PutAsync(SmartServer.Observation("w-lab", SmartServer.Anna, null, "laboratory"));
        await server.PutAsync(SmartServer.Observation("w-vital", SmartServer.Anna, null, "vital-signs"));
        using var client = server.As(SmartServer.Anna, "patient/Observation.cud?category=laboratory patient/Observation.rs");
        Task<Answer> PutAsync(string id, string category) => SmartServer.SendAsync(client, HttpMethod.Put, $"Observation/{id}", SmartServer.Observation(id, "anna", null, category));
        Assert.That((await PutAsync("w-lab", "laboratory")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PutAsync("w-lab", "vital-signs")).Status, Is.EqualTo(HttpStatusCode.Forbidden), "the new content");
        Assert.That((await PutAsync("w-vital", "laboratory")).Status, Is.EqualTo(HttpStatusCode.Forbidden), "the old content, which may be read");
        Assert.That((await SmartServer.SendAsync(client, HttpMethod.Post, "Observation", SmartServer.Observation("x", "anna", null, "vital-signs"))).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await SmartServer.SendAsync(client, HttpMethod.Delete, "Observation/w-vital")).Status, Is.EqualTo(HttpStatusCode.NoContent), "as of what is not there");
        Assert.That((await GetAsync(client, "Observation/w-vital")).Status, Is.EqualTo(HttpStatusCode.OK), "and it is still there");
        using var setup = server.AsOperator();
        foreach (var id in new[] { "w-lab", "w-vital" })
        {
            await SmartServer.SendAsync(setup, HttpMethod.Delete, $"Observation/{id}");
        }
    }

    [Test]
    public async Task Practitioners_are_seen_when_referred_to_from_what_is_seen_and_definitions_by_their_scope()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs patient/Practitioner.rs patient/ValueSet.rs");
        Assert.That((await GetAsync(client, "Practitioner/doc")).Status, Is.EqualTo(HttpStatusCode.OK));
        var (hidden, never) = (await GetAsync(client, "Practitioner/stranger"), await GetAsync(client, "Practitioner/never"));
        Assert.That((hidden.Status, hidden.Text), Is.EqualTo((HttpStatusCode.NotFound, never.Text)), "Ben's doctor");
        Assert.That((await GetAsync(client, "Practitioner?_total=accurate")).Ids(), Is.EqualTo(new[] { "doc" }));
        Assert.That((await GetAsync(client, "Observation?patient=anna&_include=Observation:performer")).Ids("include"), Is.EqualTo(new[] { "doc" }));
        Assert.That((await GetAsync(client, "ValueSet?url=urn:codes")).Ids(), Is.EqualTo(new[] { "codes" }));
        IsInsufficient(await GetAsync(client, "Organization/north"));
        using var vitals = server.As(SmartServer.Anna, "patient/Observation.rs?category=vital-signs patient/Practitioner.rs");
        Assert.That((await GetAsync(vitals, "Practitioner/doc")).Status, Is.EqualTo(HttpStatusCode.NotFound), "only a hidden Observation names them");
    }

    [Test]
    public async Task What_would_be_included_of_a_type_without_scope_is_left_out_and_said_so_and_a_chain_into_it_is_403()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs");
        foreach (var include in new[] { "_include=Observation:performer", "_include=Observation:subject", "_include=*", "_include=Observation:patient" })
        {
            var answer = await GetAsync(client, $"Observation?patient=anna&{include}");
            Assert.That((answer.Status, answer.Ids("include").Count), Is.EqualTo((HttpStatusCode.OK, 0)), include);
            Assert.That(answer.Entries("outcome").Single().ToJsonString(), Does.Contain("Not included").And.Contain(include.Contains("performer") ? "Practitioner" : "Patient"), include);
        }
        var reverse = await GetAsync(client, "Observation?patient=anna&_revinclude=DiagnosticReport:result");
        Assert.That(reverse.Entries("outcome").Single().ToJsonString(), Does.Contain("DiagnosticReport"));
        foreach (var query in new[] { "patient.name=anna", "subject:Patient.name=anna", "patient._id=anna", "performer:Practitioner.name=Doc", "_has:DiagnosticReport:result:_id=x", "_sort=patient.name" })
        {
            IsInsufficient(await GetAsync(client, $"Observation?{query}"), query);
        }
    }

    [Test]
    public async Task Without_a_type_only_types_with_a_scope_are_searched()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs patient/Patient.r");
        Assert.That((await GetAsync(client, "?_lastUpdated=ge2000")).Ids(), Is.EquivalentTo(new[] { "lab", "vital", "both" }));
        Assert.That((await GetAsync(client, "_history")).Json!["entry"]!.AsArray().Select(one => Answer.At(one, "request.url")!.Split('/')[0]).Distinct(), Is.EqualTo(new[] { "Observation" }));
        IsInsufficient(await GetAsync(client, "?_type=Observation,Patient"));
        Assert.That((await GetAsync(client, "Patient/anna/*")).Ids(), Is.EquivalentTo(new[] { "lab", "vital", "both" }));
    }

    [Test]
    public async Task Entries_of_a_batch_are_judged_one_by_one_and_a_transaction_falls_with_its_first()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.crus");
        static string Bundle(string type) => $$$"""
            {"resourceType":"Bundle","type":"{{{type}}}","entry":[
            {"request":{"method":"POST","url":"Observation"},"resource":{{{SmartServer.Observation("b", "anna", null, "laboratory")}}}},
            {"request":{"method":"GET","url":"Patient/anna"}},
            {"request":{"method":"GET","url":"Observation/bens"}},
            {"request":{"method":"POST","url":"Observation"},"resource":{{{SmartServer.Observation("b", "ben", null)}}}},
            {"request":{"method":"DELETE","url":"Observation/lab"}}]}
            """;
        var batch = await SmartServer.SendAsync(client, HttpMethod.Post, "/fhir", Bundle("batch"));
        var statuses = batch.Json!["entry"]!.AsArray().Select(entry => Answer.At(entry, "response.status")![..3]).ToList();
        Assert.That(statuses, Is.EqualTo(new[] { "201", "403", "404", "403", "403" }));
        var before = (await GetAsync(client, "Observation?patient=anna&_total=accurate"))["total"];
        var transaction = await SmartServer.SendAsync(client, HttpMethod.Post, "/fhir", Bundle("transaction"));
        Assert.That(transaction.Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(client, "Observation?patient=anna&_total=accurate"))["total"], Is.EqualTo(before));
        using var setup = server.AsOperator();
        var id = Answer.At(batch.Json["entry"]![0], "response.location")!.Split("Observation/")[1].Split('/')[0];
        await SmartServer.SendAsync(setup, HttpMethod.Delete, $"Observation/{id}");
    }

    [Test]
    public async Task A_page_link_serves_nobody_else_not_even_another_token_of_the_same_app()
    {
        using var client = server.As(SmartServer.Anna, "patient/Observation.rs");
        var next = (await GetAsync(client, "Observation?patient=anna&_count=1")).Link("next")!;
        Assert.That((await GetAsync(client, next)).Status, Is.EqualTo(HttpStatusCode.OK));
        using var other = server.As(SmartServer.Anna, "patient/Observation.rs patient/Patient.rs");
        Assert.That((await GetAsync(other, next)).Status, Is.EqualTo(HttpStatusCode.BadRequest));
        using var ben = server.As(SmartServer.Ben, "patient/Observation.rs");
        Assert.That((await GetAsync(ben, next)).Status, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.Forbidden));
    }

    [Test]
    public async Task Contexts_do_not_add_up()
    {
        // A patient context is no user's and no system's, and the other way round.
        using var without = server.With(server.Authorisations.Issue("patient/*.cruds", fhirUser: "Patient/anna", records: [new AuthorisedRecord("anna", RecordBasis.Self)]));
        using var system = server.With(server.Authorisations.Issue("system/*.cruds", "anna", "Patient/anna", records: [new AuthorisedRecord("anna", RecordBasis.Self)]));
        using var user = server.With(server.Authorisations.Issue("user/*.cruds", organization: null, records: [new AuthorisedRecord("anna", RecordBasis.Client)]));
        using var backend = server.AsSite(null, "system/ImagingStudy.rs", SmartServer.Ben);
        using var mixture = server.With(server.Authorisations.Issue(
            "patient/Observation.rs user/ImagingStudy.rs", "anna", "RelatedPerson/mum", records: [new AuthorisedRecord("anna", RecordBasis.Proxy), new AuthorisedRecord("ben", RecordBasis.Proxy)]));
        foreach (var client in new[] { without, system, user })
        {
            Assert.That((await GetAsync(client, "Patient/anna")).Status, Is.EqualTo(HttpStatusCode.NotFound));
            Assert.That((await GetAsync(client, "Observation?patient=anna")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That((await GetAsync(client, "Observation")).Entries(), Is.Empty);
            Assert.That(await StatusAsync(client, $"/dicomweb/patients/anna/studies/{SmartServer.Sono}"), Is.EqualTo(HttpStatusCode.NotFound));
        }
        Assert.That((await GetAsync(backend, "ImagingStudy?patient=anna")).Status, Is.EqualTo(HttpStatusCode.Forbidden), "a client without rights for a patient");
        Assert.That((await GetAsync(backend, "ImagingStudy?patient=ben")).Entries(), Has.Count.EqualTo(1));
        Assert.That((await GetAsync(mixture, "Observation?_total=accurate")).Ids(), Is.EquivalentTo(new[] { "lab", "vital", "both" }));
        Assert.That((await GetAsync(mixture, "Observation?patient=ben")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(mixture, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("3"));
        Assert.That((await GetAsync(mixture, "Observation/bens")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_proxy_sees_no_more_than_the_grant_and_no_more_than_the_scopes()
    {
        string Of(string scopes, string? granted, TimeSpan? until = null) => server.Authorisations.Issue(
            scopes, "anna", "RelatedPerson/mum", records: [new AuthorisedRecord("anna", RecordBasis.Proxy, Until: until is { } end ? DateTimeOffset.UtcNow + end : null, Scopes: granted)]);
        using var narrow = server.With(Of("patient/*.rs", "patient/Observation.rs?category=laboratory patient/ImagingStudy.r"));
        Assert.That((await GetAsync(narrow, "Observation?patient=anna")).Ids(), Is.EquivalentTo(new[] { "lab", "both" }));
        Assert.That((await GetAsync(narrow, "Patient/anna")).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await GetAsync(narrow, $"ImagingStudy/{mixed}")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(narrow, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("0"), "the grant has no s");
        using var both = server.With(Of("patient/Observation.rs?category=vital-signs", "patient/Observation.rs?category=laboratory"));
        Assert.That((await GetAsync(both, "Observation?patient=anna")).Ids(), Is.EqualTo(new[] { "both" }));
        using var ended = server.With(Of("patient/*.rs", null, TimeSpan.FromMinutes(-1)));
        Assert.That((await GetAsync(ended, "Observation?patient=anna")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(ended, "Observation/lab")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_reach_is_the_outermost_bound_whatever_the_scopes_say()
    {
        var authorisation = new Authorisation
        {
            Id = "a", Client = "c", Scopes = ScopeSet.Parse("patient/*.rs"), Expires = DateTimeOffset.UtcNow.AddHours(1), Epoch = 1, Patient = "anna", FhirUser = "Patient/anna",
            Records = [new AuthorisedRecord("anna", RecordBasis.Self), new AuthorisedRecord("ben", RecordBasis.Self)],
        };
        var caller = Caller.Of(authorisation, DateTimeOffset.UtcNow, Reach.Of(new ReachedRecord("anna", [new ReachedStudy(SmartServer.Sono)]), new ReachedRecord("ben")));
        var guard = ((Fhir.Server.Consents.GuardedRecords)server.Phr.Services.GetService(typeof(Fhir.Server.Consents.GuardedRecords))!).For(caller);
        Assert.That((await guard.RetrieveAsync("test", new("anna"), SmartServer.Sono, null, null, default)).IsSuccess, Is.True);
        Assert.That((await guard.RetrieveAsync("test", new("anna"), SmartServer.Mixed, null, null, default)).IsSuccess, Is.False);
        Assert.That((await guard.RetrieveAsync("test", new("ben"), SmartServer.Bens, null, null, default)).IsSuccess, Is.False, "reached, but not by a scope");
        Assert.That((await guard.ReadAsync(new("Observation", "lab"), default)).IsSuccess, Is.False);
    }

    [Test]
    public async Task By_default_a_practitioner_sees_nothing_that_nobody_gave()
    {
        using var client = server.With(server.Authorisations.Issue("user/*.rs", fhirUser: "Practitioner/doc", organization: "north"));
        Assert.That((await GetAsync(client, "ImagingStudy?patient=anna")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await GetAsync(client, "Practitioner/doc")).Status, Is.EqualTo(HttpStatusCode.OK), "but who they are");
        Assert.That((await GetAsync(client, "Organization/north")).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await GetAsync(client, "ImagingStudy")).Entries(), Is.Empty);
    }

    [Test]
    public async Task With_the_implicit_policy_Normal_practitioners_see_what_their_scopes_cover_and_apps_of_patients_no_more_than_before()
    {
        await using var open = await SmartServer.StartWithWorldAsync(("Consents:ImplicitPolicy", "Normal"));
        using var doctor = open.With(open.Authorisations.Issue("user/ImagingStudy.rs user/Practitioner.rs", fhirUser: "Practitioner/doc"));
        Assert.That((await GetAsync(doctor, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("3"));
        Assert.That((await GetAsync(doctor, "ImagingStudy?patient=ben")).Entries(), Has.Count.EqualTo(1));
        IsInsufficient(await GetAsync(doctor, "Observation/lab"));
        Assert.That(await doctor.GetStringAsync("/dicomweb/studies"), Does.Contain(SmartServer.Mixed).And.Contain(SmartServer.Bens));
        Assert.That((await GetAsync(doctor, "ImagingStudy/_history")).Status, Is.EqualTo(HttpStatusCode.OK));
        using var launched = open.With(open.Authorisations.Issue("patient/ImagingStudy.rs", "anna", "Practitioner/doc"));
        Assert.That((await GetAsync(launched, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("2"));
        Assert.That((await GetAsync(launched, "ImagingStudy?patient=ben")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        using var backend = open.AsSite("north", "system/*.rs");
        Assert.That((await GetAsync(backend, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("0"), "a backend client has its own rights alone");
        using var patient = open.As(SmartServer.Anna, "user/*.rs");
        Assert.That((await GetAsync(patient, "ImagingStudy?_total=accurate"))["total"], Is.EqualTo("2"));
    }

    [TestCase("patient/Observation.rs?patient.name=x")]
    [TestCase("patient/Observation.rs?_has:Provenance:target:_id=1")]
    [TestCase("patient/Observation.rs?code:in=http://x")]
    [TestCase("patient/Observation.rs?_filter=code eq 1")]
    [TestCase("patient/Observation.rs?_count=1")]
    [TestCase("patient/Observation.rs?_lastUpdated=gt2020")]
    [TestCase("patient/Observation.rs?unknown=1")]
    [TestCase("patient/Observation.rs?category=")]
    [TestCase("patient/ImagingStudy.rs?modality:not=CT")]
    [TestCase("patient/*.rs?_id=1")]
    [TestCase("patient/NoType.rs")]
    public void A_scope_that_cannot_be_held_to_is_refused(string text)
    {
        var judge = (ScopeJudge)server.Phr.Services.GetService(typeof(ScopeJudge))!;
        Assert.That(SmartScope.TryParse(text, out var scope), Is.True);
        Assert.That(judge.Judge(scope!).IsSuccess, Is.False);
    }

    [TestCase("patient/*.rs")]
    [TestCase("system/ImagingStudy.rs")]
    [TestCase("patient/ImagingStudy.rs?modality=http://dicom.nema.org/resources/ontology/DCM|CT")]
    [TestCase("patient/ImagingStudy.rs?modality=http%3A%2F%2Fdicom.nema.org%2Fresources%2Fontology%2FDCM%7CCT,MR&_id=x")]
    [TestCase("patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory")]
    [TestCase("patient/Observation.rs?category:not=laboratory&code:missing=false")]
    public void A_scope_that_can_be_held_to_is_granted(string text)
    {
        var judge = (ScopeJudge)server.Phr.Services.GetService(typeof(ScopeJudge))!;
        Assert.That(SmartScope.TryParse(text, out var scope), Is.True);
        Assert.That(judge.Judge(scope!).Problem?.Text, Is.Null);
    }
}
