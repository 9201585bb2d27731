using System.Net;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>QIDO-RS over a small population. https://dicom.nema.org/medical/dicom/current/output/html/part18.html#sect_10.6</summary>
[TestFixture]
public sealed class QidoTests
{
    private const string Jane = "1.2.276.3.1", Jorg = "1.2.276.3.2", Ann = "1.2.276.3.3", Blank = "1.2.276.3.4", Odd = "1.2.276.3.5";
    private static readonly Dictionary<string, string> Names = new()
    {
        [Jane] = "Jane", [Jorg] = "Jorg", [Ann] = "Ann", [Blank] = "Blank", [Odd] = "Odd",
    };

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/q1", """{"resourceType":"Patient","id":"q1"}""");
        await server.PutAsync("/fhir/Patient/q2", """{"resourceType":"Patient","id":"q2"}""");

        // Jane: two CT series and an SR, four instances. Jorg: MR. Both in q1; the others in q2.
        var jane = new TestDicom(Jane, Jane + ".1", Jane + ".1.1")
        {
            PatientId = "A-1", PatientName = "Doe^Jane", StudyDate = "20260101", SeriesNumber = 10, InstanceNumber = 2,
            Further = data => data.Add(DicomTag.AccessionNumber, "ACC*1").Add(DicomTag.SeriesDescription, "Thin [axial]"),
        };
        TestDicom[] first =
        [
            jane, jane with { Sop = Jane + ".1.2", InstanceNumber = 1 },
            jane with { Series = Jane + ".2", Sop = Jane + ".2.1", SeriesNumber = 2, Further = null },
            jane with { Series = Jane + ".3", Sop = Jane + ".3.1", SeriesNumber = 3, Modality = "SR", Further = data => data.Add(DicomTag.SOPClassUID, "1.2.840.10008.5.1.4.1.1.88.11") },
            new(Jorg, Jorg + ".1", Jorg + ".1.1") { PatientId = "A[2]", PatientName = "Müller^Jörg", StudyDate = "20260203", Modality = "MR", BirthDate = "19500101", Sex = "M" },
        ];
        TestDicom[] second =
        [
            new(Ann, Ann + ".1", Ann + ".1.1") { PatientId = "50%_x", PatientName = "O'Brien^Ann", StudyDate = "20260304", Further = data => data.Add(DicomTag.StudyDescription, "Knee \"left\" [T1]; DROP TABLE study --").Add(DicomTag.StudyTime, "235959.5") },
            new(Blank, Blank + ".1", Blank + ".1.1") { PatientId = "", PatientName = "", StudyDate = "", BirthDate = "", Sex = "", Modality = "", Further = Bare },
            new(Odd, Odd + ".1", Odd + ".1.1") { PatientId = "a-1", PatientName = "Yamada^Tarou=山田^太郎=やまだ^たろう", StudyDate = "20251231" },
        ];
        Assert.That((await server.StowAsync("/dicomweb/patients/q1", first.Select(one => one.ToBytes()))).StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted));
        Assert.That((await server.StowAsync("/dicomweb/patients/q2", second.Select(one => one.ToBytes()))).StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted));
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("", "Ann Jorg Jane Odd Blank")]
    [TestCase("PatientID=A-1", "Jane")]
    [TestCase("00100020=A-1", "Jane")]
    [TestCase("00100020=*-1", "Jane Odd")]
    [TestCase("PatientID=A*", "Jorg Jane")]
    [TestCase("PatientID=?-1", "Jane Odd")]
    [TestCase("PatientID=%3F-1", "Jane Odd")]
    [TestCase("PatientID=", "Ann Jorg Jane Odd Blank")]
    [TestCase("PatientID=*", "Ann Jorg Jane Odd Blank")]
    [TestCase("PatientID=A[2]", "Jorg")]
    [TestCase("PatientID=A[2]*", "Jorg")]
    [TestCase("PatientID=*[2]", "Jorg")]
    [TestCase("PatientID=[A-Z]*", "")]
    [TestCase("PatientID=A[0-9]*", "")]
    [TestCase("PatientID=A]*", "")]
    [TestCase("PatientID=50%25_x", "Ann")]
    [TestCase("PatientID=%25*", "")]
    [TestCase("PatientID=_0*", "")]
    [TestCase("PatientID=x' OR '1'='1", "")]
    [TestCase("PatientID=x*' OR 1=1 --", "")]
    [TestCase("PatientID=A-1%00", "")]
    [TestCase("PatientID=A-2", "")]
    [TestCase("PatientID=A-1,A[2]", "")]
    [TestCase("PatientName=Doe^Jane", "Jane")]
    [TestCase("PatientName=doe^JANE", "Jane")]
    [TestCase("PatientName=*jane*", "Jane")]
    [TestCase("PatientName=DOE*", "Jane")]
    [TestCase("PatientName=*DOE*", "Jane")]
    [TestCase("PatientName=doe", "")]
    [TestCase("PatientName=m%C3%BCller*", "Jorg")]
    [TestCase("PatientName=muller*", "Jorg")]
    [TestCase("PatientName=*jorg", "Jorg")]
    [TestCase("PatientName=O'Brien*", "Ann")]
    [TestCase("PatientName=o'brien^ann", "Ann")]
    [TestCase("PatientName=*'*", "Ann")]
    [TestCase("PatientName=*山田*", "Odd")]
    [TestCase("PatientName=yamada^tarou", "Odd")]
    [TestCase("PatientName=*tarou", "Odd")]
    [TestCase("PatientName=山田^太郎", "Odd")]
    [TestCase("PatientName=山田*", "Odd")]
    [TestCase("00100010=*doe*&PatientID=A-1", "Jane")]
    [TestCase("00100010=*doe*&PatientID=a-1", "")]
    [TestCase("StudyDescription=*\"left\"*", "Ann")]
    [TestCase("StudyDescription=*[t1]; drop table study --", "Ann")]
    [TestCase("AccessionNumber=ACC*1", "Jane")]
    [TestCase("AccessionNumber=ACC?1", "Jane")]
    [TestCase("PatientSex=M", "Jorg")]
    [TestCase("PatientBirthDate=19500101", "Jorg")]
    [TestCase("PatientBirthDate=-19600101", "Jorg")]
    [TestCase("StudyDate=20260203", "Jorg")]
    [TestCase("StudyDate=20260101-20260203", "Jorg Jane")]
    [TestCase("StudyDate=20260203-", "Ann Jorg")]
    [TestCase("StudyDate=-20260101", "Jane Odd")]
    [TestCase("StudyDate=20270101-", "")]
    [TestCase("StudyDate=20260203-20260101", "")]
    [TestCase("00080020=20260304", "Ann")]
    [TestCase("StudyDate=2026-03-04", "Ann")]
    [TestCase("StudyDate=20260203%20-%2020260304", "Ann Jorg")]
    [TestCase("StudyTime=23:59", "Ann")]
    [TestCase("StudyTime=093000-093000", "Jorg Jane Odd")]
    [TestCase("StudyTime=0930", "Jorg Jane Odd")]
    [TestCase("StudyTime=09", "Jorg Jane Odd")]
    [TestCase("StudyTime=10-", "Ann")]
    [TestCase("StudyTime=235959", "Ann")]
    [TestCase("StudyTime=-09", "Jorg Jane Odd")]
    [TestCase("StudyInstanceUID=1.2.276.3.1,1.2.276.3.3", "Ann Jane")]
    [TestCase("StudyInstanceUID=1.2.276.3.1%2C1.2.276.3.3", "Ann Jane")]
    [TestCase("StudyInstanceUID=1.2.276.3.1\\1.2.276.3.3", "Ann Jane")]
    [TestCase("StudyInstanceUID=1.2.276.3.1%5C1.2.276.3.3", "Ann Jane")]
    [TestCase("StudyInstanceUID=1.2.276.3.1&StudyInstanceUID=1.2.276.3.3", "Ann Jane")]
    [TestCase("StudyInstanceUID=1.2.276.3.9", "")]
    [TestCase("StudyInstanceUID=1.2.276.3*", "")]
    [TestCase("ModalitiesInStudy=CT", "Ann Jane Odd")]
    [TestCase("ModalitiesInStudy=SR", "Jane")]
    [TestCase("ModalitiesInStudy=MR,SR", "Jorg Jane")]
    [TestCase("ModalitiesInStudy=MR\\SR", "Jorg Jane")]
    [TestCase("00080061=M?", "Jorg")]
    [TestCase("Modality=SR", "Jane")]
    [TestCase("SeriesInstanceUID=1.2.276.3.1.2", "Jane")]
    [TestCase("SOPInstanceUID=1.2.276.3.2.1.1", "Jorg")]
    [TestCase("SOPClassUID=1.2.840.10008.5.1.4.1.1.88.11", "Jane")]
    [TestCase("SeriesNumber=10", "Jane")]
    [TestCase("StudyID=ID1&StudyDate=-20260102", "Jane Odd")]
    [TestCase("limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030", "Ann Jorg Jane Odd Blank")]
    [TestCase("includefield=all", "Ann Jorg Jane Odd Blank")]
    [TestCase("includefield=StudyDescription&includefield=00080060", "Ann Jorg Jane Odd Blank")]
    [TestCase("includefield=00091001", "Ann Jorg Jane Odd Blank")]
    [TestCase("emptyvaluematching=true&PatientID=%22%22", "Blank")]
    [TestCase("emptyvaluematching=false&PatientID=A-1", "Jane")]
    [TestCase("multiplevaluematching=false&PatientID=A-1%5CA[2]", "")]
    [TestCase("multiplevaluematching=true&PatientID=A-1%5CA[2]", "Jorg Jane")]
    [TestCase("multiplevaluematching=true&PatientName=doe^jane%5Co'brien^ann", "Ann Jane")]
    [TestCase("multiplevaluematching=true&PatientID=A-1,A[2]", "")]
    [TestCase("MultipleValueMatching=true&ModalitiesInStudy=MR,SR", "Jorg Jane")]
    [TestCase("accept=application/dicom%2Bjson&PatientID=A-1", "Jane")]
    [TestCase("accept=application/dicom+json&PatientID=A-1", "Jane")]
    public async Task A_search_for_studies_finds(string query, string expected)
    {
        var rows = await server.Client.JsonAsync("/dicomweb/studies?" + query);
        Assert.That(string.Join(' ', rows.EnumerateArray().Select(row => Names[row.Value("0020000D")!])), Is.EqualTo(expected));
    }

    [TestCase("PatientWeight=1")]
    [TestCase("00101030=1")]
    [TestCase("NoSuchKeyword=1")]
    [TestCase("patientname=x")]
    [TestCase("PatientName=a&PatientName=b")]
    [TestCase("PatientName=a&00100010=b")]
    [TestCase("limit=-1")]
    [TestCase("limit=x")]
    [TestCase("limit=1&limit=2")]
    [TestCase("offset=99999999999")]
    [TestCase("offset=1.5")]
    [TestCase("emptyvaluematching=1")]
    [TestCase("multiplevaluematching=yes")]
    [TestCase("multiplevaluematching=true&PatientID=A*%5CB")]
    [TestCase("includefield=NoSuchKeyword")]
    [TestCase("StudyDate=2026")]
    [TestCase("StudyDate=yesterday")]
    [TestCase("StudyDate=20260101-2026010x")]
    [TestCase("StudyDate=20260101-20260102-20260103")]
    [TestCase("StudyDate=-")]
    [TestCase("StudyDate=20260203,20260304")]
    [TestCase("StudyTime=9")]
    [TestCase("StudyTime=93:00")]
    [TestCase("StudyTime=1200-13x")]
    [TestCase("StudyInstanceUID=%2C")]
    public async Task What_cannot_be_understood_is_400_and_not_everything(string query)
    {
        var answer = await server.Client.GetAsync("/dicomweb/studies?" + query, "application/dicom+json");
        Assert.That((int)answer.StatusCode, Is.EqualTo(400), await answer.Content.ReadAsStringAsync());
    }

    [TestCase("/dicomweb/series", "Ann.1 Jorg.1 Jane.2 Jane.3 Jane.1 Odd.1 Blank.1")]
    [TestCase("/dicomweb/series?Modality=CT", "Ann.1 Jane.2 Jane.1 Odd.1")]
    [TestCase("/dicomweb/series?ModalitiesInStudy=SR", "Jane.2 Jane.3 Jane.1")]
    [TestCase("/dicomweb/series?SeriesNumber=3", "Jane.3")]
    [TestCase("/dicomweb/series?PatientID=A-1&Modality=SR", "Jane.3")]
    [TestCase("/dicomweb/series?SeriesDescription=*[axial]", "Jane.1")]
    [TestCase("/dicomweb/series?SOPClassUID=1.2.840.10008.5.1.4.1.1.88.11", "Jane.3")]
    [TestCase("/dicomweb/patients/q1/series?limit=2&offset=1", "Jane.2 Jane.3")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series", "Jane.2 Jane.3 Jane.1")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series?Modality=SR", "Jane.3")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series?SeriesInstanceUID=1.2.276.3.1.2,1.2.276.3.1.3", "Jane.2 Jane.3")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series?StudyInstanceUID=1.2.276.3.2", "")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series?includefield=00080021%2C00080031%2C0008103E%2C00200011", "Jane.2 Jane.3 Jane.1")]
    [TestCase("/dicomweb/studies/nonsense/series", "")]
    [TestCase("/dicomweb/patients/q2/studies/1.2.276.3.1/series", "")]
    public async Task A_search_for_series_finds(string path, string expected)
    {
        var rows = await server.Client.JsonAsync(path);
        Assert.That(
            string.Join(' ', rows.EnumerateArray().Select(row => Names[row.Value("0020000D")!] + row.Value("0020000E")![row.Value("0020000D")!.Length..])),
            Is.EqualTo(expected));
    }

    [TestCase("/dicomweb/instances?PatientID=A-1", "2.1 3.1 1.2 1.1")]
    [TestCase("/dicomweb/instances?SOPInstanceUID=1.2.276.3.1.1.2\\1.2.276.3.1.2.1", "2.1 1.2")]
    [TestCase("/dicomweb/instances?InstanceNumber=2", "2.1 3.1 1.1")]
    [TestCase("/dicomweb/instances?ModalitiesInStudy=SR", "2.1 3.1 1.2 1.1")]
    [TestCase("/dicomweb/instances?Modality=SR", "3.1")]
    [TestCase("/dicomweb/instances?SeriesInstanceUID=1.2.276.3.1.1", "1.2 1.1")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/instances", "2.1 3.1 1.2 1.1")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/instances?Modality=CT&limit=1&offset=1", "1.2")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series/1.2.276.3.1.1/instances", "1.2 1.1")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series/1.2.276.3.1.1/instances?InstanceNumber=02", "1.1")]
    [TestCase("/dicomweb/studies/1.2.276.3.1/series/1.2.276.3.2.1/instances", "")]
    [TestCase("/dicomweb/studies/1.2.276.3.2/series/1.2.276.3.1.1/instances", "")]
    public async Task A_search_for_instances_finds(string path, string expected)
    {
        var rows = await server.Client.JsonAsync(path);
        Assert.That(string.Join(' ', rows.EnumerateArray().Select(row => row.Value("00080018")!["1.2.276.3.1.".Length..])), Is.EqualTo(expected));
    }

    [Test]
    public async Task Nothing_found_is_200_with_an_empty_list_and_an_unknown_record_404()
    {
        var answer = await server.Client.GetAsync("/dicomweb/studies?PatientID=nobody", "application/dicom+json");
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("[]"));
        Assert.That((int)(await server.Client.GetAsync("/dicomweb/patients/q3/studies", "*/*")).StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Required_attributes_are_there_even_when_they_are_empty_and_tags_ascend()
    {
        string[] ofStudy =
        [
            "00080020", "00080030", "00080050", "00080056", "00080061", "00080090", "00081190", "00100010", "00100020", "00100030", "00100040", "0020000D",
            "00200010", "00201206", "00201208",
        ];
        string[] ofSeries = ["00080056", "00080060", "00081190", "0020000D", "0020000E", "00200011", "00201209"];
        string[] ofInstance = ["00080016", "00080018", "00080056", "00081190", "0020000D", "0020000E", "00200013", "00280010", "00280011", "00280100"];
        foreach (var (path, required) in new[]
        {
            ("/dicomweb/studies", ofStudy),
            ("/dicomweb/series", [.. ofStudy.Where(tag => tag is not ("00080061" or "00201206" or "00201208")), .. ofSeries]),
            ("/dicomweb/instances", [.. ofSeries.Where(tag => tag != "00201209"), .. ofInstance]),
            ($"/dicomweb/studies/{Blank}/series", ofSeries), ($"/dicomweb/studies/{Jane}/instances", ofInstance),
            ($"/dicomweb/studies/{Jane}/series/{Jane}.1/instances", ofInstance),
        })
        {
            var rows = (await server.Client.JsonAsync(path)).EnumerateArray().ToList();
            Assert.That(rows, Is.Not.Empty);
            foreach (var row in rows)
            {
                var tags = row.EnumerateObject().Select(tag => tag.Name).ToList();
                Assert.That(tags, Is.Ordered.Using<string>(StringComparer.Ordinal), path);
                Assert.That(required.Except(tags), Is.Empty, path);
                Assert.That(tags, Is.Unique);
                Assert.That(row.EnumerateObject().All(tag => tag.Value.GetProperty("vr").GetString()!.Length == 2));
                Assert.That(row.EnumerateObject().Any(tag => tag.Value.TryGetProperty("Value", out var value) && value.GetArrayLength() == 0), Is.False, "an empty Value is left out");
            }
        }
    }

    [Test]
    public async Task Counts_are_right_and_the_retrieve_URL_leads_back()
    {
        var jane = (await server.Client.JsonAsync("/dicomweb/studies?PatientID=A-1"))[0];
        Assert.That((jane.Value("00201206"), jane.Value("00201208")), Is.EqualTo(("3", "4")));
        Assert.That(jane.Values("00080061"), Is.EqualTo(new[] { "CT", "SR" }));
        Assert.That(jane.Value("00081190"), Is.EqualTo($"{server.Address}/dicomweb/patients/q1/studies/{Jane}"));
        var series = (await server.Client.JsonAsync($"/dicomweb/studies/{Jane}/series")).EnumerateArray().ToList();
        Assert.That(series.Select(row => row.Value("00201209")), Is.EqualTo(new[] { "1", "1", "2" }));
        var instances = await server.Client.JsonAsync("/dicomweb/instances");
        foreach (var row in instances.EnumerateArray().Concat(series).Append(jane))
        {
            using var back = await server.Client.GetAsync(row.Value("00081190")!, WebTalk.Multipart);
            var parts = await back.PartsAsync();
            Assert.That(parts.Select(part => WebTalk.Read(part.Body).Dataset.GetString(DicomTag.StudyInstanceUID)), Is.All.EqualTo(row.Value("0020000D")));
            if (row.Value("00080018") is { } sop)
            {
                Assert.That(parts.Select(part => WebTalk.Read(part.Body).SopInstanceUid), Is.EqualTo(new[] { sop }));
            }
        }
    }

    [TestCase("/dicomweb/studies", 5)]
    [TestCase("/dicomweb/series", 7)]
    [TestCase("/dicomweb/instances", 8)]
    [TestCase("/dicomweb/studies/1.2.276.3.1/instances", 4)]
    public async Task Pages_come_complete_in_one_order_and_say_when_there_is_more(string path, int total)
    {
        var whole = (await server.Client.JsonAsync(path)).EnumerateArray().Select(row => row.Value("00081190")).ToList();
        Assert.That(whole, Has.Count.EqualTo(total));
        foreach (var size in new[] { 1, 2, 3, total, total + 1 })
        {
            var pages = new List<string?>();
            for (var offset = 0; offset <= total; offset += size)
            {
                using var answer = await server.Client.GetAsync($"{path}?limit={size}&offset={offset}", "application/dicom+json");
                pages.AddRange((await answer.JsonAsync()).EnumerateArray().Select(row => row.Value("00081190")));
                var more = offset + size < total;
                Assert.That(answer.Headers.Contains("Warning"), Is.EqualTo(more), $"{size} from {offset}");
                if (more)
                {
                    Assert.That(answer.Headers.GetValues("Warning").Single(), Does.StartWith("299 ").And.Contain("Additional results can be requested."));
                }
            }
            Assert.That(pages, Is.EqualTo(whole));
        }
        Assert.That((await server.Client.JsonAsync($"{path}?offset=2147483647&limit=2147483647")).GetArrayLength(), Is.Zero);
        using var none = await server.Client.GetAsync($"{path}?limit=0", "application/dicom+json");
        Assert.That(await none.Content.ReadAsStringAsync(), Is.EqualTo("[]"));
    }

    [TestCase("doe jan", "Jane")]
    [TestCase("jan doe", "Jane")]
    [TestCase("JANE", "Jane")]
    [TestCase("ane", "")]
    [TestCase("doe x", "")]
    [TestCase("*doe*", "Jane")]
    [TestCase("doe^jane", "Jane")]
    [TestCase("mull", "Jorg")]
    [TestCase("JÖRG MÜ", "Jorg")]
    [TestCase("o'brien", "Ann")]
    [TestCase("太郎", "Odd")]
    [TestCase("やまだ tar", "Odd")]
    [TestCase("tarou yam", "Odd")]
    public async Task Fuzzy_matching_finds_words_that_begin_so_in_any_order(string name, string expected)
    {
        foreach (var path in new[] { "/dicomweb/studies", "/dicomweb/patients/q1/studies", "/dicomweb/patients/q2/studies" })
        {
            var rows = await server.Client.JsonAsync($"{path}?fuzzymatching=true&PatientName={Uri.EscapeDataString(name)}");
            var here = path.EndsWith("q1/studies", StringComparison.Ordinal) ? "Jane Jorg" : path.EndsWith("q2/studies", StringComparison.Ordinal) ? "Ann Odd" : expected;
            Assert.That(
                string.Join(' ', rows.EnumerateArray().Select(row => Names[row.Value("0020000D")!])),
                Is.EqualTo(here.Contains(expected, StringComparison.Ordinal) ? expected : ""), path);
        }
    }

    [TestCase("application/dicom+json", 200, "application/dicom+json")]
    [TestCase("application/json", 200, "application/json")]
    [TestCase("application/json, application/dicom+json", 200, "application/dicom+json")]
    [TestCase("application/json, text/plain, */*", 200, "application/dicom+json")]
    [TestCase("application/json, multipart/related; type=\"application/dicom+xml\"; q=0.5", 200, "application/json")]
    [TestCase("application/*", 200, "application/dicom+json")]
    [TestCase("*/*", 200, "application/dicom+json")]
    [TestCase("multipart/related; type=\"application/dicom+xml\"", 200)]
    [TestCase("multipart/related; type=application/dicom+xml", 200)]
    [TestCase("application/dicom+xml", 406)]
    [TestCase("multipart/related; type=\"application/dicom\"", 406)]
    [TestCase("text/html", 406)]
    public async Task The_media_type_is_negotiated(string accept, int status, string? type = null)
    {
        var answer = await server.Client.GetAsync("/dicomweb/studies", accept);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        Assert.That(type is null || answer.Content.Headers.ContentType?.MediaType == type, $"{answer.Content.Headers.ContentType}");
    }

    [Test]
    public async Task Hostile_patterns_are_answered_soon()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var query in new[]
        {
            "StudyDescription=" + string.Concat(Enumerable.Repeat("*a", 1500)), "PatientName=" + new string('*', 3000) + "q", "PatientID=" + new string('[', 2500) + "*",
            "StudyInstanceUID=" + string.Join(',', Enumerable.Repeat("1", 2500)),
        })
        {
            using var answer = await server.Client.GetAsync("/dicomweb/studies?" + query, "application/dicom+json");
            Assert.That((int)answer.StatusCode, Is.AnyOf(200, 422, 400, 414), query[..20]);
        }
        Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public async Task A_caller_of_one_record_finds_what_lies_in_it_and_no_more()
    {
        using var caller = server.As(Reach.Of([new("q1")]));
        Assert.That(await StudiesAsync(caller, "/dicomweb/studies"), Is.EqualTo(new[] { Jorg, Jane }));
        Assert.That(await StudiesAsync(caller, "/dicomweb/studies?limit=1&offset=1"), Is.EqualTo(new[] { Jane }));
        Assert.That(await StudiesAsync(caller, $"/dicomweb/studies?StudyInstanceUID={Ann}"), Is.Empty);
        Assert.That(await StudiesAsync(caller, "/dicomweb/series?Modality=CT"), Is.EqualTo(new[] { Jane, Jane }));
        Assert.That((int)(await caller.GetAsync("/dicomweb/patients/q2/studies", "*/*")).StatusCode, Is.EqualTo(404));
        using var nobody = server.As(Reach.Of([new("no-such-record")]));
        Assert.That(await StudiesAsync(nobody, "/dicomweb/studies"), Is.Empty);
        Assert.That(await StudiesAsync(nobody, "/dicomweb/instances"), Is.Empty);
    }

    [Test]
    public async Task Of_a_study_that_is_partly_hidden_only_the_visible_part_is_counted_listed_and_matched()
    {
        using var caller = server.As(Reach.Of([new("q1", [new(Jane, [Jane + ".1"])])]));
        var row = (await caller.JsonAsync("/dicomweb/studies")).EnumerateArray().Single();
        Assert.That((row.Value("00201206"), row.Value("00201208"), string.Join(' ', row.Values("00080061"))), Is.EqualTo(("1", "2", "CT")));
        foreach (var (query, found) in new[]
        {
            ("studies?ModalitiesInStudy=SR", 0), ("studies?Modality=SR", 0), ("studies?ModalitiesInStudy=CT", 1), ($"studies?SeriesInstanceUID={Jane}.2", 0),
            ($"studies?SOPInstanceUID={Jane}.3.1", 0), ($"studies?SOPInstanceUID={Jane}.1.1", 1), ("studies?SOPClassUID=1.2.840.10008.5.1.4.1.1.88.11", 0),
            ("series", 1), ("series?ModalitiesInStudy=SR", 0), ("series?ModalitiesInStudy=CT", 1), ("instances?ModalitiesInStudy=SR", 0),
            ($"studies/{Jane}/series", 1), ("instances", 2), ($"studies/{Jane}/instances", 2), ($"studies/{Jane}/series/{Jane}.2/instances", 0),
            ($"instances?SeriesInstanceUID={Jane}.2", 0),
        })
        {
            foreach (var webBase in new[] { "/dicomweb/", "/dicomweb/patients/q1/" })
            {
                Assert.That((await caller.JsonAsync(webBase + query)).GetArrayLength(), Is.EqualTo(found), query);
            }
        }
    }

    private static void Bare(DicomDataset data)
    {
        foreach (var tag in new[]
        {
            DicomTag.StudyTime, DicomTag.AccessionNumber, DicomTag.StudyDescription, DicomTag.StudyID, DicomTag.Modality, DicomTag.PatientName, DicomTag.PatientSex,
            DicomTag.SeriesNumber, DicomTag.InstanceNumber,
        })
        {
            data.Remove(tag);
        }
    }

    private static async Task<IEnumerable<string?>> StudiesAsync(HttpClient client, string path) =>
        (await client.JsonAsync(path)).EnumerateArray().Select(row => row.Value("0020000D")).ToList();
}
