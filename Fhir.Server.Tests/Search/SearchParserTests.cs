using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://hl7.org/fhir/R4/search.html</summary>
public sealed class SearchParserTests
{
    [Test]
    public void An_unknown_parameter_is_ignored_and_named()
    {
        var query = Examples.Parse("Patient", ("nonsense", "1"), ("gender", "male"), ("nonsense:exact", "2"), ("more.chain", "3"));
        Assert.That(query.Ignored, Is.EqualTo(["nonsense", "nonsense:exact", "more.chain"]));
        Assert.That(query.Applied, Is.EqualTo([KeyValuePair.Create("gender", "male")]));
        Assert.That(query.Criteria, Has.Count.EqualTo(1));
    }

    [Test]
    public void Handled_strictly_an_unknown_parameter_is_refused() =>
        Assert.That(Examples.Refused("Patient", "nonsense", "1", strict: true).Kind, Is.EqualTo(ProblemKind.Invalid));

    [TestCase("Nonsense")]
    [TestCase("Resource")]
    [TestCase("patient")]
    public void An_unknown_type_is_refused(string type) => Examples.Refused(type, "_id", "1");

    [TestCase("birthdate:exact", "2024")]
    [TestCase("gender:text", "m")]
    [TestCase("gender:contains", "m")]
    [TestCase("gender:below", "m")]
    [TestCase("gender:of-type", "s|c|v")]
    [TestCase("gender:in", "http://a/ValueSet/1")]
    [TestCase("gender:not-in", "http://a/ValueSet/1")]
    [TestCase("identifier:below", "m")]
    [TestCase("phonetic:exact", "m")]
    [TestCase("telecom:text", "m")]
    [TestCase("name:not", "m")]
    [TestCase("name:", "m")]
    [TestCase("general-practitioner:Patient", "1")]
    [TestCase("general-practitioner:Nonsense", "1")]
    [TestCase("_id:exact", "1")]
    [TestCase("name:missing", "yes")]
    public void A_modifier_that_is_not_supported_is_refused(string name, string value) =>
        Assert.That(Examples.Refused("Patient", name, value).Kind, Is.EqualTo(ProblemKind.Invalid));

    [TestCase("Patient", "_text", "x")]
    [TestCase("Patient", "_query", "x")]
    [TestCase("Patient", "_score", "x")]
    [TestCase("Patient", "_filter", "x")]
    public void What_is_not_supported_yet_says_so(string type, string name, string value) =>
        Assert.That(Examples.Refused(type, name, value).Text, Does.Contain("not supported yet"));

    [TestCase("birthdate", "xx2024")]
    [TestCase("birthdate", "eq")]
    [TestCase("birthdate", "2024-13")]
    [TestCase("birthdate", "yesterday")]
    [TestCase("birthdate", "2024,nonsense")]
    [TestCase("identifier", "a|b|c")]
    [TestCase("identifier", "|")]
    [TestCase("general-practitioner", "Nonsense/1")]
    [TestCase("general-practitioner", "#p1")]
    [TestCase("general-practitioner", "a b")]
    [TestCase("general-practitioner:Practitioner", "Organization/1")]
    [TestCase("name", "\u0301")]
    [TestCase("_count", "-1")]
    [TestCase("_count", "ten")]
    [TestCase("_total", "some")]
    [TestCase("_summary", "nonsense")]
    [TestCase("_sort", "birthdate,phonetic")]
    [TestCase("_contained", "true")]
    [TestCase("_containedType", "contained")]
    [TestCase("_explain", "perhaps")]
    [TestCase("_elements", "name,<b>")]
    [TestCase("_type", "Patient")]
    [TestCase("_list", "$current-problems")]
    [TestCase("_sort", "organization.nonsense")]
    [TestCase("_sort", "general-practitioner.name")]
    [TestCase("_sort", "name.given")]
    [TestCase("_sort", "organization.partof.name")]
    [TestCase("organization.nonsense", "x")]
    [TestCase("organization.", "x")]
    [TestCase("name.given", "x")]
    [TestCase("organization:Patient.name", "x")]
    [TestCase("organization.name:nonsense", "x")]
    [TestCase("_has:ImagingStudy:patient", "x")]
    [TestCase("_has:ImagingStudy:nonsense:status", "x")]
    [TestCase("_has:Nonsense:patient:status", "x")]
    [TestCase("_has:ImagingStudy:endpoint:status", "x")]
    [TestCase("_has:ImagingStudy:patient:nonsense", "x")]
    [TestCase("_has:ImagingStudy:patient:started", "yesterday")]
    [TestCase("_has", "x")]
    [TestCase("_include:nonsense", "Patient:organization")]
    [TestCase("_include", "Nonsense:*")]
    [TestCase("_include", "ImagingStudy:*")]
    [TestCase("_include:iterate", "ImagingStudy:status")]
    [TestCase("_revinclude", "ImagingStudy:endpoint")]
    [TestCase("_revinclude", "*:patient")]
    [TestCase("_include", "Patient")]
    [TestCase("_include", "Patient:name")]
    [TestCase("_include", "Patient:nonsense")]
    [TestCase("_include", "ImagingStudy:patient")]
    [TestCase("_include", "Patient:organization:Practitioner")]
    [TestCase("_include", "Patient:organization:Organization:more")]
    public void A_bad_value_is_refused_without_being_repeated(string name, string value)
    {
        var problem = Examples.Refused("Patient", name, value);
        Assert.That(problem.Kind, Is.EqualTo(ProblemKind.Invalid));
        Assert.That(problem.Text, Does.Not.Contain("yesterday"));
    }

    [TestCase("name", "")]
    [TestCase("name", "  ")]
    [TestCase("name", ",")]
    [TestCase("nonsense", "")]
    [TestCase("_count", "")]
    [TestCase("_contained", "false")]
    [TestCase("_containedType", "container")]
    public void Empty_values_and_what_is_so_anyway_count_for_nothing(string name, string value)
    {
        var query = Examples.Parse("Patient", (name, value));
        Assert.That((query.Criteria.Count, query.Applied.Count, query.Ignored.Count, query.Count), Is.EqualTo((0, 0, 0, 20)));
    }

    [TestCase("abc", null, false, "abc")]
    [TestCase("s|abc", "s", false, "abc")]
    [TestCase("|abc", null, true, "abc")]
    [TestCase("s|", "s", false, null)]
    [TestCase(@"s\|t|a\,b\$\\", "s|t", false, @"a,b$\")]
    [TestCase(@"a\b\", null, false, @"a\b\")]
    public void Tokens_are_read_in_all_forms(string text, string? system, bool noSystem, string? code) =>
        Assert.That(Examples.Parse("Patient", ("identifier", text)).Criteria.Single().Values, Is.EqualTo([new TokenValue(system, noSystem, code)]));

    [Test]
    public void A_bare_id_takes_the_only_target_type()
    {
        Assert.That(Examples.Parse("ImagingStudy", ("patient", "1")).Criteria.Single().Values, Is.EqualTo([new ReferenceValue("Patient", "1")]));
        Assert.That(Examples.Parse("ImagingStudy", ("subject", "1")).Criteria.Single().Values, Is.EqualTo([new ReferenceValue(null, "1")]));
    }

    [Test]
    public void Values_in_a_comma_list_are_alternatives_and_repetitions_add_up()
    {
        var query = Examples.Parse("Patient", ("name", "a,,b"), ("name", @"c\,d"));
        Assert.That(query.Criteria.Select(criterion => criterion.Values.Count), Is.EqualTo([2, 1]));
        Assert.That(query.Criteria[1].Values[0], Is.EqualTo(new StringValue("c,d", "c,d")));
    }

    [Test]
    public void What_counted_is_told_in_order_without_the_cursor()
    {
        var query = Examples.Parse("ImagingStudy", ("_sort", "-started,nonsense,_id"), ("_cursor", "abc"), ("_count", "5000"),
            ("_include", "ImagingStudy:endpoint"), ("patient", "1"), ("_include", "ImagingStudy:endpoint"), ("_total", "estimate"), ("_format", "json"));
        Assert.Multiple(() =>
        {
            Assert.That(query.Applied.Select(pair => pair.Key + "=" + pair.Value), Is.EqualTo(
                ["_sort=-started,_id", "_count=1000", "_include=ImagingStudy:endpoint", "patient=1", "_total=estimate", "_format=json"]));
            Assert.That(query.Cursor, Is.EqualTo("abc"));
            Assert.That(query.Count, Is.EqualTo(1000));
            Assert.That(query.Total, Is.EqualTo(TotalMode.Estimate));
            Assert.That(query.Ignored, Is.EqualTo(["nonsense"]));
            Assert.That(query.Sort.Select(key => (key.Parameter.Code, key.Descending)), Is.EqualTo([("started", true), ("_id", false)]));
            Assert.That(query.Includes, Is.EqualTo([new Include("ImagingStudy", "endpoint", null)]));
        });
    }

    [TestCase("_summary", "count", 0, TotalMode.Accurate)]
    [TestCase("_count", "0", 0, TotalMode.Accurate)]
    [TestCase("_count", "7", 7, TotalMode.None)]
    [TestCase("_count", "99999999999999999999", 1000, TotalMode.None)]
    [TestCase("_summary", "false", 20, TotalMode.None)]
    [TestCase("_total", "none", 20, TotalMode.None)]
    [TestCase("_total", "accurate", 20, TotalMode.Accurate)]
    public void Count_total_and_summary_shape_the_page(string name, string value, int count, TotalMode total)
    {
        var query = Examples.Parse("Patient", (name, value));
        Assert.That((query.Count, query.Total), Is.EqualTo((count, total)));
    }

    [Test]
    public void Handled_strictly_an_unknown_sort_key_is_refused() => Examples.Refused("Patient", "_sort", "nonsense", strict: true);

    [Test]
    public void Too_much_at_once_is_too_costly()
    {
        Assert.That(Examples.Refused("Patient", "_id", string.Join(',', Enumerable.Range(0, 101))).Kind, Is.EqualTo(ProblemKind.TooCostly));
        var many = Enumerable.Repeat(KeyValuePair.Create("_id", "1"), 51);
        Assert.That(Examples.Parser.Parse("Patient", many, strict: false).Problem?.Kind, Is.EqualTo(ProblemKind.TooCostly));
    }

    [Test]
    public void A_result_parameter_is_given_once()
    {
        var twice = Enumerable.Repeat(KeyValuePair.Create("_count", "1"), 2);
        Assert.That(Examples.Parser.Parse("Patient", twice, strict: false).Problem?.Kind, Is.EqualTo(ProblemKind.Invalid));
    }
}
