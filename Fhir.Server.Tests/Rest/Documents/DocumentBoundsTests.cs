using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Imaging.Reports;
using Fhir.Server.Storage.Embedded;
using Fhir.Server.Tests.Dicom;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Rest.Documents;

/// <summary>A document must not become much more than it is, nor keep its study from being published.</summary>
[TestFixture]
public sealed class DocumentBoundsTests : DocumentTests
{
    private const int Limit = 4 << 20;

    [Test]
    public void A_report_of_endless_names_and_meanings_becomes_no_more_than_a_few_MiB()
    {
        using var file = new MemoryStream(TestReport.Sr("1.2", "1.3", "1.4", Inflating).ToBytes());
        var report = InstanceReader.Read(file, out _)!.Report!;
        Assert.That(file.Length, Is.GreaterThan(3 << 20), "The report of this test is too small to see anything.");
        Assert.That(report.Length, Is.LessThanOrEqualTo(Limit));
        var resources = InstanceReports.Restore(report.Bytes);
        Assert.That(resources, Has.Count.EqualTo(report.Resources));
        Assert.That(resources.OfType<Hl7.Fhir.Model.DiagnosticReport>().Single().ResultsInterpreter.Select(one => one.Display!.Length), Has.All.AtMost(1024));
        Assert.That(resources.OfType<Hl7.Fhir.Model.Observation>().Count(), Is.InRange(1, 499), "What no longer fits is left out.");
    }

    [Test]
    public async Task Such_a_report_is_stored_and_its_study_published_and_found()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, Inflating));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}")).Ids(), Has.Count.EqualTo(1));
        Assert.That((await GetAsync($"DiagnosticReport?patient={patient}")).Text.Length, Is.LessThan(2 * Limit));
        var store = Phr.Services.GetRequiredService<EmbeddedStore>();
        var bytes = store.Database.Read(session => session.Number("SELECT SUM(length(json)) FROM resource WHERE study = $0", study));
        Assert.That(bytes, Is.LessThan(2 * Limit));
    }

    [Test]
    public void A_code_too_long_to_be_one_is_no_code_and_no_part_of_one()
    {
        var data = new DicomDataset().AddSequence(TestReport.Tag("ConceptNameCodeSequence"), new DicomDataset()
            .Add(TestReport.Tag("LongCodeValue"), new string('7', 2000)).Add(TestReport.Tag("CodeMeaning"), new string('m', 1023) + "\U0001F600"));
        var concept = CodedConcept.Of(data, DicomTag.ConceptNameCodeSequence, new CodingSchemes(data))!;
        Assert.That((concept.Code, concept.Meaning), Is.EqualTo(((string?)null, new string('m', 1023))));
    }

    [Test]
    public async Task One_report_in_two_studies_of_a_record_is_told_in_both()
    {
        var (patient, one, two) = (await NewPatientAsync(), NewUid(), NewUid());
        await StowAsync(patient, TestReport.Sr(one, $"{one}.1", $"{one}.1.1", TestReport.Radiology), TestReport.Sr(two, $"{two}.1", $"{one}.1.1", TestReport.Radiology));
        for (var round = 2; round < 4; round++)
        {
            var reports = (await GetAsync($"DiagnosticReport?patient={patient}")).Entries();
            Assert.That(reports.Select(report => Answer.At(report, "imagingStudy.0.identifier.value")), Is.EquivalentTo(new[] { $"urn:oid:{one}", $"urn:oid:{two}" }));
            Assert.That(reports.Select(report => Answer.At(report, "meta.versionId")), Has.All.EqualTo("1"));
            await StowAsync(patient, new TestDicom(one, $"{one}.5", $"{one}.5.{round}"), new TestDicom(two, $"{two}.5", $"{two}.5.{round}"));
        }
    }

    [Test]
    public async Task A_document_that_cannot_be_told_any_more_keeps_nothing_from_its_study()
    {
        var (patient, study) = await SentAsync((uid, series, sop) => TestReport.Sr(uid, series, sop, TestReport.Radiology));
        Assert.That((await GetAsync($"DiagnosticReport?patient={patient}")).Ids(), Has.Count.EqualTo(1));
        using (var connection = Phr.Services.GetRequiredService<EmbeddedStore>().Database.OpenConnection())
        using (var command = new SqliteCommand("UPDATE instance_report SET report = x'00ff', hash = x'01' WHERE instance IN (SELECT i.pk FROM instance i JOIN study s ON s.pk = i.study WHERE s.uid = $uid)", connection))
        {
            command.Parameters.AddWithValue("$uid", study);
            Assert.That(command.ExecuteNonQuery(), Is.EqualTo(1));
        }
        await StowAsync(patient, TestReport.Sr(study, $"{study}.1", $"{study}.1.2", TestReport.Measurements), new TestDicom(study, $"{study}.2", $"{study}.2.1"));
        Assert.That((await GetAsync($"ImagingStudy?patient={patient}"))["entry.0.resource.numberOfInstances"], Is.EqualTo("3"));
        Assert.That((await GetAsync($"DiagnosticReport?patient={patient}")).Entries().Select(one => Answer.At(one, "identifier.0.value")), Is.EqualTo(new[] { $"urn:oid:{study}.1.2" }));
    }

    /// <summary>16 modifiers around 500 numbers, 32 who verified, all of a length only the length field allows.</summary>
    private static void Inflating(DicomDataset data)
    {
        static string Endless(int seed) => new((char)('a' + (seed % 26)), 64_000);
        TestReport.Flags(data, "COMPLETE", "VERIFIED");
        data.AddSequence(TestReport.Tag("VerifyingObserverSequence"), [.. Enumerable.Range(0, 32).Select(i => new DicomDataset()
            .Add(TestReport.Tag("VerifyingOrganization"), $"{i}{Endless(i)}").Add(TestReport.Tag("VerificationDateTime"), "20260204113000").Add(TestReport.Tag("VerifyingObserverName"), $"{i}{Endless(i)}"))]);
        TestReport.Root(
            data, ("18748-4", "LN", Endless(0)),
            TestReport.Container(
                ("1", "99X", "Group"),
                [
                    .. Enumerable.Range(0, 16).Select(i => TestReport.Item("HAS CONCEPT MOD", "CODE", ($"{i}", "99M", "Modifier"), TestReport.Value(($"{i}", "99V", Endless(i))))),
                    .. Enumerable.Range(0, 500).Select(i => TestReport.Num(($"{i}", "99N", "Number"), $"{i}", ("mm", "UCUM", "mm"))),
                ]));
    }
}
