using System.Globalization;
using Bench;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Durability;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Fhir.Server.Tests.Storage;

/// <summary>
/// The first page of a search costs as many steps of SQLite's machine among many studies as among a thousand.
/// <c>PHR_QIDO_STUDIES</c> says how many are many.
/// </summary>
public sealed class QidoCostTests
{
    private const int Few = 1000, Page = 101;
    private static readonly int Many = int.Parse(Environment.GetEnvironmentVariable("PHR_QIDO_STUDIES") ?? "30000", CultureInfo.InvariantCulture);

    private EmbeddedFolder fewFolder = null!, manyFolder = null!;
    private SqliteDatabase few = null!, many = null!;

    [OneTimeSetUp]
    public void Fill()
    {
        (fewFolder, few) = Make(Few);
        (manyFolder, many) = Make(Many);

        static (EmbeddedFolder Folder, SqliteDatabase Database) Make(int count)
        {
            var folder = count > 100_000 ? EmbeddedFolder.Make() : EmbeddedFolder.MakeInMemory();
            new SqliteDatabase(folder.Database).Dispose();
            ManyStudies.Write(folder.Database, count);
            return (folder, new SqliteDatabase(folder.Database));
        }
    }

    [OneTimeTearDown]
    public void Remove()
    {
        few.Dispose();
        many.Dispose();
        fewFolder.Dispose();
        manyFolder.Dispose();
    }

    [TestCase(QueryLevel.Study, Page)]
    [TestCase(QueryLevel.Series, Page)]
    [TestCase(QueryLevel.Instance, Page)]
    [TestCase(QueryLevel.Study, 5, "PatientID=P7")]
    [TestCase(QueryLevel.Series, 5, "PatientID=P7")]
    [TestCase(QueryLevel.Instance, 5, "PatientID=P7")]
    [TestCase(QueryLevel.Study, 1, "AccessionNumber=A77")]
    [TestCase(QueryLevel.Study, 7, "StudyDate=20300101")]
    [TestCase(QueryLevel.Study, 7, "StudyDate=20290101~20300101")]
    [TestCase(QueryLevel.Study, Page, "StudyDate=20200101~20300101")]
    [TestCase(QueryLevel.Study, 7, "StudyDate=20290101~20300101", "StudyTime=09~10")]
    [TestCase(QueryLevel.Study, Page, "ModalitiesInStudy=CT")]
    [TestCase(QueryLevel.Series, Page, "Modality=CT")]
    [TestCase(QueryLevel.Study, 5, "ModalitiesInStudy=XC")]
    [TestCase(QueryLevel.Series, 5, "Modality=XC")]
    [TestCase(QueryLevel.Study, 2, "StudyInstanceUID=1.2.826.0.1.3680043.9.7.5,1.2.826.0.1.3680043.9.7.6")]
    [TestCase(QueryLevel.Study, 1, "SeriesInstanceUID=1.2.826.0.1.3680043.9.7.5.1")]
    [TestCase(QueryLevel.Instance, 1, "SOPInstanceUID=1.2.826.0.1.3680043.9.7.5.1.1")]
    [TestCase(QueryLevel.Study, 5, "PatientName=Doe*")]
    [TestCase(QueryLevel.Study, 5, "PatientName=Doe^Jane")]
    [TestCase(QueryLevel.Study, 5, "PatientName!jan doe")]
    public void A_first_page_costs_the_same_among_many_studies_as_among_few(QueryLevel level, int found, params string[] keys)
    {
        var query = Query(keys);
        var (little, much) = (Cost(few, level, query, Visibility.Everything), Cost(many, level, query, Visibility.Everything));
        TestContext.Out.WriteLine($"{level} {string.Join(' ', keys)}: {little.Steps} steps among {Few}, {much.Steps} among {Many}");
        Assert.That((little.Found, much.Found), Is.EqualTo((found, found)));
        Assert.That(much.Steps, Is.EqualTo(little.Steps).Within(5).Percent);
    }

    [TestCase(QueryLevel.Study)]
    [TestCase(QueryLevel.Series)]
    [TestCase(QueryLevel.Instance)]
    [TestCase(QueryLevel.Study, "ModalitiesInStudy=CT")]
    [TestCase(QueryLevel.Study, "PatientName=*oe*")]
    [TestCase(QueryLevel.Study, "StudyTime=09~10")]
    public void Who_sees_one_record_pays_nothing_for_the_others(QueryLevel level, params string[] keys)
    {
        var mine = Visibility.Of([RecordView.Whole(new("r3"))]);
        var (little, much) = (Cost(few, level, Query(keys), mine), Cost(many, level, Query(keys), mine));
        Assert.That(little.Found, Is.GreaterThan(0));
        Assert.That(much, Is.EqualTo(little));
        var here = Query(keys) with { Record = new("r3") };
        Assert.That(Cost(many, level, here, Visibility.Everything), Is.EqualTo(Cost(few, level, here, Visibility.Everything)));
    }

    /// <summary>What has to be looked through grows with the store, by few steps a study: it ends with the page, or with its time.</summary>
    [TestCase(0, 60, "PatientName=*nobody*")]
    [TestCase(Page, 60, "StudyDescription=*knee*")]
    [TestCase(0, 80, "StudyTime=000001~000002")]
    public void A_scan_takes_few_steps_a_study(int found, int stepsEach, params string[] keys)
    {
        var cost = Cost(many, QueryLevel.Study, Query(keys), Visibility.Everything);
        TestContext.Out.WriteLine($"{string.Join(' ', keys)}: {cost.Steps} steps among {Many}");
        Assert.That(cost.Found, Is.EqualTo(found));
        Assert.That(cost.Steps, Is.LessThan((long)stepsEach * Many));
    }

    [Test]
    public void A_scan_ends_when_its_time_is_over_and_the_connection_goes_on()
    {
        var index = new SqliteInstanceIndex(many);
        var slow = Query(["StudyTime=000001~000002"]) with { Within = TimeSpan.FromMilliseconds(1) };
        var page = index.FindStudiesAsync(slow, Visibility.Everything, default).AsTask().Result;
        Assert.That((page.GaveUp, page.Rows.Count), Is.EqualTo((true, 0)));
        var quick = Query(["PatientID=P7"]) with { Within = TimeSpan.FromMinutes(1) };
        Assert.That(index.FindStudiesAsync(quick, Visibility.Everything, default).AsTask().Result.Rows, Has.Count.EqualTo(5));
    }

    [Test]
    public void Reading_the_rows_of_a_page_ends_when_its_time_is_over()
    {
        var read = 0;
        var query = Query([]) with { Within = TimeSpan.FromMilliseconds(200) };
        var stopped = Assert.Throws<SqliteException>(() => few.Read(session => SqliteInstanceIndex.Find(
            session, QueryLevel.Study, (_, pk) => { read++; Thread.Sleep(20); return pk; }, query, Visibility.Everything, default)));
        Assert.That((stopped!.SqliteErrorCode, read), Is.EqualTo((raw.SQLITE_INTERRUPT, read)));
        Assert.That(read, Is.LessThan(Page - 1));
    }

    [Test]
    public void A_match_of_long_values_ends_when_its_time_is_over()
    {
        // Ten million steps a value, of which there are a thousand in one row: a single call of the matcher.
        var value = $"\"{new string('a', 20_000)}\"";
        var json = System.Text.Encoding.UTF8.GetBytes("{\"00104000\":{\"vr\":\"LT\",\"Value\":[" + string.Join(',', Enumerable.Repeat(value, 1000)) + "]}}");
        var stopped = Assert.Throws<SqliteException>(() => few.Read(session =>
        {
            session.Matchers = [new AttributeMatcher([new AttributeMatch("PatientComments", MatchKind.Wildcard, ["*" + new string('a', 1000) + "b"])], session.LookAtClock)];
            return session.Within(TimeSpan.FromMilliseconds(50), () => session.Number("SELECT phr_matches(0, $0)", json), default);
        }));
        Assert.That(stopped!.SqliteErrorCode, Is.EqualTo(raw.SQLITE_INTERRUPT));
    }

    [Test]
    public void A_match_looks_up_now_and_then_and_takes_no_more_steps_than_the_pattern_times_what_is_looked_at()
    {
        var looks = 0;
        var matcher = new AttributeMatcher([new AttributeMatch("PatientComments", MatchKind.Wildcard, ["*" + new string('a', 1000) + "b"])], () => looks++);
        var json = System.Text.Encoding.UTF8.GetBytes("{\"00104000\":{\"vr\":\"LT\",\"Value\":[\"" + new string('a', 1 << 20) + "\"]}}");
        Assert.That(matcher.Matches(json), Is.False);
        Assert.That(looks, Is.InRange(50, 1001 * ValueTests.Longest / 100_000 + 20));
    }

    [Test]
    public void A_scan_nobody_waits_for_any_more_ends()
    {
        using var gone = new CancellationTokenSource();
        gone.Cancel();
        var slow = Query(["StudyTime=000001~000002"]) with { Within = TimeSpan.FromMinutes(5) };
        Assert.That(
            async () => await new SqliteInstanceIndex(many).FindStudiesAsync(slow, Visibility.Everything, gone.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    private static (int Found, long Steps) Cost(SqliteDatabase database, QueryLevel level, InstanceQuery query, Visibility visibility) => database.Read(session =>
    {
        var steps = 0L;
        raw.sqlite3_progress_handler(session.Connection.Handle, 1, _ => (int)(steps++ * 0), null);
        var found = level == QueryLevel.Study
            ? SqliteInstanceIndex.Find(session, level, (rows, pk) => rows.Study(pk), query, visibility, default).Rows.Count
            : SqliteInstanceIndex.Find(session, level, (_, pk) => $"{pk}", query, visibility, default).Rows.Count;
        raw.sqlite3_progress_handler(session.Connection.Handle, 0, null, null);
        return (found, steps);
    });

    /// <summary>Keys as <c>name=value</c>, with a range as <c>a~b</c>, a list with commas, words after an exclamation mark.</summary>
    private static InstanceQuery Query(string[] keys)
    {
        var matches = keys.Select(key => key.Split(['=', '!'], 2) is [var name, var value] ? new AttributeMatch(
            name,
            key.Contains('!', StringComparison.Ordinal) ? MatchKind.Words : value.Contains('~', StringComparison.Ordinal) ? MatchKind.Range
                : value.Contains('*', StringComparison.Ordinal) ? MatchKind.Wildcard : MatchKind.AnyOf,
            value.Contains('~', StringComparison.Ordinal) ? value.Split('~') : value.Split(',')) : throw new ArgumentException(key)).ToList();
        return new InstanceQuery(null, null, null, matches, 0, Page);
    }
}
