using Fhir.Server.Search;
using Hl7.Fhir.FhirPath;
using Hl7.Fhir.Model;
using Hl7.FhirPath;
using Hl7.FhirPath.Expressions;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://hl7.org/fhir/R4/searchparameter-registry.html</summary>
public sealed class SearchParametersTests
{
    private static IEnumerable<string> Types => ModelInfo.SupportedResources.Where(SearchParameters.IsResourceType);

    [Test]
    public void Every_expression_of_every_type_compiles()
    {
        // Plans are made by compiling; what does not compile throws here.
        var steps = Types.ToDictionary(type => type, type => ExtractionPlan.For(type));
        var planned = steps.Sum(pair => pair.Value.OfResource.Concat(pair.Value.OfSeries).Select(step => step.Parameter).Distinct().Count());
        Assert.That(planned, Is.EqualTo(Types.Sum(type => SearchParameters.Of(type).Count)));
        Assert.That(planned, Is.GreaterThan(2000));
    }

    [Test]
    public void Every_definition_of_every_type_is_answered()
    {
        var missing = ModelInfo.SearchParameters
            .Where(definition => SearchParameters.IsResourceType(definition.Resource!) && SearchParameters.Find(definition.Resource!, definition.Code!) is null)
            .Select(definition => $"{definition.Resource}.{definition.Code}");
        Assert.That(missing, Is.Empty);
    }

    [Test]
    public void Every_composite_has_the_components_of_its_definition()
    {
        var composites = ModelInfo.SearchParameters.Where(definition => definition.Type == SearchParamType.Composite).ToList();
        Assert.That(composites, Has.Count.GreaterThan(60));
        foreach (var definition in composites)
        {
            var components = SearchParameters.Find(definition.Resource!, definition.Code!)!.Components;
            Assert.That(components.Select(component => component.Parameter.Url), Is.EqualTo(definition.Component!.Select(component => component.Definition)), definition.Code);
        }
    }

    [Test]
    public void Only_branches_of_the_own_type_are_kept()
    {
        Assert.Multiple(() =>
        {
            Assert.That(SearchParameters.Find("ImagingStudy", "identifier")!.Expression, Is.EqualTo("ImagingStudy.identifier"));
            Assert.That(SearchParameters.Find("Organization", "name")!.Expression, Is.EqualTo("Organization.name | Organization.alias"));
            Assert.That(SearchParameters.Find("InsurancePlan", "name")!.Expression, Is.EqualTo("name | alias"));
            Assert.That(SearchParameters.Find("Patient", "death-date")!.Expression, Is.EqualTo("(Patient.deceased as dateTime)"));
        });
    }

    [Test]
    public void Every_expression_compiles_as_FHIRPath_too()
    {
        var compiler = new FhirPathCompiler(new SymbolTable().AddStandardFP().AddFhirExtensions());
        foreach (var expression in Types.SelectMany(SearchParameters.Of).Select(parameter => parameter.Expression).Distinct())
        {
            Assert.DoesNotThrow(() => compiler.Compile(expression), expression);
        }
    }

    [TestCase("_id", SearchKind.Token)]
    [TestCase("_lastUpdated", SearchKind.Date)]
    [TestCase("_tag", SearchKind.Token)]
    [TestCase("_security", SearchKind.Token)]
    [TestCase("_profile", SearchKind.Uri)]
    [TestCase("_source", SearchKind.Uri)]
    public void The_common_parameters_are_there_for_every_type(string code, SearchKind kind) =>
        Assert.That(Types.Select(type => SearchParameters.Find(type, code)?.Kind), Is.All.EqualTo(kind));

    [TestCase("Patient", "_text")]
    [TestCase("Patient", "_has")]
    public void A_parameter_of_another_kind_is_known_but_not_answered(string type, string code)
    {
        Assert.That(SearchParameters.IsKnownButUnsupported(type, code));
        Assert.That(SearchParameters.Find(type, code), Is.Null);
    }

    [Test]
    public void A_patient_parameter_points_to_patients_only()
    {
        Assert.That(SearchParameters.Find("ImagingStudy", "patient")!.Targets, Is.EqualTo(["Patient"]));
        Assert.That(SearchParameters.Find("Consent", "patient")!.Targets, Is.EqualTo(["Patient"]));
        Assert.That(SearchParameters.Find("ImagingStudy", "subject")!.Targets, Is.EqualTo(["Device", "Group", "Patient"]));
    }

    [Test]
    public void An_unknown_type_has_nothing()
    {
        Assert.That(SearchParameters.Of("Nonsense"), Is.Empty);
        Assert.That(SearchParameters.Find("Resource", "_id"), Is.Null);
        Assert.That(SearchParameters.IsKnownButUnsupported("Nonsense", "_text"), Is.False);
    }
}
