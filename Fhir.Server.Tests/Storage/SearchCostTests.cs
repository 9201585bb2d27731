using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using SQLitePCL;

namespace Fhir.Server.Tests.Storage;

/// <summary>What a search costs is counted, in statements and steps of SQLite's machine, which no busy computer can change.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SearchCostTests
{
    private const int StudiesEach = 5;

    [Test]
    public async Task A_patients_studies_cost_the_same_however_many_others_there_are()
    {
        var few = await CostAsync(10, Query("patient", "p7", count: 20), Visibility.Everything);
        var many = await CostAsync(600, Query("patient", "p7", count: 20), Visibility.Everything);
        Assert.Multiple(() =>
        {
            Assert.That(few.Found, Is.EqualTo(StudiesEach));
            Assert.That(many.Found, Is.EqualTo(StudiesEach));
            Assert.That(many.Steps, Is.EqualTo(few.Steps), "Steps in a store of 3,000 studies and of 50.");
            Assert.That(many.Statements, Is.EqualTo(few.Statements));
        });
    }

    [Test]
    public async Task A_page_is_fetched_by_as_many_statements_whatever_is_on_it()
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        await FillAsync(store, patients: 3);
        var one = Cost(folder, Query("patient", "p1", count: 1), Visibility.Everything);
        var all = Cost(folder, Query("patient", "p1", count: 20), Visibility.Everything);
        Assert.That((all.Found, all.Statements), Is.EqualTo((StudiesEach, one.Statements)));
    }

    [TestCase("patient", "p7")]
    [TestCase("status", "available")]
    public async Task Who_sees_one_record_pays_nothing_for_the_others(string parameter, string value)
    {
        var mine = Visibility.Of([RecordView.Whole(new("p7"))]);
        var few = await CostAsync(10, Query(parameter, value, count: 20), mine);
        var many = await CostAsync(600, Query(parameter, value, count: 20), mine);
        Assert.That(few.Found, Is.EqualTo(StudiesEach));
        Assert.That(many, Is.EqualTo(few));
    }

    [TestCase("patient.name=Garcia&modality=CT&started=ge2026-01-01&_include=ImagingStudy:patient&_sort=-started&_total=accurate", StudiesEach)]
    [TestCase("identifier=urn:accession|A7-2", 1)]
    [TestCase("identifier=urn:accession|A7-2&status=available&_sort=-started", 1)]
    [TestCase("patient.identifier=urn:mrn|M7&_sort=started,-_id", StudiesEach)]
    [TestCase("patient=p7&_sort=status,-started", StudiesEach)]
    [TestCase("patient=p7&_sort=-patient.name,-started", StudiesEach)]
    [TestCase("_has:Observation:part-of:code=R7", 1)]
    [TestCase("patient._has:Observation:patient:code=R7&_revinclude=Observation:part-of", StudiesEach)]
    public async Task A_question_about_a_few_costs_the_same_however_many_others_there_are(string question, int found)
    {
        var query = Read("ImagingStudy", question);
        var few = await CostAsync(10, query, Visibility.Everything);
        var many = await CostAsync(600, query, Visibility.Everything);
        Assert.That((few.Found, many.Found), Is.EqualTo((found, found)));
        Assert.That((many.Steps, many.Statements), Is.EqualTo((few.Steps, few.Statements)), "In a store of 3,000 studies and of 50.");
    }

    [TestCase("ImagingStudy?patient.name=Garcia&modality=CT&_sort=-started&_total=accurate")]
    [TestCase("ImagingStudy?_has:Observation:part-of:code=R7&_sort=-started")]
    [TestCase("Patient?_has:ImagingStudy:patient:modality=CT&_total=accurate")]
    [TestCase("ImagingStudy?patient.name=Garcia&_include=*&_revinclude=*")]
    [TestCase("ImagingStudy?_id=p7-1,p7-2&_sort=-started&_include=ImagingStudy:patient")]
    public async Task Who_sees_one_record_pays_for_no_one_else_on_the_way(string question)
    {
        var mine = Visibility.Of([RecordView.Whole(new("p7"))]);
        var query = Read(question.Split('?')[0], question.Split('?')[1]);
        var few = await CostAsync(10, query, mine);
        var many = await CostAsync(600, query, mine);
        Assert.That(few.Found, Is.GreaterThan(0));
        Assert.That(many, Is.EqualTo(few));
    }

    [TestCase("ImagingStudy?_sort=-started&_total=accurate&_include=ImagingStudy:patient")]
    [TestCase("ImagingStudy?status=available")]
    [TestCase("Patient?_has:ImagingStudy:patient:status=available&_revinclude=Observation:patient")]
    public async Task Scopes_with_queries_of_their_own_are_judged_of_what_is_asked_about_and_nothing_else(string question)
    {
        RecordView Of(string type, string asked) => RecordView.Of(new("p7"), new HashSet<string> { type }, Read(type, asked).Criteria);
        var mine = Visibility.Of(
            Of("ImagingStudy", "status=available"), Of("ImagingStudy", "identifier=urn:accession|A7-2"), Of("Observation", "code=R7"), Of("Patient", "identifier=urn:mrn|M7"),
            RecordView.Of(RecordId.Shared, new HashSet<string> { "Practitioner" }, isReferred: true));
        var query = Read(question.Split('?')[0], question.Split('?')[1]);
        var few = await CostAsync(10, query, mine);
        var many = await CostAsync(600, query, mine);
        Assert.That(few.Found, Is.GreaterThan(0));
        Assert.That(many, Is.EqualTo(few), "In a store of 3,000 studies and of 50.");
    }

    private static async Task<(int Found, long Steps, long Statements)> CostAsync(int patients, SearchQuery query, Visibility visibility)
    {
        using var folder = EmbeddedFolder.MakeInMemory();
        using var store = folder.Open();
        await FillAsync(store, patients);
        return Cost(folder, query, visibility);
    }

    /// <summary>Runs the search as the store does, on a connection whose steps are counted.</summary>
    private static (int Found, long Steps, long Statements) Cost(EmbeddedFolder folder, SearchQuery query, Visibility visibility)
    {
        using var database = new SqliteDatabase(folder.Database);
        // Searching only reads: neither writer nor publisher is asked.
        var store = new SqliteResourceStore(database, null!, null!, folder.Projection, null!);
        return database.Read(session =>
        {
            session.Visibility = visibility;
            var steps = 0L;
            raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
            var before = session.StatementsRun;
            var found = store.Search(session, query, visibility, null).Value;
            raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
            return (found.Matches.Count, steps, session.StatementsRun - before);
        });
    }

    private static SearchQuery Query(string parameter, string value, int count) =>
        Read("ImagingStudy", $"{parameter}={value}&_sort=-started&_count={count}");

    /// <summary>Without a time limit, whose watching counts for itself.</summary>
    private static SearchQuery Read(string type, string question) => new SearchParser(new SearchOptions { Within = null }, null).Parse(
        type, question.Split('&').Select(pair => KeyValuePair.Create(pair.Split('=')[0], pair.Split('=')[1])), strict: true).Value;

    /// <summary>Patient 7 alone has the name, the modality, the year and the report that are asked for.</summary>
    private static async Task FillAsync(EmbeddedStore store, int patients)
    {
        for (var patient = 0; patient < patients; patient++)
        {
            var record = new RecordId($"p{patient}");
            var wanted = patient == 7;
            ResourceChange Put(string type, string id, params IReadOnlyList<IndexRow> rows) => new(new(type, id), TestContent.Saying("x", rows), "PUT");
            var commit = new RecordCommit(record)
            {
                Resources =
                [
                    Put("Patient", record.Value, new StringRow("name", wanted ? "garcia" : $"smith{patient}", "x"), new TokenRow("identifier", "urn:mrn", $"M{patient}")),
                    Put("Observation", $"{record}-r", new ReferenceRow("patient", "Patient", record.Value), new ReferenceRow("part-of", "ImagingStudy", $"{record}-2"), new TokenRow("code", null, $"R{patient}")),
                    .. Enumerable.Range(0, StudiesEach).Select(study => Put(
                        "ImagingStudy", $"{record}-{study}",
                        new ReferenceRow("patient", "Patient", record.Value), new TokenRow("status", null, "available"),
                        new TokenRow("modality", null, wanted ? "CT" : "MR"), new TokenRow("identifier", "urn:accession", $"A{patient}-{study}"),
                        TestContent.OnDay("started", $"{(wanted ? 2026 : 2024)}-02-{study + 10:00}"))),
                ],
            };
            Assert.That((await store.Resources.CommitAsync(commit, default)).IsSuccess);
        }
    }
}
