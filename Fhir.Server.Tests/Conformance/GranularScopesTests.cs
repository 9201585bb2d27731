using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §7, T11 and I11: scopes for a part of a type, at FHIR and DICOMweb alike.</summary>
[TestFixture]
public sealed class GranularScopesTests : SmartTests
{
    private const string OnlyCt = "launch/patient patient/ImagingStudy.rs?modality=" + SmartWorld.DcmCt;
    private string ct = "";

    private static string CtMrId => World.StudyIds[SmartWorld.CtMr];

    private static string OnlyMrId => World.StudyIds[SmartWorld.OnlyMr];

    [OneTimeSetUp]
    public async Task SignInAsync() => ct = await TokenAsync(OnlyCt);

    [Test]
    public async Task The_scope_comes_back_as_it_was_asked_for() =>
        Assert.That((await World.Public.SignInAsync(Ada, OnlyCt)).Scopes, Is.EquivalentTo(OnlyCt.Split(' ')));

    [Test]
    public async Task A_search_finds_what_has_such_a_series_and_counts_no_more()
    {
        var reply = await GetAsync(ct, $"/fhir/ImagingStudy?patient={Ada.Record}&_total=accurate");
        Assert.That(reply.Ids(), Is.EqualTo(new[] { CtMrId }));
        Assert.That(reply.Json.GetProperty("total").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_study_has_those_series_alone_and_its_counts_agree([Values] bool bySearch)
    {
        var study = bySearch ? (await GetAsync(ct, $"/fhir/ImagingStudy?patient={Ada.Record}")).Resources("ImagingStudy").Single() : (await GetAsync(ct, $"/fhir/ImagingStudy/{CtMrId}")).Json;
        Assert.That(study.GetProperty("series").EnumerateArray().Select(one => one.GetProperty("uid").GetString()), Is.EqualTo(new[] { SmartWorld.Ct }));
        Assert.That((study.GetProperty("numberOfSeries").GetInt32(), study.GetProperty("numberOfInstances").GetInt32()), Is.EqualTo((1, 2)));
        Assert.That(study.GetProperty("modality").EnumerateArray().Select(one => one.GetProperty("code").GetString()), Is.EqualTo(new[] { "CT" }));
        Assert.That(study.GetRawText(), Does.Not.Contain(SmartWorld.Mr));
    }

    [Test]
    public async Task A_study_without_such_a_series_is_not_there_and_says_no_more_than_an_unknown_one()
    {
        var (hidden, unknown) = (await GetAsync(ct, $"/fhir/ImagingStudy/{OnlyMrId}"), await GetAsync(ct, "/fhir/ImagingStudy/nowhere"));
        Assert.That((hidden.Status, unknown.Status), Is.EqualTo((404, 404)));
        Assert.That(hidden.Text.Replace(OnlyMrId, "nowhere", StringComparison.Ordinal), Is.EqualTo(unknown.Text));
    }

    [TestCase("modality=MR")]
    [TestCase("series=" + SmartWorld.Mr)]
    [TestCase("instance=" + SmartWorld.Mr + ".1")]
    [TestCase("identifier=urn:dicom:uid|urn:oid:" + SmartWorld.OnlyMr)]
    public async Task A_search_does_not_find_by_what_is_hidden(string query) =>
        Assert.That((await GetAsync(ct, $"/fhir/ImagingStudy?patient={Ada.Record}&{query}")).Ids("ImagingStudy"), Is.Empty);

    [Test]
    public async Task Endpoints_of_what_is_seen_come_with_it()
    {
        var reply = await GetAsync(ct, $"/fhir/ImagingStudy?patient={Ada.Record}&_include=ImagingStudy:endpoint");
        Assert.That(reply.Ids("ImagingStudy"), Has.Count.EqualTo(1));
        Assert.That(reply.Resources("Endpoint"), Is.Not.Empty);
    }

    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Ct, Part10, 200)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Ct + "/instances/" + SmartWorld.Ct + ".1", Part10, 200)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Ct + "/instances/" + SmartWorld.Ct + ".1/rendered", "image/png", 200)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Ct + "/metadata", DicomJson, 200)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/thumbnail", "image/jpeg", 200)]
    [TestCase("/studies/" + SmartWorld.CtMr, Part10, 403)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/metadata", DicomJson, 403)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/rendered", "image/png", 403)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr, Part10, 404)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/metadata", DicomJson, 404)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/thumbnail", "image/jpeg", 404)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/instances/" + SmartWorld.Mr + ".1", Part10, 404)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/instances/" + SmartWorld.Mr + ".1/frames/1", "*/*", 404)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/instances/" + SmartWorld.Mr + ".1/rendered", "image/png", 404)]
    [TestCase("/studies/" + SmartWorld.OnlyMr, Part10, 404)]
    [TestCase("/studies/" + SmartWorld.OnlyMr + "/metadata", DicomJson, 404)]
    [TestCase("/studies/" + SmartWorld.OnlyMr + "/thumbnail", "image/jpeg", 404)]
    public async Task Pictures_follow_the_scope(string path, string accept, int status)
    {
        var reply = await GetAsync(ct, Web + path, accept);
        Assert.That(reply.Status, Is.EqualTo(status), reply.Text[..Math.Min(300, reply.Text.Length)]);
    }

    [Test]
    public async Task Lists_of_pictures_follow_the_scope()
    {
        Assert.That((await GetAsync(ct, $"{Web}/studies", DicomJson)).Rows("0020000D"), Is.EqualTo(new[] { SmartWorld.CtMr }));
        Assert.That((await GetAsync(ct, $"{Web}/series", DicomJson)).Rows("0020000E"), Is.EqualTo(new[] { SmartWorld.Ct }));
        Assert.That((await GetAsync(ct, $"{Web}/instances", DicomJson)).Rows("00080018"), Is.EquivalentTo(new[] { SmartWorld.Ct + ".1", SmartWorld.Ct + ".2" }));
        Assert.That((await GetAsync(ct, "/dicomweb/studies", DicomJson)).Rows("0020000D"), Is.EqualTo(new[] { SmartWorld.CtMr }));
    }

    [Test]
    public async Task Counts_and_modalities_in_a_list_are_of_what_is_seen()
    {
        var row = await GetAsync(ct, $"{Web}/studies?includefield=00080061,00201206,00201208", DicomJson);
        Assert.That(row.Rows("00080061"), Is.EqualTo(new[] { "CT" }));
        Assert.That(row.Rows("00201206"), Is.EqualTo(new[] { "1" }));
        Assert.That(row.Rows("00201208"), Is.EqualTo(new[] { "2" }));
    }

    [Test]
    public async Task A_list_cannot_be_asked_for_what_is_hidden() =>
        Assert.That((await GetAsync(ct, $"{Web}/studies?ModalitiesInStudy=MR", DicomJson)).Rows("0020000D"), Is.Empty);

    [Test]
    public async Task A_study_is_named_by_its_id_or_its_identifier_and_seen_whole([Values("_id", "identifier")] string by)
    {
        var token = await TokenAsync("launch/patient patient/ImagingStudy.rs?" + (by == "_id" ? "_id=" + CtMrId : "identifier=urn:dicom:uid|urn:oid:" + SmartWorld.CtMr));
        Assert.That((await GetAsync(token, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids("ImagingStudy"), Is.EqualTo(new[] { CtMrId }));
        Assert.That((await GetAsync(token, $"/fhir/ImagingStudy/{CtMrId}")).Json.GetProperty("numberOfSeries").GetInt32(), Is.EqualTo(2));
        Assert.That(await StatusAsync(token, $"{Web}/studies/{SmartWorld.CtMr}", Part10), Is.EqualTo(200));
        Assert.That(await StatusAsync(token, $"{Web}/studies/{SmartWorld.OnlyMr}", Part10), Is.EqualTo(404));
    }

    [Test]
    public async Task Parts_add_up_and_a_scope_without_a_query_is_everything()
    {
        var both = await TokenAsync($"{OnlyCt} patient/ImagingStudy.rs?_id={OnlyMrId}");
        Assert.That((await GetAsync(both, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids("ImagingStudy"), Is.EquivalentTo(new[] { CtMrId, OnlyMrId }));
        Assert.That(await StatusAsync(both, $"{Web}/studies/{SmartWorld.CtMr}/series/{SmartWorld.Mr}", Part10), Is.EqualTo(404));
        var whole = await TokenAsync(OnlyCt + " patient/ImagingStudy.rs");
        Assert.That(await StatusAsync(whole, $"{Web}/studies/{SmartWorld.CtMr}", Part10), Is.EqualTo(200));
    }

    [Test]
    public async Task Another_persons_study_of_that_kind_is_not_meant()
    {
        Assert.That(await StatusAsync(ct, $"/fhir/ImagingStudy/{World.StudyIds[SmartWorld.OfBen]}"), Is.EqualTo(404));
        Assert.That(await StatusAsync(ct, $"{SmartWorld.WebOf(Ben)}/studies/{SmartWorld.OfBen}", Part10), Is.EqualTo(404));
    }

    [Test]
    public async Task Other_types_are_cut_by_their_own_parameters()
    {
        var token = await TokenAsync("launch/patient patient/DiagnosticReport.rs?status=preliminary");
        Assert.That((await GetAsync(token, $"/fhir/DiagnosticReport?patient={Ada.Record}")).Ids(), Is.Empty);
        Assert.That(await StatusAsync(token, $"/fhir/DiagnosticReport/of-{Ada.Record}"), Is.EqualTo(404));
        var final = await TokenAsync("launch/patient patient/DiagnosticReport.rs?status=final");
        Assert.That(await StatusAsync(final, $"/fhir/DiagnosticReport/of-{Ada.Record}"), Is.EqualTo(200));
    }

    [Test]
    public async Task History_shows_no_more()
    {
        Assert.That(await StatusAsync(ct, $"/fhir/ImagingStudy/{OnlyMrId}/_history"), Is.EqualTo(404));
        Assert.That((await GetAsync(ct, $"/fhir/ImagingStudy/{CtMrId}/_history")).Text, Does.Not.Contain(SmartWorld.Mr));
        Assert.That((await GetAsync(ct, $"/fhir/ImagingStudy/{CtMrId}/_history/1")).Text, Does.Not.Contain(SmartWorld.Mr));
    }

    [Test]
    public async Task A_backend_is_cut_likewise()
    {
        var token = (await World.Backend.BackendAsync("system/ImagingStudy.rs?modality=" + SmartWorld.DcmCt)).Good().AccessToken;
        Assert.That((await GetAsync(token, $"/fhir/ImagingStudy?patient={Ada.Record}")).Ids("ImagingStudy"), Is.EqualTo(new[] { CtMrId }));
        Assert.That(await StatusAsync(token, $"{Web}/studies/{SmartWorld.CtMr}/series/{SmartWorld.Mr}", Part10), Is.EqualTo(404));
    }
}
