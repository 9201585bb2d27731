using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>Made-up resources and short ways to ask about them.</summary>
internal static class Examples
{
    public const string Base = "http://127.0.0.1:5080/fhir";

    public static readonly IndexExtractor Extractor = new(Base);

    public static readonly SearchParser Parser = new(new SearchOptions(), Base);

    /// <summary>A study as the importer makes it: two series by default, of three instances each.</summary>
    public static ImagingStudy Study(int series = 2, int instances = 3)
    {
        var study = new ImagingStudy
        {
            Id = "study-1",
            Meta = new Meta
            {
                LastUpdatedElement = new Instant { JsonValue = "2024-03-01T10:15:30.123Z" },
                Profile = ["http://example.org/StructureDefinition/study|1.0"],
                Source = "urn:uuid:6f9c2f4e-0000-4000-8000-000000000001",
                Tag = [new Coding("http://example.org/tags", "imported")],
                Security = [new Coding("http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "N")],
            },
            Identifier =
            [
                new Identifier("urn:dicom:uid", "urn:oid:1.2.3"),
                new Identifier("http://example.org/accession", "A-77"),
            ],
            Status = ImagingStudy.ImagingStudyStatus.Available,
            Subject = new ResourceReference("Patient/1/_history/4") { Identifier = new Identifier("http://example.org/mrn", "M1") },
            Started = "2024-02-10T08:30:00+01:00",
            BasedOn = [new ResourceReference("http://other.example/fhir/ServiceRequest/9")],
            Referrer = new ResourceReference(Base + "/Practitioner/dr"),
            Endpoint = [new ResourceReference("Endpoint/wado")],
            ReasonCode = [new CodeableConcept("http://snomed.info/sct", "29857009") { Text = "Chest pain" }, new CodeableConcept { Text = "only words" }],
        };
        for (var i = 1; i <= series; i++)
        {
            study.Series.Add(Series(i, instances));
        }

        return study;
    }

    /// <summary>The rows of a resource for one parameter.</summary>
    public static IEnumerable<IndexRow> Rows(Resource resource, string parameter) =>
        Extractor.Extract(resource).Where(row => row.Parameter == parameter);

    /// <summary>Whether a search finds the resource.</summary>
    public static bool Finds(Resource resource, string name, string value) =>
        SearchMatcher.Matches(Extractor.Extract(resource), Parse(resource.TypeName, (name, value)).Criteria);

    /// <summary>A search that must be readable.</summary>
    public static SearchQuery Parse(string type, params (string Name, string Value)[] query) =>
        Parser.Parse(type, query.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)), strict: false).Value;

    /// <summary>The problem of a search that must not be readable.</summary>
    public static Fhir.Server.Outcomes.Problem Refused(string type, string name, string value, bool strict = false)
    {
        var outcome = Parser.Parse(type, [KeyValuePair.Create(name, value)], strict);
        Assert.That(outcome.Problem, Is.Not.Null, $"{name}={value} was accepted");
        return outcome.Problem!;
    }

    private static ImagingStudy.SeriesComponent Series(int number, int instances) => new()
    {
        Uid = $"1.2.3.{number}",
        Modality = new Coding("http://dicom.nema.org/resources/ontology/DCM", number % 2 == 1 ? "CT" : "SR"),
        BodySite = new Coding("http://snomed.info/sct", "51185008"),
        Started = "2024-02-10T08:35:00+01:00",
        Endpoint = [new ResourceReference("Endpoint/wado"), new ResourceReference($"Endpoint/series-{number}")],
        Performer = [new() { Actor = new ResourceReference("Practitioner/tech") }],
        Instance =
        [
            .. Enumerable.Range(1, instances).Select(instance => new ImagingStudy.InstanceComponent
            {
                Uid = $"1.2.3.{number}.{instance}",
                SopClass = new Coding("urn:ietf:rfc:3986", "urn:oid:1.2.840.10008.5.1.4.1.1.2"),
            }),
        ],
    };
}
