using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>What a query finds in a resource. See https://hl7.org/fhir/R4/search.html</summary>
public sealed class SearchMatcherTests
{
    [TestCase("identifier", "urn:oid:1.2.3", true)]
    [TestCase("identifier", "urn:dicom:uid|urn:oid:1.2.3", true)]
    [TestCase("identifier", "1.2.3", true)]
    [TestCase("identifier", "urn:dicom:uid|1.2.3", true)]
    [TestCase("identifier", "urn:dicom:uid|", true)]
    [TestCase("identifier", "|1.2.3", false)]
    [TestCase("identifier", "http://example.org/accession|1.2.3", false)]
    [TestCase("identifier", "nothing,A-77", true)]
    [TestCase("identifier", "1.2.3.1", false)]
    [TestCase("series", "1.2.3.1", true)]
    [TestCase("series", "urn:oid:1.2.3.1", true)]
    [TestCase("series", "urn:dicom:uid|urn:oid:1.2.3.1", true)]
    [TestCase("instance", "urn:oid:1.2.3.2.3", true)]
    [TestCase("instance", "1.2.3.9.9", false)]
    [TestCase("dicom-class", "1.2.840.10008.5.1.4.1.1.2", true)]
    [TestCase("dicom-class", "urn:oid:1.2.840.10008.5.1.4.1.1.2", true)]
    [TestCase("status", "available", true)]
    [TestCase("status", "http://hl7.org/fhir/imagingstudy-status|available", true)]
    [TestCase("status:not", "available", false)]
    [TestCase("status:not", "registered", true)]
    [TestCase("modality:not", "CT", false)]
    [TestCase("modality:not", "MR,US", true)]
    [TestCase("_id", "other,study-1", true)]
    [TestCase("_id", "other", false)]
    public void Tokens(string name, string value, bool found) => Assert.That(Examples.Finds(Examples.Study(), name, value), Is.EqualTo(found));

    [TestCase("patient", "1", true)]
    [TestCase("patient", "Patient/1", true)]
    [TestCase("patient", "http://127.0.0.1:5080/fhir/Patient/1", true)]
    [TestCase("patient", "Patient/1/_history/7", true)]
    [TestCase("subject", "1", true)]
    [TestCase("subject:Patient", "1", true)]
    [TestCase("subject:Patient", "Patient/1", true)]
    [TestCase("subject:Group", "1", false)]
    [TestCase("subject", "Group/1", false)]
    [TestCase("patient", "2", false)]
    [TestCase("patient", "http://other.example/fhir/Patient/1", false)]
    [TestCase("basedon", "http://other.example/fhir/ServiceRequest/9", true)]
    [TestCase("basedon", "9", false)]
    [TestCase("patient:identifier", "http://example.org/mrn|M1", true)]
    [TestCase("patient:identifier", "M2", false)]
    [TestCase("endpoint", "Endpoint/series-2", true)]
    public void References(string name, string value, bool found) => Assert.That(Examples.Finds(Examples.Study(), name, value), Is.EqualTo(found));

    [TestCase("interpreter:missing", "true", true)]
    [TestCase("interpreter:missing", "false", false)]
    [TestCase("modality:missing", "false", true)]
    [TestCase("_profile", "http://example.org/StructureDefinition/study", true)]
    [TestCase("_profile", "http://example.org/StructureDefinition/study|1.0", true)]
    [TestCase("_profile", "http://example.org/StructureDefinition/study|2.0", false)]
    [TestCase("_profile:below", "http://example.org/StructureDefinition", true)]
    [TestCase("_profile:below", "http://example.org/Struct", false)]
    [TestCase("_profile:above", "http://example.org/StructureDefinition/study/sub", true)]
    public void Missing_and_uris(string name, string value, bool found) => Assert.That(Examples.Finds(Examples.Study(), name, value), Is.EqualTo(found));

    [Test]
    public void Not_also_finds_what_lacks_the_element() => Assert.That(Examples.Finds(new ImagingStudy { Id = "x" }, "modality:not", "CT"));

    [Test]
    public void A_logical_reference_alone_is_not_missing()
    {
        var study = new ImagingStudy { Subject = new ResourceReference { Identifier = new Identifier("s", "v") } };
        Assert.That(Examples.Finds(study, "subject:missing", "true"), Is.False);
    }

    [TestCase("name", "mul", true)]
    [TestCase("name", "MÜLLER", true)]
    [TestCase("name", "anna  muller", true)]
    [TestCase("name", "uller", false)]
    [TestCase("name:contains", "ULLER", true)]
    [TestCase("name:exact", "Müller", true)]
    [TestCase("name:exact", "Muller", false)]
    [TestCase("name:exact", "müller", false)]
    [TestCase("family", "Anna", false)]
    [TestCase("given", "Anna", true)]
    [TestCase("address", "köln", true)]
    [TestCase("address-city", "koln", true)]
    public void Strings(string name, string value, bool found)
    {
        var patient = new Patient
        {
            Name = [new HumanName { Family = "Müller", Given = ["Anna"] }],
            Address = [new Address { City = "Köln", Line = ["Domstraße 1"] }],
        };
        Assert.That(Examples.Finds(patient, name, value), Is.EqualTo(found));
    }

    // The study started 2024-02-10T08:30:00+01:00, to the second.
    [TestCase("2024-02", true)]
    [TestCase("2024", true)]
    [TestCase("2024-02-10", true)]
    [TestCase("2024-02-10T07:30:00Z", true)]
    [TestCase("2024-02-10T07:30:00", true)]
    [TestCase("2024-02-10T07:30:00.5Z", false)]
    [TestCase("2024-02-10T08:30:00+01:00", true)]
    [TestCase("2024-02-10T08:30:00 01:00", true)]
    [TestCase("2024-03", false)]
    [TestCase("ne2024-03", true)]
    [TestCase("ne2024-02", false)]
    [TestCase("gt2024-02-09", true)]
    [TestCase("gt2024-02-10", false)]
    [TestCase("ge2024-02-10", true)]
    [TestCase("lt2024-02-10", false)]
    [TestCase("lt2024-02-11", true)]
    [TestCase("le2024-02-10", true)]
    [TestCase("sa2024-02-09", true)]
    [TestCase("sa2024-02-10", false)]
    [TestCase("eb2024-02-11", true)]
    [TestCase("eb2024-02-10", false)]
    [TestCase("ap2024-02-11", true)]
    public void Dates(string value, bool found) => Assert.That(Examples.Finds(Examples.Study(), "started", value), Is.EqualTo(found));

    [TestCase("2024", false)]
    [TestCase("ne2024", true)]
    [TestCase("gt2030", true)]
    [TestCase("ge2024-01-01", true)]
    [TestCase("ge2024-02-01", true)]
    [TestCase("lt2024", false)]
    [TestCase("le2024", false)]
    [TestCase("sa2023", true)]
    [TestCase("eb2050", false)]
    public void A_period_without_end_goes_on_for_ever(string value, bool found)
    {
        var consent = new Consent { Provision = new() { Period = new Period { Start = "2024-01-01" } } };
        Assert.That(Examples.Finds(consent, "period", value), Is.EqualTo(found));
    }

    [Test]
    public void All_criteria_must_hold()
    {
        var rows = Examples.Extractor.Extract(Examples.Study());
        Assert.That(SearchMatcher.Matches(rows, Examples.Parse("ImagingStudy", ("modality", "CT"), ("modality", "SR")).Criteria));
        Assert.That(SearchMatcher.Matches(rows, Examples.Parse("ImagingStudy", ("modality", "CT"), ("modality", "MR")).Criteria), Is.False);
    }
}
