using System.Net;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rest;

namespace Fhir.Server.Tests.Imaging;

/// <summary>What an ImagingStudy says of its instances, seen through FHIR. https://hl7.org/fhir/R4/imagingstudy.html</summary>
[TestFixture]
public sealed class StudyDerivationTests
{
    private const string Dcm = "http://dicom.nema.org/resources/ontology/DCM";

    private static async Task<Answer> DeriveAsync(params IEnumerable<TestDicom> files)
    {
        var patient = RestTests.NewId("d");
        using (var made = await StudyServer.Phr.PutAsync($"/fhir/Patient/{patient}", RestTests.PatientJson(patient)))
        {
            Assert.That(made.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        }
        using (var stored = await StudyServer.Phr.StowAsync($"/dicomweb/patients/{patient}", files.Select(file => file.ToBytes())))
        {
            Assert.That(stored.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted), await stored.Content.ReadAsStringAsync());
        }
        using var found = await StudyServer.Phr.Client.GetAsync(new Uri($"{StudyServer.Phr.Address}/fhir/ImagingStudy?patient={patient}"));
        var id = Answer.At((await Answer.ReadAsync(found)).Entries("match").Single(), "id");
        using var read = await StudyServer.Phr.Client.GetAsync(new Uri($"{StudyServer.Phr.Address}/fhir/ImagingStudy/{id}"));
        var answer = await Answer.ReadAsync(read);
        // Whatever was derived can be written back as it was read: it is valid, and equal to itself.
        using var written = await StudyServer.Phr.PutAsync($"/fhir/ImagingStudy/{id}", answer.Text);
        var again = await Answer.ReadAsync(written);
        Assert.That((again.Status, again.Text), Is.EqualTo((HttpStatusCode.OK, answer.Text)));
        return answer;
    }

    private static TestDicom File(Action<DicomDataset>? further = null, int series = 1, int number = 1, string? uid = null) =>
        (uid ?? RestTests.NewUid()) is var study
            ? new TestDicom(study, $"{study}.{series}", $"{study}.{series}.{number}") { SeriesNumber = series, InstanceNumber = number, Further = further }
            : throw new InvalidOperationException();

    private static void Replace(DicomDataset data, DicomTag tag, string value)
    {
        data.Remove(tag);
        data.Add(tag, value);
    }

    private static DicomTag Tag(string keyword) => DicomDictionary.TryFindKeyword(keyword, out var tag) ? tag : throw new InvalidOperationException(keyword);

    [Test]
    public async Task The_study_is_identified_by_its_UID_and_its_accession_number_with_their_types()
    {
        var file = File();
        var study = await DeriveAsync(file);
        Assert.Multiple(() =>
        {
            Assert.That((study["identifier.0.system"], study["identifier.0.value"]), Is.EqualTo(("urn:dicom:uid", "urn:oid:" + file.Study)));
            Assert.That((study["identifier.0.type.coding.0.system"], study["identifier.0.type.coding.0.code"]), Is.EqualTo((Dcm, "110180")));
            Assert.That(study["identifier.1.value"], Is.EqualTo("ACC-" + file.Study[^1]));
            Assert.That((study["identifier.1.type.coding.0.system"], study["identifier.1.type.coding.0.code"]), Is.EqualTo(("http://terminology.hl7.org/CodeSystem/v2-0203", "ACSN")));
            Assert.That((study["identifier.1.type.coding.1.system"], study["identifier.1.type.coding.1.code"]), Is.EqualTo((Dcm, "121022")));
            Assert.That((study["basedOn.0.type"], study["basedOn.0.identifier.value"]), Is.EqualTo(("ServiceRequest", "ACC-" + file.Study[^1])));
            Assert.That(study["basedOn.0.identifier.type"], Does.Contain("ACSN").And.Contain("121022"));
            Assert.That((study["status"], study["numberOfSeries"], study["numberOfInstances"]), Is.EqualTo(("available", "1", "1")));
            Assert.That((study["series.0.uid"], study["series.0.number"], study["series.0.modality.code"]), Is.EqualTo((file.Series, "1", "CT")));
            Assert.That((study["series.0.instance.0.uid"], study["series.0.instance.0.sopClass.code"]), Is.EqualTo((file.Sop, "urn:oid:1.2.840.10008.5.1.4.1.1.7")));
        });
    }

    [TestCase("1.2.3.4", "ISO", "urn:oid:1.2.3.4", null)]
    [TestCase("urn:hospital:a", "URI", "urn:hospital:a", null)]
    [TestCase("not an oid", "ISO", null, "not an oid")]
    [TestCase("Hospital: Main", "DNS", null, "Hospital: Main")]
    [TestCase("/etc/passwd", "DNS", null, "/etc/passwd")]
    [TestCase("hospital.example", "DNS", null, "hospital.example")]
    public async Task The_issuer_of_the_accession_number_is_a_system_only_when_it_is_a_URI(string issuer, string type, string? system, string? display)
    {
        var study = await DeriveAsync(File(data => data.AddSequence(
            DicomTag.IssuerOfAccessionNumberSequence, new DicomDataset().Add(Tag("UniversalEntityID"), issuer).Add(Tag("UniversalEntityIDType"), type))));
        Assert.That((study["identifier.1.system"], study["identifier.1.assigner.display"]?.Replace("urn:oid:", "", StringComparison.Ordinal)), Is.EqualTo((system, display)));
    }

    [TestCase("20260203", "093000", null, "2026-02-03")]
    [TestCase("20260203", "093000", "+0100", "2026-02-03T09:30:00+01:00")]
    [TestCase("20260203", "093000.123456", "-0330", "2026-02-03T09:30:00-03:30")]
    [TestCase("20260203", "0930", "+0000", "2026-02-03T09:30:00+00:00")]
    [TestCase("20260203", "09:30:00", "+0100", "2026-02-03T09:30:00+01:00")]
    [TestCase("2026.02.03", "093000", null, "2026-02-03")]
    [TestCase("20260203", "093000", "+1400", "2026-02-03T09:30:00+14:00")]
    [TestCase("20260203", "093000", "+1430", "2026-02-03")]
    [TestCase("20260203", "093000", "0100", "2026-02-03")]
    [TestCase("20260203", "093000", "+01:0", "2026-02-03")]
    [TestCase("20260203", "093060", "+0100", "2026-02-03")]
    [TestCase("20260203", "256199", "+0100", "2026-02-03")]
    [TestCase("20260203", "", "+0100", "2026-02-03")]
    [TestCase("20260230", "093000", "+0100", null)]
    [TestCase("00000000", "093000", null, null)]
    [TestCase("202602", "093000", null, null)]
    [TestCase("yesterda", "093000", null, null)]
    [TestCase("", "093000", "+0100", null)]
    public async Task Started_says_what_the_file_says_and_invents_no_zone(string date, string time, string? zone, string? started)
    {
        var study = await DeriveAsync(File(data =>
        {
            Replace(data, DicomTag.StudyDate, date);
            Replace(data, DicomTag.StudyTime, time);
            if (zone is not null)
            {
                data.Add(DicomTag.TimezoneOffsetFromUTC, zone);
            }
        }));
        Assert.That(study["started"], Is.EqualTo(started));
    }

    [Test]
    public async Task Several_series_are_told_in_order_with_their_own_counts_and_the_modalities_once()
    {
        var uid = RestTests.NewUid();
        var study = await DeriveAsync(
            File(series: 3, uid: uid) with { Modality = "SR" }, File(series: 1, number: 2, uid: uid), File(series: 1, number: 1, uid: uid),
            File(series: 2, uid: uid) with { Modality = "MR" }, File(series: 4, uid: uid) with { Modality = "MR" });
        Assert.Multiple(() =>
        {
            Assert.That((study["numberOfSeries"], study["numberOfInstances"]), Is.EqualTo(("4", "5")));
            Assert.That(study.Json!["modality"]!.AsArray().Select(one => Answer.At(one, "code")), Is.EqualTo(new[] { "CT", "MR", "SR" }));
            Assert.That(study.Json!["series"]!.AsArray().Select(one => Answer.At(one, "number")), Is.EqualTo(new[] { "1", "2", "3", "4" }));
            Assert.That(study["series.0.numberOfInstances"], Is.EqualTo("2"));
            Assert.That(study.Json!["series"]![0]!["instance"]!.AsArray().Select(one => Answer.At(one, "number")), Is.EqualTo(new[] { "1", "2" }));
        });
    }

    [Test]
    public async Task What_FHIR_has_no_number_for_is_left_out()
    {
        var study = await DeriveAsync(File(data =>
        {
            Replace(data, DicomTag.SeriesNumber, "-1");
            Replace(data, DicomTag.InstanceNumber, "99999999999");
        }));
        Assert.That((study["series.0.number"], study["series.0.instance.0.number"], study["series.0.uid"] is not null), Is.EqualTo(((string?)null, (string?)null, true)));
    }

    [TestCase("", "OT")]
    [TestCase("CT ", "CT")]
    [TestCase("XX YY", "XX YY")]
    public async Task A_series_without_modality_is_of_other_kind(string modality, string code)
    {
        var study = await DeriveAsync(File(data => Replace(data, DicomTag.Modality, modality)));
        Assert.That((study["modality.0.code"], study["series.0.modality.code"]), Is.EqualTo((code, code)));
    }

    [TestCase("LEFT   UPPER  ARM", "LEFT UPPER ARM")]
    [TestCase(" CHEST ", "CHEST")]
    public async Task A_body_part_is_a_code_whatever_blanks_it_has(string part, string code)
    {
        var study = await DeriveAsync(File(data => data.Add(Tag("BodyPartExamined"), part)));
        Assert.That(study["series.0.bodySite.code"], Is.EqualTo(code));
    }

    [Test]
    public async Task Letters_of_all_the_world_come_through_and_control_characters_do_not()
    {
        var study = await DeriveAsync(File(data =>
        {
            Replace(data, DicomTag.StudyDescription, "Schädel\u0001 \u65e5\u672c\u000b\u0085 😀");
            data.Add(DicomTag.SeriesDescription, "\u0002");
            Replace(data, DicomTag.AccessionNumber, "A\u0003B");
            data.Add(DicomTag.ReferringPhysicianName, "Müller^Zoë^^Dr.=\u5c71\u7530");
        }));
        Assert.Multiple(() =>
        {
            Assert.That(study["description"], Is.EqualTo("Schädel 日本 😀"));
            Assert.That(study["series.0.description"], Is.Null);
            Assert.That(study["identifier.1.value"], Is.EqualTo("AB"));
            Assert.That(study["referrer.display"], Is.EqualTo("Dr. Zoë Müller"));
        });
    }

    [Test]
    public async Task A_referrer_who_is_written_in_ideographs_alone_still_has_a_name()
    {
        var study = await DeriveAsync(File(data => data.Add(DicomTag.ReferringPhysicianName, "=\u5c71\u7530^\u592a\u90ce")));
        Assert.That(study["referrer.display"], Is.EqualTo("太郎 山田"));
    }

    [Test]
    public async Task More_than_two_thousand_instances_are_counted_and_not_listed()
    {
        var uid = RestTests.NewUid();
        var study = await DeriveAsync(Enumerable.Range(1, 2001).Select(i => File(series: 1 + (i % 2), number: i, uid: uid) with { Rows = 1, Columns = 1 }));
        Assert.Multiple(() =>
        {
            Assert.That((study["numberOfSeries"], study["numberOfInstances"]), Is.EqualTo(("2", "2001")));
            Assert.That((study["series.0.instance"], study["series.0.numberOfInstances"], study["series.1.numberOfInstances"]), Is.EqualTo(((string?)null, "1000", "1001")));
        });
    }

    [Test]
    public async Task An_instance_of_many_frames_says_how_many()
    {
        var study = await DeriveAsync(File() with { Frames = 3 });
        Assert.That(
            (study["series.0.instance.0.extension.0.url"], study["series.0.instance.0.extension.0.valueInteger"]),
            Is.EqualTo(("https://profiles.ihe.net/RAD/MADO/StructureDefinition/MadoNumberOfFrames", "3")));
    }

    [Test]
    public async Task A_study_of_nobody_names_its_patient_by_identifier_alone()
    {
        var file = File() with { PatientId = "" };
        using (var stored = await StudyServer.Phr.StowAsync("/dicomweb", file.ToBytes()))
        {
            Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        using var found = await StudyServer.Phr.Client.GetAsync(new Uri($"{StudyServer.Phr.Address}/fhir/ImagingStudy?identifier=urn:oid:{file.Study}&_include=ImagingStudy:endpoint"));
        var answer = await Answer.ReadAsync(found);
        Assert.Multiple(() =>
        {
            Assert.That((answer["entry.0.resource.subject.reference"], answer["entry.0.resource.subject.type"]), Is.EqualTo(((string?)null, "Patient")));
            Assert.That(answer["entry.1.resource.address"], Is.EqualTo($"{StudyServer.Phr.Address}/dicomweb/patients/unclaimed-local"));
        });
    }
}
