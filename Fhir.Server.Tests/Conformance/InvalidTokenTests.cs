namespace Fhir.Server.Tests.Conformance;

/// <summary>smart.md §4, T8: no token, or none that is good. https://www.rfc-editor.org/rfc/rfc6750#section-3</summary>
[TestFixture]
public sealed class InvalidTokenTests : SmartTests
{
    private static IEnumerable<string> Paths() =>
    [
        "/fhir/Patient/{ada}", "/fhir/Patient", "/fhir/ImagingStudy?patient={ada}", "/fhir/ImagingStudy/{study}", "/fhir/Patient/{ada}/$everything", "/fhir/_history",
        "/dicomweb/studies", "/dicomweb/patients/{ada}/studies", "/dicomweb/patients/{ada}/studies/1.2.276.60.1", "/dicomweb/patients/{ada}/studies/1.2.276.60.1/metadata",
        "/dicomweb/patients/{ada}/studies/1.2.276.60.1/series/1.2.276.60.1.1/instances/1.2.276.60.1.1.1/rendered",
        "/dicomweb/patients/{ada}/studies/1.2.276.60.1/thumbnail", "/dicomweb/patients/nobody/studies",
    ];

    [TestCaseSource(nameof(Paths))]
    public async Task Without_a_token_there_is_401_and_a_challenge(string path)
    {
        var reply = await GetAsync(null, Here(path));
        Assert.That(reply.Status, Is.EqualTo(401), reply.Text);
        Assert.That(reply.Challenge, Does.StartWith("Bearer"));
    }

    [TestCaseSource(nameof(Paths))]
    public async Task With_a_bad_token_there_is_401_and_the_reason(string path)
    {
        var reply = await GetAsync(Pkce.Secret(), Here(path));
        Assert.That(reply.Status, Is.EqualTo(401), reply.Text);
        Assert.That(reply.Challenge, Does.StartWith("Bearer").And.Contain("error=\"invalid_token\""));
    }

    [TestCase("Basic YWRhOnNlY3JldA==")]
    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer a b")]
    [TestCase("Digest x")]
    [TestCase("Operator 00")]
    public async Task Another_way_to_show_something_is_401(string header)
    {
        var reply = await GetAsync(null, Here("/fhir/Patient/{ada}"), null, ("Authorization", header));
        Assert.That(reply.Status, Is.EqualTo(401), reply.Text);
        Assert.That(reply.Challenge, Does.StartWith("Bearer"));
    }

    [Test]
    public async Task The_scheme_is_read_in_any_case([Values("bearer", "BEARER")] string scheme)
    {
        var token = await TokenAsync("launch/patient patient/Patient.r");
        Assert.That((await GetAsync(null, Here("/fhir/Patient/{ada}"), null, ("Authorization", $"{scheme} {token}"))).Status, Is.EqualTo(200));
    }

    [Test]
    public async Task A_token_in_the_address_or_in_a_form_is_not_looked_at()
    {
        var token = await TokenAsync("launch/patient patient/*.rs");
        Assert.That(await StatusAsync(null, Here("/fhir/Patient/{ada}") + "?access_token=" + token), Is.EqualTo(401));
        Assert.That(await StatusAsync(null, $"{Web}/studies?access_token={token}", DicomJson), Is.EqualTo(401));
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("access_token", token)]);
        Assert.That((await SendAsync(HttpMethod.Post, null, "/fhir/ImagingStudy/_search", form)).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task An_altered_token_is_401()
    {
        var token = await TokenAsync("launch/patient patient/Patient.r");
        var altered = (token[0] == 'A' ? 'B' : 'A') + token[1..];
        foreach (var other in new[] { altered, token + "A", token[..^1], token.ToUpperInvariant() })
        {
            Assert.That(await StatusAsync(other, Here("/fhir/Patient/{ada}")), Is.EqualTo(401));
        }
        Assert.That(await StatusAsync(token, Here("/fhir/Patient/{ada}")), Is.EqualTo(200));
    }

    [Test]
    public async Task Two_tokens_at_once_are_not_looked_at()
    {
        var token = await TokenAsync("launch/patient patient/Patient.r");
        Assert.That((await GetAsync(null, Here("/fhir/Patient/{ada}"), null, ("Authorization", "Bearer " + token), ("Authorization", "Bearer x"))).Status, Is.InRange(400, 401));
    }

    [Test]
    public async Task The_session_of_a_browser_opens_no_API()
    {
        var screen = await Ada.Browser.OpenAsync(Here("/fhir/Patient/{ada}"));
        Assert.That(screen.Status, Is.EqualTo(401), screen.ToString());
    }

    private static string Here(string path) =>
        path.Replace("{ada}", Ada.Record, StringComparison.Ordinal).Replace("{study}", World.StudyIds[SmartWorld.CtMr], StringComparison.Ordinal);
}
