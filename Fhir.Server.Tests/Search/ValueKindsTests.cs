using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>Kinds and modifiers where a rule is easier to see in one example than in many random ones.</summary>
public sealed class ValueKindsTests
{
    private static readonly Observation Pressure = new()
    {
        Code = new CodeableConcept("http://loinc.org", "85354-9") { Text = "Blood pressure" },
        Component =
        [
            new() { Code = new CodeableConcept("http://loinc.org", "8480-6"), Value = Mercury(120) },
            new() { Code = new CodeableConcept("http://loinc.org", "8462-4"), Value = Mercury(80) },
        ],
    };

    [TestCase("component-code-value-quantity", "8480-6$120", true)]
    [TestCase("component-code-value-quantity", "http://loinc.org|8480-6$gt110|http://unitsofmeasure.org|mm[Hg]", true)]
    [TestCase("component-code-value-quantity", "8480-6$gt11|http://unitsofmeasure.org|kPa", true)]
    [TestCase("component-code-value-quantity", "8462-4$120", false)]
    [TestCase("component-code-value-quantity", "8462-4$120,8462-4$80", true)]
    [TestCase("component-code-value-quantity:missing", "false", true)]
    [TestCase("combo-code-value-quantity", "8462-4$lt90", true)]
    [TestCase("code-value-quantity", "8480-6$120", false)]
    [TestCase("code-value-quantity:missing", "true", true)]
    [TestCase("code:text", "pressure", true)]
    [TestCase("code:text", "BLOOD", true)]
    [TestCase("code:text", "essure", false)]
    public void Values_of_a_composite_belong_to_one_element(string name, string value, bool found) =>
        Assert.That(Examples.Finds(Pressure, name, value), Is.EqualTo(found));

    [TestCase("Observation", "value-quantity", "")]
    [TestCase("Observation", "value-quantity", "five")]
    [TestCase("Observation", "value-quantity", "xx5")]
    [TestCase("Observation", "value-quantity", "5|mg")]
    [TestCase("Observation", "value-quantity", "5|a|b|c")]
    [TestCase("Observation", "value-quantity", "|http://unitsofmeasure.org|mg")]
    [TestCase("Observation", "value-quantity:exact", "5")]
    [TestCase("Observation", "code-value-quantity", "a")]
    [TestCase("Observation", "code-value-quantity", "a$")]
    [TestCase("Observation", "code-value-quantity", "a$b")]
    [TestCase("Observation", "code-value-quantity", "a$5$6")]
    [TestCase("Observation", "code-value-quantity:not", "a$5")]
    [TestCase("Observation", "code:above", "a")]
    [TestCase("Observation", "code:below", "a")]
    [TestCase("Observation", "code:in", "http://a/ValueSet/1")]
    [TestCase("Observation", "code:not-in", "http://a/ValueSet/1")]
    [TestCase("Observation", "code:text", "()")]
    [TestCase("Observation", "identifier:of-type", "a|b")]
    [TestCase("Observation", "identifier:of-type", "a||b")]
    [TestCase("Observation", "status:text", "final")]
    [TestCase("RiskAssessment", "probability", "1e5000")]
    [TestCase("RiskAssessment", "probability", "0.5|%")]
    [TestCase("Location", "near", "1")]
    [TestCase("Location", "near", "91|0")]
    [TestCase("Location", "near", "0|181")]
    [TestCase("Location", "near", "0|0|-1")]
    [TestCase("Location", "near", "0|0|1|kg")]
    [TestCase("Location", "near", "a|b|c|d")]
    [TestCase("Patient", "phonetic", "-")]
    public void What_cannot_be_read_is_refused(string type, string name, string value)
    {
        if (value.Length > 0)
        {
            Assert.That(Examples.Refused(type, name, value).Kind, Is.EqualTo(ProblemKind.Invalid));
        }
    }

    [TestCase("48.8|2.3", true)]
    [TestCase("48.8|2.3|20|km", true)]
    [TestCase("48.8|2.3|1|km", false)]
    [TestCase("48.8|2.3|10|[mi_i]", true)]
    [TestCase("51.5|-0.1|400|km", true)]
    [TestCase("51.5|-0.1|300", false)]
    [TestCase("-48.86|-177.65|20037.6", true)]
    public void Places_are_near_by_the_straightest_way(string near, bool found)
    {
        var paris = new Location { Position = new() { Latitude = 48.86m, Longitude = 2.35m } };
        Assert.That(Examples.Finds(paris, "near", near), Is.EqualTo(found));
    }

    [Test]
    public void A_place_is_near_over_the_date_line_and_over_the_pole()
    {
        var fiji = new Location { Position = new() { Latitude = -17m, Longitude = 179.9m } };
        Assert.That(Examples.Finds(fiji, "near", "-17|-179.9|25"));
        Assert.That(Examples.Finds(new Location { Position = new() { Latitude = 89.9m, Longitude = 0m } }, "near", "89.9|180|25"));
    }

    [TestCase("value-quantity", "lt4", true)]
    [TestCase("value-quantity", "ge5", false)]
    [TestCase("value-quantity", "eb5", true)]
    [TestCase("value-quantity", "5", false)]
    public void A_quantity_below_a_limit_is_everything_below_it(string name, string value, bool found)
    {
        var traces = new Observation { Value = new Quantity { Value = 5, Comparator = Quantity.QuantityComparator.LessThan } };
        Assert.That(Examples.Finds(traces, name, value), Is.EqualTo(found));
    }

    [Test]
    public void An_element_that_cannot_be_searched_for_is_not_missing()
    {
        var contained = new Observation { Subject = new ResourceReference("#p"), Value = new CodeableConcept { Text = "only words" } };
        Assert.That(Examples.Finds(contained, "subject:missing", "false"));
        Assert.That(Examples.Finds(contained, "value-concept:missing", "false"));
        Assert.That(Examples.Finds(contained, "value-concept:text", "words"));
        Assert.That(Examples.Finds(contained, "value-quantity:missing", "true"));
        Assert.That(Examples.Finds(contained, "encounter:missing", "true"));
    }

    [Test]
    public void A_related_document_is_found_by_target_and_relation_together()
    {
        var document = new DocumentReference
        {
            RelatesTo = [new() { Code = DocumentRelationshipType.Replaces, Target = new("DocumentReference/1") }, new() { Code = DocumentRelationshipType.Appends, Target = new("DocumentReference/2") }],
        };
        Assert.That(Examples.Finds(document, "relationship", "DocumentReference/1$replaces"));
        Assert.That(Examples.Finds(document, "relationship", "DocumentReference/2$replaces"), Is.False);
    }

    private static Quantity Mercury(decimal value) => new(value, "mm[Hg]", "http://unitsofmeasure.org");
}
