using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What QIDO tells and matches of a study whose series say different things of study and patient, when a part of it is hidden.</summary>
[TestFixture]
public sealed class QidoPartTests
{
    private const string Study = "1.2.276.5.1", Hidden = Study + ".1", Seen = Study + ".2";
    private const string Included = "includefield=PatientComments,AdmittingDiagnosesDescription,ProcedureCodeSequence,StudyDescription";
    private static readonly string[] Levels = ["studies", "series", "instances", $"studies/{Study}/series", $"studies/{Study}/instances"];

    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/p1", """{"resourceType":"Patient","id":"p1"}""");
        // The oldest instance lies in the series that is hidden.
        foreach (var (series, words, accession, birth, day) in new[] { (Hidden, "secret", "HID-1", "19700101", "20260110"), (Seen, "plain", "VIS-1", "19710101", "20260112") })
        {
            var one = new TestDicom(Study, series, series + ".1")
            {
                BirthDate = birth, StudyDate = day, PatientId = words + "-id", PatientName = words + "^name",
                Further = data =>
                {
                    data.Add(DicomTag.AccessionNumber, accession).Add(DicomTag.StudyDescription, words + " study");
                    data.Add(T("PatientComments"), words + " comments").Add(T("AdmittingDiagnosesDescription"), words + " diagnosis");
                    data.AddSequence(T("ProcedureCodeSequence"), new DicomDataset().Add(T("CodeValue"), words + "-code").Add(T("CodeMeaning"), words + " procedure"));
                },
            };
            Assert.That((await server.StowAsync("/dicomweb/patients/p1", [one.ToBytes()])).StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted));
        }
    }

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [Test]
    public async Task What_only_a_hidden_series_says_of_the_study_is_not_told()
    {
        using var part = server.As(Reach.Of([new("p1", [new(Study, [Seen])])]));
        foreach (var path in Levels.SelectMany(level => new[] { $"/dicomweb/{level}?{Included}", $"/dicomweb/patients/p1/{level}?{Included}", $"/dicomweb/{level}?includefield=all" }))
        {
            var row = (await part.JsonAsync(path)).EnumerateArray().Single();
            Assert.That(row.GetRawText(), Does.Not.Contain("secret").And.Not.Contain("HID-1").And.Not.Contain("19700101"), path);
            if (!path.Contains($"studies/{Study}", StringComparison.Ordinal))
            {
                Assert.That((row.Value("00104000"), row.Value("00100010"), row.Value("00080050")), Is.EqualTo(("plain comments", "plain^name", "VIS-1")), path);
            }
        }
        using var whole = server.As(Reach.Of([new("p1", [new(Study)])]));
        Assert.That((await whole.JsonAsync("/dicomweb/studies?" + Included))[0].Value("00104000"), Is.EqualTo("secret comments"));
    }

    [TestCase("PatientComments=secret*", "PatientComments=plain*")]
    [TestCase("AdmittingDiagnosesDescription=*secret*", "AdmittingDiagnosesDescription=*plain*")]
    [TestCase("ProcedureCodeSequence.CodeValue=secret-code", "ProcedureCodeSequence.CodeValue=plain-code")]
    [TestCase("StudyDescription=secret*", "StudyDescription=plain*")]
    [TestCase("AccessionNumber=HID-1", "AccessionNumber=VIS-1")]
    [TestCase("PatientID=secret-id", "PatientID=plain-id")]
    [TestCase("PatientName=secret*", "PatientName=plain*")]
    [TestCase("PatientName=secret&fuzzymatching=true", "PatientName=plain&fuzzymatching=true")]
    [TestCase("PatientBirthDate=19700101", "PatientBirthDate=19710101")]
    [TestCase("StudyDate=20260110", "StudyDate=20260112")]
    [TestCase("StudyDate=20260109-20260111", "StudyDate=20260111-20260113")]
    public async Task What_only_a_hidden_series_says_of_the_study_never_matches_and_what_a_visible_one_says_does(string hidden, string seen)
    {
        using var whole = server.As(Reach.Of([new("p1", [new(Study)])]));
        using var part = server.As(Reach.Of([new("p1", [new(Study, [Seen])])]));
        foreach (var path in Levels.SelectMany(level => new[] { $"/dicomweb/{level}?", $"/dicomweb/patients/p1/{level}?" }))
        {
            Assert.That((await whole.JsonAsync(path + hidden)).GetArrayLength(), Is.GreaterThan(0), path);
            Assert.That((await part.JsonAsync(path + hidden)).GetArrayLength(), Is.Zero, path);
            Assert.That((await part.JsonAsync(path + seen)).GetArrayLength(), Is.EqualTo(1), path);
        }
    }

    private static DicomTag T(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new ArgumentException(keyword);
}
