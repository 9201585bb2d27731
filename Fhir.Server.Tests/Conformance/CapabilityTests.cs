using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>imaging-access.md §5a, I13: an address that is permission enough, for one study and a while.</summary>
[TestFixture]
public sealed class CapabilityTests : SmartTests
{
    private const string Scope = "launch/patient patient/ImagingStudy.rs offline_access";
    private TokenAnswer token = null!;
    private string address = "";

    [OneTimeSetUp]
    public async Task MakeAsync()
    {
        token = await World.Public.SignInAsync(Ada, Scope);
        address = AddressOf(await AskAsync(token.AccessToken!, SmartWorld.CtMr));
    }

    [Test]
    public async Task It_is_an_endpoint_that_wants_no_token_and_says_when_it_ends()
    {
        var told = await AskAsync(token.AccessToken!, SmartWorld.CtMr, lifetime: 120);
        var endpoint = Part(told, "endpoint").GetProperty("resource");
        var wants = endpoint.GetProperty("extension").EnumerateArray().Single(one => one.GetProperty("url").GetString() == ImagingClient.RequiresAccessToken);
        Assert.That(wants.GetProperty("valueBoolean").GetBoolean(), Is.False);
        Assert.That(endpoint.GetProperty("address").GetString(), Does.StartWith(Server.Address + "/dicomweb/capabilities/"));
        var left = Part(told, "expires").GetProperty("valueInstant").GetDateTimeOffset() - Server.Clock.GetUtcNow();
        Assert.That(left.TotalSeconds, Is.InRange(1, 121));
    }

    [TestCase("/studies/" + SmartWorld.CtMr, Part10)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/metadata", DicomJson)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.Mr + "/instances/" + SmartWorld.Mr + ".1/rendered", "image/jpeg")]
    [TestCase("/studies/" + SmartWorld.CtMr + "/thumbnail", "image/jpeg")]
    public async Task It_opens_the_study_without_a_token(string path, string accept) => Assert.That(await StatusAsync(null, address + path, accept), Is.EqualTo(200));

    [Test]
    public async Task It_lists_that_study_alone() =>
        Assert.That((await GetAsync(null, address + "/studies", DicomJson)).Rows("0020000D"), Is.EqualTo(new[] { SmartWorld.CtMr }));

    [TestCase("/studies/" + SmartWorld.OnlyMr)]
    [TestCase("/studies/" + SmartWorld.OnlyMr + "/metadata")]
    [TestCase("/studies/" + SmartWorld.OfBen)]
    [TestCase("/studies/" + SmartWorld.CtMr + "/series/" + SmartWorld.OnlyMr + ".1")]
    [TestCase("/../patients/{ada}/studies")]
    public async Task It_opens_nothing_else(string path) =>
        Assert.That(await StatusAsync(null, address + path.Replace("{ada}", Ada.Record, StringComparison.Ordinal)), Is.AnyOf(401, 404));

    [Test]
    public async Task It_writes_nothing()
    {
        var file = new TestDicom(SmartWorld.CtMr, SmartWorld.Ct, SmartWorld.Ct + ".9") { PatientId = Ada.Record };
        Assert.That((await SendAsync(HttpMethod.Post, null, address + "/studies", PhrServer.Multipart(file.ToBytes()), DicomJson)).Status, Is.InRange(400, 499));
        Assert.That((await SendAsync(HttpMethod.Delete, null, $"{address}/studies/{SmartWorld.CtMr}", null)).Status, Is.InRange(400, 499));
        Assert.That(await StatusAsync(null, $"{address}/studies/{SmartWorld.CtMr}", Part10), Is.EqualTo(200));
    }

    [Test]
    public async Task A_guessed_and_an_altered_one_open_nothing()
    {
        var altered = address[..^1] + (address[^1] == 'A' ? 'B' : 'A');
        foreach (var other in new[] { altered, address[..^1], Server.Address + "/dicomweb/capabilities/" + Pkce.Secret(), Server.Address + "/dicomweb/capabilities/" + token.AccessToken })
        {
            Assert.That(await StatusAsync(null, $"{other}/studies/{SmartWorld.CtMr}", Part10), Is.AnyOf(401, 404));
        }
    }

    [Test]
    public async Task It_ends_with_the_token_behind_it()
    {
        var own = await World.Public.SignInAsync(Ada, Scope);
        var path = $"{AddressOf(await AskAsync(own.AccessToken!, SmartWorld.CtMr))}/studies/{SmartWorld.CtMr}";
        Assert.That(await StatusAsync(null, path, Part10), Is.EqualTo(200));
        await World.Public.RevokeAsync(own.AccessToken!);
        Assert.That(await StatusAsync(null, path, Part10), Is.AnyOf(401, 404));
    }

    [Test]
    public async Task Nobody_gets_one_for_what_they_may_not_see()
    {
        var ofBen = await SendAsync(HttpMethod.Post, token.AccessToken, $"/fhir/ImagingStudy/{World.StudyIds[SmartWorld.OfBen]}/$capability", Body(60));
        Assert.That(ofBen.Status, Is.EqualTo(404), ofBen.Text);
        var narrow = await TokenAsync("launch/patient patient/Patient.rs");
        Assert.That((await SendAsync(HttpMethod.Post, narrow, $"/fhir/ImagingStudy/{World.StudyIds[SmartWorld.CtMr]}/$capability", Body(60))).Status, Is.EqualTo(403));
        Assert.That((await SendAsync(HttpMethod.Post, null, $"/fhir/ImagingStudy/{World.StudyIds[SmartWorld.CtMr]}/$capability", Body(60))).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task It_shows_no_more_than_the_token_did()
    {
        var ct = await TokenAsync("launch/patient patient/ImagingStudy.rs?modality=" + SmartWorld.DcmCt);
        var part = AddressOf(await AskAsync(ct, SmartWorld.CtMr));
        Assert.That(await StatusAsync(null, $"{part}/studies/{SmartWorld.CtMr}/series/{SmartWorld.Ct}", Part10), Is.EqualTo(200));
        Assert.That(await StatusAsync(null, $"{part}/studies/{SmartWorld.CtMr}/series/{SmartWorld.Mr}", Part10), Is.EqualTo(404));
        Assert.That(await StatusAsync(null, $"{part}/studies/{SmartWorld.CtMr}", Part10), Is.EqualTo(403));
    }

    [Test]
    public async Task It_is_not_in_the_log()
    {
        await StatusAsync(null, $"{address}/studies/{SmartWorld.CtMr}", Part10);
        await StatusAsync(null, $"{address}/studies/1.2.3", Part10);
        Assert.That(Server.Log, Does.Not.Contain(address.Split('/')[^1]));
    }

    private static async Task<JsonElement> AskAsync(string token, string study, int lifetime = 600)
    {
        var reply = await SendAsync(HttpMethod.Post, token, $"/fhir/ImagingStudy/{World.StudyIds[study]}/$capability", Body(lifetime));
        Assert.That(reply.Status, Is.EqualTo(200), reply.Text);
        return reply.Json;
    }

    private static StringContent Body(int lifetime) => PhrServer.FhirContent(
        $$"""{"resourceType":"Parameters","parameter":[{"name":"lifetime","valueInteger":{{lifetime}}}]}""");

    private static JsonElement Part(JsonElement told, string name) =>
        told.GetProperty("parameter").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);

    private static string AddressOf(JsonElement told) => Part(told, "endpoint").GetProperty("resource").GetProperty("address").GetString()!;
}
