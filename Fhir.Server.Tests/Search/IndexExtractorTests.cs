using System.Text.Json;
using Fhir.Server.Search;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Tests.Search;

/// <summary>Which element gives which row. See https://hl7.org/fhir/R4/search.html#ptypes</summary>
public sealed class IndexExtractorTests
{
    private static readonly JsonSerializerOptions Options = new JsonSerializerOptions().ForFhir(ModelInfo.ModelInspector).UsingMode(DeserializationMode.Recoverable);

    [Test]
    public void A_study_uid_is_kept_bare_with_its_system() =>
        Assert.That(Examples.Rows(Examples.Study(), "identifier"), Is.EqualTo(
        [
            new TokenRow("identifier", "urn:dicom:uid", "1.2.3"),
            new TokenRow("identifier", "http://example.org/accession", "A-77"),
        ]));

    [Test]
    public void Rows_of_a_series_carry_its_uid_and_rows_of_the_study_none()
    {
        var study = Examples.Study();
        Assert.That(Examples.Rows(study, "modality").Select(row => (((TokenRow)row).Code, row.SeriesUid)),
            Is.EqualTo([("CT", "1.2.3.1"), ("SR", "1.2.3.2")]));
        Assert.That(Examples.Rows(study, "endpoint").Select(row => (((ReferenceRow)row).TargetId, row.SeriesUid)), Is.EqualTo(new (string, string?)[]
        {
            ("wado", null), ("wado", "1.2.3.1"), ("series-1", "1.2.3.1"), ("wado", "1.2.3.2"), ("series-2", "1.2.3.2"),
        }));
        string[] ofSeries = ["bodysite", "dicom-class", "endpoint", "instance", "modality", "performer", "series"];
        Assert.That(Examples.Extractor.Extract(study).Where(row => row.SeriesUid is not null).Select(row => row.Parameter).Distinct(), Is.EquivalentTo(ofSeries));
    }

    [Test]
    public void A_series_without_uid_does_not_pass_for_the_study()
    {
        var study = Examples.Study();
        study.Series[0].UidElement = null!;
        Assert.That(Examples.Rows(study, "modality").Select(row => row.SeriesUid), Is.EqualTo(["", "1.2.3.2"]));
    }

    [Test]
    public void The_same_value_gives_one_row_a_series()
    {
        var rows = Examples.Extractor.Extract(Examples.Study());
        Assert.That(rows, Is.Unique);
        Assert.That(rows.Count(row => row.Parameter == "dicom-class"), Is.EqualTo(2));
        Assert.That(rows.Count(row => row.Parameter == "instance"), Is.EqualTo(6));
    }

    [Test]
    public void References_are_read_to_type_and_id_or_to_their_url()
    {
        var study = Examples.Study();
        Assert.Multiple(() =>
        {
            Assert.That(Examples.Rows(study, "subject"), Is.EqualTo([new ReferenceRow("subject", "Patient", "1")]));
            Assert.That(Examples.Rows(study, "patient"), Is.EqualTo([new ReferenceRow("patient", "Patient", "1")]));
            Assert.That(Examples.Rows(study, "referrer"), Is.EqualTo([new ReferenceRow("referrer", "Practitioner", "dr")]));
            Assert.That(Examples.Rows(study, "basedon"), Is.EqualTo([new ReferenceRow("basedon", null, "http://other.example/fhir/ServiceRequest/9")]));
            Assert.That(Examples.Rows(study, "patient:identifier"), Is.EqualTo([new TokenRow("patient:identifier", "http://example.org/mrn", "M1")]));
        });
    }

    [TestCase("Device/1")]
    [TestCase("#contained")]
    [TestCase("urn:uuid:6f9c2f4e-0000-4000-8000-000000000002")]
    public void A_subject_that_is_no_patient_gives_no_patient_row(string reference)
    {
        var study = Examples.Study();
        study.Subject = new ResourceReference(reference);
        Assert.That(Examples.Rows(study, "patient"), Is.Empty);
    }

    [Test]
    public void A_patient_elsewhere_is_a_patient()
    {
        var study = Examples.Study();
        study.Subject = new ResourceReference("http://other.example/fhir/Patient/1");
        Assert.That(Examples.Rows(study, "patient"), Is.EqualTo([new ReferenceRow("patient", null, "http://other.example/fhir/Patient/1")]));
        Assert.That(Examples.Finds(study, "patient", "Patient/1"), Is.False);
    }

    [Test]
    public void A_concept_of_text_only_gives_no_token() =>
        Assert.That(Examples.Rows(Examples.Study(), "reason"), Is.EqualTo([new TokenRow("reason", "http://snomed.info/sct", "29857009")]));

    [Test]
    public void A_code_is_found_with_and_without_its_implied_system() =>
        Assert.That(Examples.Rows(Examples.Study(), "status"), Is.EqualTo(
        [
            new TokenRow("status", null, "available"),
            new TokenRow("status", "http://hl7.org/fhir/imagingstudy-status", "available"),
        ]));

    [Test]
    public void The_common_parameters_give_rows()
    {
        var study = Examples.Study();
        Assert.Multiple(() =>
        {
            Assert.That(Examples.Rows(study, "_id"), Is.EqualTo([new TokenRow("_id", null, "study-1")]));
            Assert.That(Examples.Rows(study, "_tag"), Is.EqualTo([new TokenRow("_tag", "http://example.org/tags", "imported")]));
            Assert.That(Examples.Rows(study, "_security"), Has.Exactly(1).Items);
            Assert.That(Examples.Rows(study, "_source"), Has.Exactly(1).Items);
            Assert.That(Examples.Rows(study, "_lastUpdated").Cast<DateRow>().Select(row => row.Until - row.From), Is.EqualTo([1000]));
            Assert.That(Examples.Rows(study, "_profile"), Is.EqualTo(
            [
                new UriRow("_profile", "http://example.org/StructureDefinition/study|1.0"),
                new UriRow("_profile", "http://example.org/StructureDefinition/study"),
            ]));
        });
    }

    [Test]
    public void A_resource_stamped_in_memory_or_read_from_JSON_gives_the_same_rows()
    {
        var study = Examples.Study();
        study.Meta!.LastUpdated = new DateTimeOffset(2024, 3, 1, 10, 15, 30, 123, TimeSpan.Zero);
        study.Text = new Narrative("words");
        var json = JsonSerializer.Serialize(study, Options);
        Assert.That(json, Does.Contain("2024-03-01T10:15:30.123"));
        var read = JsonSerializer.Deserialize<ImagingStudy>(json, Options)!;
        Assert.That(Examples.Rows(study, "_lastUpdated"), Has.Exactly(1).Items);
        Assert.That(Examples.Extractor.Extract(read), Is.EqualTo(Examples.Extractor.Extract(study)));
    }

    [Test]
    public void Many_threads_may_compile_and_extract_at_once()
    {
        string[] types = ["Observation", "Condition", "Encounter", "Task", "List", "Group"];
        Parallel.For(0, 200, number =>
        {
            var resource = (Resource)Activator.CreateInstance(ModelInfo.GetTypeForFhirType(types[number % types.Length])!)!;
            resource.Id = $"x{number}";
            Assert.That(Examples.Rows(resource, "_id"), Is.EqualTo([new TokenRow("_id", null, resource.Id)]));
        });
    }

    [Test]
    public void Every_part_of_a_name_gets_its_row()
    {
        var patient = new Patient { Name = [new HumanName { Family = "Müller", Given = ["Anna", "Bo"], Prefix = ["Dr."], Text = "Dr. A. Müller" }] };
        Assert.That(Examples.Rows(patient, "name").Cast<StringRow>().Select(row => row.Folded),
            Is.EqualTo(["muller", "anna", "bo", "dr.", "dr. a. muller", "anna bo muller"]));
        Assert.That(Examples.Rows(patient, "family"), Is.EqualTo([new StringRow("family", "muller", "Müller")]));
    }

    [Test]
    public void Deceased_is_a_token_and_a_date()
    {
        var patient = new Patient { Deceased = new FhirDateTime("2020-05") };
        Assert.That(Examples.Rows(patient, "deceased"), Is.EqualTo([new TokenRow("deceased", null, "true")]));
        Assert.That(Examples.Rows(patient, "death-date"), Has.Exactly(1).Items);
        Assert.That(Examples.Rows(new Patient(), "deceased"), Is.EqualTo([new TokenRow("deceased", null, "false")]));
    }

    [Test]
    public void A_telecom_is_found_by_its_value()
    {
        var patient = new Patient { Telecom = [new(ContactPoint.ContactPointSystem.Email, null, "a@b.c"), new(ContactPoint.ContactPointSystem.Phone, null, "555")] };
        Assert.That(Examples.Rows(patient, "email"), Is.EqualTo([new TokenRow("email", null, "a@b.c")]));
        Assert.That(Examples.Rows(patient, "telecom"), Has.Exactly(2).Items);
    }

    [Test]
    public void Bad_values_give_no_row_and_do_not_throw()
    {
        var patient = new Patient { BirthDate = "yesterday", Identifier = [new Identifier()], GeneralPractitioner = [new ResourceReference()], Name = [new HumanName()] };
        Assert.That(Examples.Extractor.Extract(patient).Select(row => row.Parameter), Is.EqualTo(["birthdate:missing", "deceased"]));
    }

    [Test]
    public void An_empty_resource_of_any_type_can_be_read()
    {
        foreach (var type in ModelInfo.SupportedResources.Where(SearchParameters.IsResourceType))
        {
            var resource = (Resource)Activator.CreateInstance(ModelInfo.GetTypeForFhirType(type)!)!;
            resource.Id = "x";
            Assert.That(Examples.Rows(resource, "_id"), Has.Exactly(1).Items, type);
        }
    }
}
