using System.IO.Compression;
using System.Net;
using System.Text.Json;
using System.Xml.Linq;
using Bench;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>QIDO keys of every kind and what is answered: sequences, empty values, ranges of moments, included attributes, forms of answers.</summary>
[TestFixture]
public sealed class QidoKeysTests
{
    private const string Rich = "1.2.276.4.1", Poor = "1.2.276.4.2", Report = Rich + ".2";
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start(("DicomWeb:Search:MaxLimit", "3"), ("DicomWeb:Search:DefaultLimit", "2"), ("DicomWeb:Search:MaxKeys", "4"), ("DicomWeb:Search:MaxValues", "4"));
        await server.PutAsync("/fhir/Patient/k1", """{"resourceType":"Patient","id":"k1"}""");
        var rich = new TestDicom(Rich, Rich + ".1", Rich + ".1.1")
        {
            PatientName = "Ünal^Ayşe", StudyDate = "20260110", SeriesNumber = 1,
            Further = data =>
            {
                OfStudy(data);
                data.Add(T("SeriesDescription"), "Thorax nativ").Add(T("InstitutionName"), "Klinikum Nord").Add(T("StationName"), "CT1").Add(T("Manufacturer"), "Acme");
                data.Add(T("ProtocolName"), "Lung*low").Add(T("PerformedProcedureStepStartDate"), "20260110").Add(T("PerformedProcedureStepStartTime"), "080000");
                data.AddSequence(T("RequestAttributesSequence"), Item(("ScheduledProcedureStepID", "SPS-1"), ("RequestedProcedureID", "RP-1")), Item(("ScheduledProcedureStepID", "SPS-2"), ("RequestedProcedureID", "RP-2")));
                data.AddSequence(T("AnatomicRegionSequence"), Item(("CodeValue", "51185008"), ("CodingSchemeDesignator", "SCT"), ("CodeMeaning", "Chest")));
                data.Add(T("ImageType"), "ORIGINAL", "PRIMARY", "AXIAL").Add(T("AcquisitionDateTime"), "20260110083000.5+0100").Add(T("KVP"), "120");
                data.Add(new DicomTag(0x00110010), DicomVr.LO, "ACME 1.0").Add(new DicomTag(0x00111001), DicomVr.LO, "private words");
            },
        };
        var report = new TestDicom(Rich, Report, Report + ".1")
        {
            PatientName = "Ünal^Ayşe", StudyDate = "20260110", SeriesNumber = 2, Modality = "SR", Rows = 4,
            Further = data =>
            {
                OfStudy(data);
                data.Add(T("SeriesDescription"), "Befund").Add(T("InstitutionName"), "Praxis Süd").Add(T("StationName"), "RIS9").Add(T("Manufacturer"), "Other");
                data.AddSequence(T("RequestAttributesSequence"), Item(("ScheduledProcedureStepID", "SPS-9"), ("RequestedProcedureID", "RP-9")));
                data.AddSequence(T("ReferencedRequestSequence"), Item(("AccessionNumber", "RR-1"), ("RequestedProcedureID", "RRP-1")));
                data.AddSequence(T("ConceptNameCodeSequence"), Item(("CodeValue", "18748-4"), ("CodingSchemeDesignator", "LN"), ("CodeMeaning", "Diagnostic imaging report")));
                data.Add(T("CompletionFlag"), "COMPLETE").Add(T("AcquisitionDateTime"), "20260111");
            },
        };
        var poor = new TestDicom(Poor, Poor + ".1", Poor + ".1.1")
        {
            PatientName = "Roe^Rick", PatientId = "P-2", StudyDate = "20260112", Modality = "MR", Sex = "", InstanceNumber = 1,
            Further = data => data.Add(DicomTag.StudyTime, "170000"),
        };
        var files = new[] { rich, rich with { Sop = Rich + ".1.2", InstanceNumber = 2 }, report, poor }.Select(one => one.ToBytes());
        Assert.That((await server.StowAsync("/dicomweb/patients/k1", files)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        static void OfStudy(DicomDataset data)
        {
            data.Add(DicomTag.StudyTime, "081500").Add(T("IssuerOfPatientID"), "HOSP").Add(T("ReferringPhysicianName"), "House^Gregory").Add(T("OtherPatientIDs"), "X-1", "X-2");
            data.Add(T("TimezoneOffsetFromUTC"), "+0100").Add(T("PatientComments"), "Likes tea").Add(T("PatientWeight"), "70.5");
            data.AddSequence(
                T("ProcedureCodeSequence"), Item(("CodeValue", "RPID16"), ("CodingSchemeDesignator", "RADLEX"), ("CodeMeaning", "CT Thorax")), Item(("CodeValue", "77"), ("CodingSchemeDesignator", "LOCAL")));
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    // Keys, how many of the studies, series and instances they find. Chest: two CT instances and a report; Poor: one MR.
    [TestCase("IssuerOfPatientID=HOSP", 1, 2, 3)]
    [TestCase("OtherPatientIDs=X-2", 1, 2, 3)]
    [TestCase("OtherPatientIDs=X-?", 1, 2, 3)]
    [TestCase("ReferringPhysicianName=house*", 1, 2, 3)]
    [TestCase("PatientComments=*TEA", 1, 2, 3)]
    [TestCase("PatientName=unal*", 1, 2, 3)]
    [TestCase("PatientName=ayse%20%C3%BCn&fuzzymatching=true", 1, 2, 3)]
    [TestCase("ReferringPhysicianName=greg&fuzzymatching=true", 1, 2, 3)]
    [TestCase("ProcedureCodeSequence.CodeValue=RPID16", 1, 2, 3)]
    [TestCase("00081032.00080100=RPID16", 1, 2, 3)]
    [TestCase("ProcedureCodeSequence.00080100=RPID*", 1, 2, 3)]
    [TestCase("ProcedureCodeSequence.CodeValue=RPID16&ProcedureCodeSequence.CodingSchemeDesignator=RADLEX", 1, 2, 3)]
    [TestCase("ProcedureCodeSequence.CodeValue=RPID16&ProcedureCodeSequence.CodingSchemeDesignator=LOCAL", 0, 0, 0)]
    [TestCase("ProcedureCodeSequence.CodeMeaning=%22%22", 2, 3, 3)]
    [TestCase("ProcedureCodeSequence=", 2, 3, 3)]
    [TestCase("RequestAttributesSequence.ScheduledProcedureStepID=SPS-2", 1, 1, 2)]
    [TestCase("00400275.00400009=SPS-9", 1, 1, 1)]
    [TestCase("RequestAttributesSequence.ScheduledProcedureStepID=SPS-1&RequestAttributesSequence.RequestedProcedureID=RP-2", 0, 0, 0)]
    [TestCase("AnatomicRegionSequence.CodeValue=51185008", 1, 1, 2)]
    [TestCase("AnatomicRegionSequence.CodeMeaning=chest", 1, 1, 2)]
    [TestCase("ReferencedRequestSequence.AccessionNumber=RR-1", 1, 1, 1)]
    [TestCase("ConceptNameCodeSequence.CodeValue=18748-4", 1, 1, 1)]
    [TestCase("InstitutionName=klinikum*", 1, 1, 2)]
    [TestCase("InstitutionName=*s%C3%BCd", 1, 1, 1)]
    [TestCase("StationName=ct1", 0, 0, 0)]
    [TestCase("StationName=CT1", 1, 1, 2)]
    [TestCase("Manufacturer=ACME", 1, 1, 2)]
    [TestCase("ProtocolName=Lung?low", 1, 1, 2)]
    [TestCase("PerformedProcedureStepStartDate=20260110&PerformedProcedureStepStartTime=08", 1, 1, 2)]
    [TestCase("Modality=CT&SeriesDescription=thorax*", 1, 1, 2)]
    [TestCase("Modality=SR&SeriesDescription=thorax*", 0, 0, 0)]
    [TestCase("Modality=SR&InstanceNumber=2", 0, 0, 0)]
    [TestCase("Modality=CT&InstanceNumber=2", 1, 1, 1)]
    [TestCase("ModalitiesInStudy=CT&Modality=SR", 1, 1, 1)]
    [TestCase("Rows=4", 1, 1, 1)]
    [TestCase("Rows=8.0", 2, 2, 3)]
    [TestCase("BitsAllocated=8&NumberOfFrames=1&Columns=8", 2, 3, 3)]
    [TestCase("ImageType=PRIMARY", 1, 1, 2)]
    [TestCase("ImageType=DERIVED,AXIAL", 1, 1, 2)]
    [TestCase("ImageType=PRIM*", 1, 1, 2)]
    [TestCase("ImageType=%22%22", 2, 2, 2)]
    [TestCase("CompletionFlag=COMPLETE", 1, 1, 1)]
    [TestCase("AcquisitionDateTime=20260110", 1, 1, 2)]
    [TestCase("AcquisitionDateTime=2026", 1, 2, 3)]
    [TestCase("AcquisitionDateTime=20260110073000-20260110073001", 1, 1, 2)]
    [TestCase("AcquisitionDateTime=20260110083000%2B0100-20260110083001%2B0100", 1, 1, 2)]
    [TestCase("AcquisitionDateTime=20260110083000+0100-", 1, 2, 3)]
    [TestCase("AcquisitionDateTime=-20260110072959", 0, 0, 0)]
    [TestCase("AcquisitionDateTime=-20260110073000", 1, 1, 2)]
    [TestCase("AcquisitionDateTime=20260111-", 1, 1, 1)]
    [TestCase("StudyDate=20260110-20260112&StudyTime=0900-1000", 0, 0, 0)]
    [TestCase("StudyDate=20260109-20260112&StudyTime=0900-1000", 1, 2, 3)]
    [TestCase("StudyDate=20260109-20260112&StudyTime=0900-1700", 2, 3, 3)]
    [TestCase("StudyDate=20260110-&StudyTime=0816-", 1, 1, 1)]
    [TestCase("StudyDate=20260110&StudyTime=0800-0830", 1, 2, 3)]
    [TestCase("StudyTime=0800-1000", 1, 2, 3)]
    [TestCase("PatientSex=%22%22", 1, 1, 1)]
    [TestCase("PatientSex=*", 2, 3, 3)]
    [TestCase("PatientName=***", 2, 3, 3)]
    [TestCase("BodyPartExamined=%22%22", 2, 3, 3)]
    [TestCase("NumberOfStudyRelatedSeries=2", 1, 2, 3)]
    [TestCase("NumberOfStudyRelatedInstances=3", 1, 2, 3)]
    [TestCase("NumberOfSeriesRelatedInstances=2", 1, 1, 2)]
    [TestCase("NumberOfSeriesRelatedInstances=1", 2, 2, 2)]
    [TestCase("SOPInstanceUID=1.2.276.4.1.1.2", 1, 1, 1)]
    [TestCase("StudyInstanceUID=1.2.276.4.1\\1.2.276.4.2&Modality=MR", 1, 1, 1)]
    public async Task A_key_finds(string query, int studies, int series, int instances)
    {
        foreach (var webBase in new[] { "/dicomweb", "/dicomweb/patients/k1" })
        {
            Assert.That((await server.Client.JsonAsync($"{webBase}/studies?limit=3&{query}")).GetArrayLength(), Is.EqualTo(studies), "studies");
            Assert.That((await server.Client.JsonAsync($"{webBase}/series?limit=3&{query}")).GetArrayLength(), Is.EqualTo(series), "series");
            Assert.That((await server.Client.JsonAsync($"{webBase}/instances?limit=3&{query}")).GetArrayLength(), Is.EqualTo(instances), "instances, of which a page has three");
        }
    }

    /// <summary>The same keys by which everybody else finds the report find nothing for who may not see its series.</summary>
    [TestCase("Modality=SR")]
    [TestCase("ModalitiesInStudy=SR")]
    [TestCase("ModalitiesInStudy=S?")]
    [TestCase("SeriesDescription=Befund")]
    [TestCase("SeriesNumber=2")]
    [TestCase("SeriesInstanceUID=" + Report)]
    [TestCase("InstitutionName=praxis*")]
    [TestCase("StationName=RIS9")]
    [TestCase("RequestAttributesSequence.ScheduledProcedureStepID=SPS-9")]
    [TestCase("ReferencedRequestSequence.AccessionNumber=RR-1")]
    [TestCase("ConceptNameCodeSequence.CodeMeaning=diagnostic*")]
    [TestCase("SOPInstanceUID=" + Report + ".1")]
    [TestCase("CompletionFlag=COMPLETE")]
    [TestCase("Rows=4")]
    [TestCase("AcquisitionDateTime=20260111")]
    [TestCase("NumberOfStudyRelatedSeries=2")]
    [TestCase("NumberOfStudyRelatedInstances=3")]
    [TestCase("ImageType=%22%22&StudyInstanceUID=" + Rich)]
    public async Task What_is_hidden_never_matches(string query)
    {
        using var whole = server.As(Reach.Of([new("k1", [new(Rich)])]));
        using var part = server.As(Reach.Of([new("k1", [new(Rich, [Rich + ".1"])])]));
        foreach (var webBase in new[] { "/dicomweb", "/dicomweb/patients/k1" })
        {
            foreach (var level in new[] { "studies", "series", "instances", $"studies/{Rich}/series", $"studies/{Rich}/instances" })
            {
                Assert.That((await whole.JsonAsync($"{webBase}/{level}?{query}")).GetArrayLength(), Is.GreaterThan(0), level);
                Assert.That((await part.JsonAsync($"{webBase}/{level}?{query}")).GetArrayLength(), Is.Zero, level);
            }
        }
    }

    [Test]
    public async Task What_is_included_comes_from_what_may_be_seen()
    {
        using var images = server.As(Reach.Of([new("k1", [new(Rich, [Rich + ".1"])])]));
        using var report = server.As(Reach.Of([new("k1", [new(Rich, [Report])])]));
        foreach (var include in new[] { "includefield=all", "includefield=00111001,AdditionalPatientHistory&includefield=PatientWeight" })
        {
            var (ofImages, ofReport) = ((await images.JsonAsync("/dicomweb/studies?" + include))[0], (await report.JsonAsync("/dicomweb/studies?" + include))[0]);
            Assert.That((ofImages.Value("00101030"), ofReport.Value("00101030")), Is.EqualTo(("70.5", "70.5")));
            Assert.That(ofReport.GetRawText(), Does.Not.Contain("private words").And.Not.Contain("SPS-1").And.Not.Contain("Klinikum"));
            Assert.That(ofImages.GetRawText(), Does.Not.Contain("SPS-9").And.Not.Contain("Praxis").And.Not.Contain("RR-1"));
            Assert.That((ofImages.Value("00201206"), ofImages.Value("00201208"), string.Join(' ', ofImages.Values("00080061"))), Is.EqualTo(("1", "2", "CT")));
        }
        Assert.That((await images.JsonAsync("/dicomweb/studies?includefield=00111001"))[0].Value("00111001"), Is.EqualTo("private words"));
        Assert.That((await report.JsonAsync("/dicomweb/studies?includefield=00111001"))[0].TryGetProperty("00111001", out _), Is.False);
    }

    [TestCase("studies", "", "00401002,PatientWeight,00081030", "00101030 00081030", "00401002")]
    [TestCase("studies", "", "00101030%2C00104000", "00101030 00104000", "00080070")]
    [TestCase("studies", "", "PatientWeight&includefield=PatientComments", "00101030 00104000", "")]
    [TestCase("studies", "", "ProcedureCodeSequence.CodeValue", "00081032", "")]
    [TestCase("studies", "", "Modality,StationName,Rows", "", "00080060 00081010 00280010")]
    [TestCase("studies", "", "00090099,00111001", "00111001", "00090099")]
    [TestCase("studies", "", "all", "00101030 00104000 00081032 00100021 00101000", "00080060 00280010 00180060 00111001")]
    [TestCase("studies", "PatientComments=*tea&", "", "00104000", "")]
    [TestCase("series", "", "StationName,InstitutionName", "00081010 00080080 00100010", "00101030")]
    [TestCase("series", "", "all", "00081010 00080080 00101030", "00280010 00180060")]
    [TestCase("studies/1.2.276.4.1/series", "", "", "0008103E 0020000D 00400275", "00100010 00081010")]
    [TestCase("studies/1.2.276.4.1/series", "", "PatientName,PatientWeight", "00100010 00101030", "")]
    [TestCase("studies/1.2.276.4.1/series", "", "all", "00081010 0020000D", "00100010 00101030")]
    [TestCase("instances", "", "KVP,ImageType", "00180060 00080008 00100010", "")]
    [TestCase("studies/1.2.276.4.1/series/1.2.276.4.1.1/instances", "", "all", "00180060 00080008 00111001 7FE00010", "00100010 00081010")]
    public async Task Included_attributes_are_answered_at_their_level(string path, string keys, string include, string there, string absent)
    {
        var rows = await server.Client.JsonAsync($"/dicomweb/{path}?{keys}{(include.Length > 0 ? "includefield=" + include : "")}&StudyInstanceUID={Rich}&limit=1");
        var tags = rows[0].EnumerateObject().Select(one => one.Name).ToList();
        Assert.That(there.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(tags), Is.Empty);
        Assert.That(absent.Split(' ', StringSplitOptions.RemoveEmptyEntries).Intersect(tags), Is.Empty);
        Assert.That(tags, Is.Ordered.Using<string>(StringComparer.Ordinal));
        Assert.That(rows[0].Values("00080005"), Is.EqualTo(new[] { "ISO_IR 192" }));
    }

    [Test]
    public async Task Bulk_data_that_is_included_has_an_address_that_leads_to_it()
    {
        var row = (await server.Client.JsonAsync($"/dicomweb/instances?SOPInstanceUID={Rich}.1.1&includefield=all"))[0];
        foreach (var (_, address) in row.BulkAddresses())
        {
            Assert.That(address, Does.StartWith($"{server.Address}/dicomweb/patients/k1/"));
            using var answer = await server.Client.GetAsync(address, "*/*");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
    }

    [TestCase("PatientWeight=1", "PatientWeight")]
    [TestCase("NoSuchKeyword=1", "NoSuchKeyword")]
    [TestCase("00111001=1", "00111001")]
    [TestCase("ProcedureCodeSequence.PatientName=x", "ProcedureCodeSequence.PatientName")]
    [TestCase("RetrieveURL=x", "RetrieveURL")]
    [TestCase("RequestAttributesSequence=x", "sequence")]
    [TestCase("Rows=many", "number")]
    [TestCase("NumberOfStudyRelatedSeries=1.5", "number")]
    [TestCase("AcquisitionDateTime=yesterday", "AcquisitionDateTime")]
    [TestCase("fuzzymatching=maybe", "fuzzymatching")]
    [TestCase("ImageType=A*,B", "list")]
    public async Task What_is_not_understood_is_named(string query, string named)
    {
        using var answer = await server.Client.GetAsync("/dicomweb/studies?" + query, "application/dicom+json");
        Assert.That(((int)answer.StatusCode, await answer.Content.ReadAsStringAsync()), Is.EqualTo((400, await answer.Content.ReadAsStringAsync())));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(named));
    }

    [TestCase("PatientID=a&PatientSex=b&StudyID=c&StudyDate=20260101&Modality=CT", 422)]
    [TestCase("StudyInstanceUID=1,2,3,4,5", 422)]
    [TestCase("includefield=00100010,00100020,00100030,00100040,00081030", 422)]
    [TestCase("StudyInstanceUID=1,2,3,4", 200)]
    public async Task Too_much_at_once_is_422(string query, int status)
    {
        using var answer = await server.Client.GetAsync("/dicomweb/studies?" + query, "application/dicom+json");
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public async Task The_servers_own_limits_hold_and_are_said()
    {
        foreach (var (path, count, more) in new[]
        {
            ("/dicomweb/instances", 2, true), ("/dicomweb/instances?limit=100", 3, true), ("/dicomweb/instances?limit=100&offset=1", 3, false), ("/dicomweb/studies", 2, false),
            ($"/dicomweb/studies/{Rich}/instances", 3, false),
        })
        {
            using var answer = await server.Client.GetAsync(path, "application/dicom+json");
            Assert.That((await answer.JsonAsync()).GetArrayLength(), Is.EqualTo(count), path);
            Assert.That(answer.Headers.Contains("Warning"), Is.EqualTo(more), path);
        }
    }

    [Test]
    public async Task Results_come_as_XML_that_says_the_same()
    {
        using var answer = await server.Client.GetAsync($"/dicomweb/series?StudyInstanceUID={Rich}&includefield=all", "multipart/related; type=\"application/dicom+xml\"");
        var parts = await answer.PartsAsync();
        var json = (await server.Client.JsonAsync($"/dicomweb/series?StudyInstanceUID={Rich}&includefield=all")).EnumerateArray().ToList();
        Assert.That(parts, Has.Count.EqualTo(json.Count));
        foreach (var (part, row) in parts.Zip(json))
        {
            Assert.That(part.ContentType, Is.EqualTo("application/dicom+xml"));
            var model = XDocument.Load(new MemoryStream(part.Body)).Root!;
            Assert.That(model.Name, Is.EqualTo(XName.Get("NativeDicomModel", DicomXml.Namespace)));
            Assert.That(model.Elements().Select(one => one.Attribute("tag")!.Value), Is.EqualTo(row.EnumerateObject().Select(one => one.Name)));
            Assert.That(model.Elements().Single(one => one.Attribute("tag")!.Value == "0020000E").Value, Is.EqualTo(row.Value("0020000E")));
        }
        using var none = await server.Client.GetAsync("/dicomweb/series?PatientID=nobody", "multipart/related; type=\"application/dicom+xml\"");
        Assert.That(none.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
    }

    [Test]
    public async Task Results_are_compressed_for_who_takes_that_and_HEAD_says_the_same_without_a_body()
    {
        const string Path = "/dicomweb/studies?includefield=all";
        using var packed = await server.Client.GetAsync(Path, "application/dicom+json", ("Accept-Encoding", "gzip"));
        Assert.That(packed.Content.Headers.ContentEncoding, Is.EqualTo(new[] { "gzip" }));
        Assert.That(packed.Headers.Vary, Does.Contain("Accept-Encoding"));
        using var reader = new StreamReader(new GZipStream(await packed.Content.ReadAsStreamAsync(), CompressionMode.Decompress));
        using var plain = await server.Client.GetAsync(Path, "application/dicom+json");
        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo(await plain.Content.ReadAsStringAsync()));
        foreach (var path in new[]
        {
            Path, "/dicomweb/studies?limit=1", "/dicomweb/series", "/dicomweb/instances", $"/dicomweb/studies/{Rich}/series", $"/dicomweb/studies/{Rich}/instances",
            $"/dicomweb/studies/{Rich}/series/{Rich}.1/instances", "/dicomweb/patients/k1/studies", "/dicomweb/patients/nobody/studies", "/dicomweb/studies?NoSuch=1",
        })
        {
            using var get = await server.Client.GetAsync(path, "application/dicom+json");
            using var head = await server.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path) { Headers = { { "Accept", "application/dicom+json" } } });
            Assert.That((head.StatusCode, head.Content.Headers.ContentType, head.Headers.Contains("Warning")), Is.EqualTo((get.StatusCode, get.Content.Headers.ContentType, get.Headers.Contains("Warning"))), path);
            Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
        }
    }

    [Test]
    public async Task OHIFs_own_requests_find_what_they_ask()
    {
        const string List = "/dicomweb/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060%2C00080090%2C00100030";
        var all = await server.Client.JsonAsync(List);
        Assert.That(all.GetArrayLength(), Is.EqualTo(2));
        Assert.That(all.EnumerateArray().Select(row => (row.Value("00201208"), string.Join('/', row.Values("00080061")))), Is.EqualTo(new[] { ("1", "MR"), ("3", "CT/SR") }));
        foreach (var (more, found) in new[]
        {
            ("&PatientName=*nal*", 1), ("&PatientName=*%5Ea*", 1), ("&00100020=*-2*", 1), ("&AccessionNumber=*ACC*", 2), ("&StudyDescription=*study*", 2), ("&ModalitiesInStudy=SR", 1),
            ("&ModalitiesInStudy=SR%2CMR", 2), ("&StudyDate=20260110-20260111", 1), ($"&StudyInstanceUID={Rich}%5C{Poor}", 2), ($"&StudyInstanceUID={Rich}\\{Poor}", 2), ($"&StudyInstanceUID={Poor}", 1),
        })
        {
            Assert.That((await server.Client.JsonAsync(List + more)).GetArrayLength(), Is.EqualTo(found), more);
        }
        foreach (var include in new[] { "0008103E%2C00080021", "00080021%2C00080031%2C0008103E%2C00200011" })
        {
            var series = await server.Client.JsonAsync($"/dicomweb/studies/{Rich}/series?includefield={include}");
            Assert.That(series.EnumerateArray().Select(row => (row.Value("0020000D"), row.Value("0008103E"), row.Value("00201209"))),
                Is.EqualTo(new[] { (Rich, "Thorax nativ", "2"), (Rich, "Befund", "1") }));
        }
    }

    [Test]
    public async Task A_search_that_takes_too_long_is_422_and_the_next_is_answered()
    {
        await using var busy = PhrServer.Start(("DicomWeb:Search:TimeLimit", "00:00:00.010"));
        ManyStudies.Write(System.IO.Path.Combine(busy.Folder, "store.db"), 60_000);
        using var slow = await busy.Client.GetAsync("/dicomweb/studies?StudyTime=000001", "application/dicom+json");
        Assert.That((int)slow.StatusCode, Is.EqualTo(422));
        Assert.That(await slow.Content.ReadAsStringAsync(), Does.Contain("longer than this server allows"));
        for (var again = 0; again < 3; again++)
        {
            Assert.That((await busy.Client.JsonAsync("/dicomweb/studies?PatientID=P7")).GetArrayLength(), Is.EqualTo(5));
        }
    }

    [Test]
    public void Every_attribute_that_can_be_matched_is_listed_with_its_level()
    {
        Assert.That(QueryAttributes.All.Values.Select(one => one.Vr), Is.All.Length.EqualTo(2));
        foreach (var required in new[] { "StudyDate", "StudyTime", "AccessionNumber", "ModalitiesInStudy", "ReferringPhysicianName", "PatientName", "PatientID", "StudyInstanceUID", "StudyID" })
        {
            Assert.That(QueryAttributes.All[required].Level, Is.EqualTo(QueryLevel.Study));
        }
        foreach (var required in new[]
        {
            "Modality", "SeriesInstanceUID", "SeriesNumber", "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime",
            "RequestAttributesSequence.ScheduledProcedureStepID", "RequestAttributesSequence.RequestedProcedureID",
        })
        {
            Assert.That(QueryAttributes.All[required].Level, Is.EqualTo(QueryLevel.Series));
        }
        foreach (var required in new[] { "SOPClassUID", "SOPInstanceUID", "InstanceNumber" })
        {
            Assert.That(QueryAttributes.All[required].Level, Is.EqualTo(QueryLevel.Instance));
        }
    }

    private static DicomTag T(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new ArgumentException(keyword);

    private static DicomDataset Item(params (string Keyword, string Value)[] values)
    {
        var item = new DicomDataset();
        foreach (var (keyword, value) in values)
        {
            item.Add(T(keyword), value);
        }
        return item;
    }
}
