using Fhir.Server.Search;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace Fhir.Server.Tests.Search;

/// <summary>Cutting and rewriting the expressions of R4 must not change what they find.</summary>
public sealed class SeriesRowsTests
{
    private static readonly FhirPathCompiler Compiler = new(new SymbolTable().AddStandardFP().AddFhirExtensions());

    private static IEnumerable<TestCaseData> Resources()
    {
        yield return new TestCaseData(Examples.Study()).SetArgDisplayNames("study");
        yield return new TestCaseData(Examples.Study(5, 40)).SetArgDisplayNames("large study");
        yield return new TestCaseData(new ImagingStudy { Series = [new()] }).SetArgDisplayNames("empty study");
        yield return new TestCaseData(new Patient
        {
            Deceased = new FhirDateTime("2020"), Gender = AdministrativeGender.Female, BirthDate = "1969-09-14", Active = true,
            Name = [new HumanName { Family = "F", Given = ["G"] }], Address = [new Address { City = "C" }],
            Telecom = [new(ContactPoint.ContactPointSystem.Email, null, "a@b.c")],
        }).SetArgDisplayNames("patient");
        yield return new TestCaseData(new Consent
        {
            Status = Consent.ConsentState.Active, Patient = new ResourceReference("Patient/1"), DateTime = "2024-01-01",
            Source = new ResourceReference("Consent/2"),
            Provision = new() { Actor = [new() { Reference = new ResourceReference("Organization/o") }], Period = new Period { Start = "2024" } },
        }).SetArgDisplayNames("consent");
        yield return new TestCaseData(new Observation { Value = new CodeableConcept("s", "c") { Text = "words" }, Subject = new ResourceReference("Group/1"), Effective = new FhirDateTime("2024-01") }).SetArgDisplayNames("observation");
        yield return new TestCaseData(new Encounter { Class = new Coding("s", "AMB"), Period = new Period { End = "2024" } }).SetArgDisplayNames("encounter");
        yield return new TestCaseData(new Hl7.Fhir.Model.Task { For = new ResourceReference("Patient/1"), Focus = new ResourceReference("#p") }).SetArgDisplayNames("task");
        yield return new TestCaseData(new Organization { Name = "N", Alias = ["A"], Active = true }).SetArgDisplayNames("organization");
        yield return new TestCaseData(new Endpoint { ConnectionType = new Coding("s", "dicom-wado-rs"), PayloadType = [new CodeableConcept("s", "p")] }).SetArgDisplayNames("endpoint");
        yield return new TestCaseData(new Goal { Start = new Date("2024"), Target = [new() { Due = new Date("2024-05") }, new() { Due = new Duration() }] }).SetArgDisplayNames("goal");
    }

    [TestCaseSource(nameof(Resources))]
    public void Cut_expressions_find_what_the_full_union_finds(Resource resource)
    {
        var root = resource.ToPocoNode();
        var context = new FhirEvaluationContext
        {
            ElementResolver = reference => References.ShownType(reference) is { } type
                ? ((Resource)Activator.CreateInstance(ModelInfo.GetTypeForFhirType(type)!)!).ToPocoNode()
                : null,
        };
        var full = new IndexRows(new References(Examples.Base), null);
        foreach (var definition in ModelInfo.SearchParameters.Where(definition => definition.Resource == resource.TypeName))
        {
            if (SearchParameters.Find(resource.TypeName, definition.Code!) is { Kind: not SearchKind.Composite } parameter)
            {
                foreach (var found in Compiler.Compile(definition.Expression!)([root], context))
                {
                    full.Add(parameter, found.Poco, null, null);
                }
            }
        }

        var cut = Examples.Extractor.Extract(resource).Where(row => row.Parameter[0] != '_' && !row.Parameter.EndsWith(IndexRow.Missing, StringComparison.Ordinal) && row is not CompositeRow).Select(row => row with { SeriesUid = null });
        Assert.That(cut.ToHashSet(), Is.EquivalentTo(full.Rows));
    }
}
