using System.Net;
using Fhir.Server.Access;
using Fhir.Server.Hosting;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What pages of other origins may ask and read, and OPTIONS. https://fetch.spec.whatwg.org/#http-cors-protocol</summary>
[TestFixture]
public sealed class CrossOriginTests
{
    private const string Page = "http://localhost:3000";
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task Stop() => await server.DisposeAsync();

    [TestCase("/dicomweb/studies", "GET", "authorization,accept,range,if-none-match")]
    [TestCase("/dicomweb/patients/x/studies/1.2/series/1.3/instances/1.4/frames/1", "GET", "Authorization, Accept, Range, If-Range")]
    [TestCase("/dicomweb/studies/1.2", "POST", "authorization,content-type")]
    [TestCase("/dicomweb/studies/1.2", "DELETE", "authorization")]
    [TestCase("/dicomweb/wado", "HEAD", "authorization")]
    [TestCase("/fhir/Patient/p", "PUT", "authorization,content-type,if-match,prefer")]
    [TestCase("/fhir/Patient/p", "PATCH", "authorization,content-type,if-match,prefer")]
    public async Task A_preflight_needs_no_token_and_is_granted_whatever_is_there(string path, string method, string headers)
    {
        using var answer = await SendAsync(HttpMethod.Options, path, Page, ("Access-Control-Request-Method", method), ("Access-Control-Request-Headers", headers));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { Page }));
        Assert.That(string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Methods")), Does.Contain(method));
        var allowed = string.Join(',', answer.Headers.GetValues("Access-Control-Allow-Headers")).ToLowerInvariant();
        Assert.That(headers.ToLowerInvariant().Split(',').Select(one => one.Trim()), Is.All.Matches<string>(one => allowed.Contains(one!, StringComparison.Ordinal)));
        Assert.That(answer.Headers.GetValues("Access-Control-Max-Age"), Is.EqualTo(new[] { "3600" }));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Credentials"), Is.False);
    }

    [TestCase("/dicomweb/studies/1.2.3", null, 404)]
    [TestCase("/dicomweb/studies", "Operator 00ff", 401)]
    [TestCase("/fhir/Patient/nobody", null, 404)]
    [TestCase("/dicomweb/studies/1.2/series/1.3/instances/1.4/frames/x", null, 400)]
    [TestCase("/nowhere", null, 404)]
    public async Task Refusals_can_be_read_by_the_page_too(string path, string? authorization, int status)
    {
        using var answer = await SendAsync(HttpMethod.Get, path, Page, authorization is null ? [] : [("Authorization", authorization)]);
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
        Assert.That(answer.Headers.GetValues("Access-Control-Allow-Origin"), Is.EqualTo(new[] { Page }));
        var exposed = string.Join(',', answer.Headers.GetValues("Access-Control-Expose-Headers"));
        foreach (var header in new[] { "Content-Type", "Content-Length", "Content-Range", "ETag", "Warning", "Location", "Accept-Ranges" })
        {
            Assert.That(exposed, Does.Contain(header));
        }
    }

    [TestCase("/dicomweb/studies/1.2", "GET", "HEAD")]
    [TestCase("/dicomweb/studies", "GET", "POST")]
    [TestCase("/dicomweb/patients/p/studies/1.2/series/1.3/metadata", "GET", "HEAD")]
    [TestCase("/fhir/Patient/p", "GET", "PUT")]
    public async Task OPTIONS_says_what_an_address_does_without_asking_who_is_there(string path, params string[] methods)
    {
        using var answer = await SendAsync(HttpMethod.Options, path, null, ("Authorization", "Operator 00ff"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent));
        Assert.That(answer.Content.Headers.Allow, Is.SupersetOf(methods.Append("OPTIONS")));
    }

    [Test]
    public async Task OPTIONS_of_what_has_no_address_is_404()
    {
        using var answer = await SendAsync(HttpMethod.Options, "/nowhere", null);
        Assert.That((int)answer.StatusCode, Is.EqualTo(404));
    }

    [Test]
    public async Task Open_mode_answers_no_page_of_another_origin()
    {
        using var answer = await SendAsync(HttpMethod.Options, "/dicomweb/studies", "https://viewer.example", ("Access-Control-Request-Method", "GET"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(answer.Headers.Contains("Access-Control-Allow-Origin"), Is.False);
    }

    [TestCase(AccessMode.Smart, new string[0], "https://viewer.example", null)]
    [TestCase(AccessMode.Smart, new string[0], "https://registered.example", "https://registered.example")]
    [TestCase(AccessMode.Smart, new[] { "https://viewer.example" }, "https://viewer.example", "https://viewer.example")]
    [TestCase(AccessMode.Smart, new[] { "https://viewer.example" }, "https://other.example", null)]
    [TestCase(AccessMode.Open, new[] { "https://viewer.example" }, "https://viewer.example", null)]
    [TestCase(AccessMode.Open, new string[0], "http://127.0.0.1:8080", "http://127.0.0.1:8080")]
    public void Which_origins_are_answered_depends_on_mode_and_option_and_credentials_never_go_along(AccessMode mode, string[] origins, string origin, string? expected)
    {
        var options = new CrossOriginOptions();
        Array.ForEach(origins, options.Origins.Add);
        var policy = CrossOrigin.PolicyOf(mode, options, new HashSet<string> { "https://registered.example" });
        var context = new DefaultHttpContext();
        context.Request.Headers.Origin = origin;
        var service = new CorsService(Options.Create(new CorsOptions()), NullLoggerFactory.Instance);
        var result = service.EvaluatePolicy(context, policy);
        Assert.That(result.IsOriginAllowed ? result.AllowedOrigin : null, Is.EqualTo(expected));
        Assert.That(policy.SupportsCredentials, Is.False);
    }

    [TestCase("viewer.example")]
    [TestCase("https://viewer.example/")]
    [TestCase("ftp://viewer.example")]
    [TestCase("*")]
    public void An_origin_that_is_none_is_told_and_one_that_is_is_taken(string origin)
    {
        Assert.That(() => OptionsOf(origin), Throws.InstanceOf<OptionsValidationException>().With.Message.Contains("CrossOrigin:Origins"));
        Assert.That(OptionsOf("https://viewer.example:8443").Origins, Is.EqualTo(new[] { "https://viewer.example:8443" }));
    }

    private static CrossOriginOptions OptionsOf(string origin)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("CrossOrigin:Origins:0", origin)]).Build();
        using var services = new ServiceCollection().AddCrossOrigin(configuration).BuildServiceProvider();
        return services.GetRequiredService<IOptions<CrossOriginOptions>>().Value;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? origin, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers.Concat(origin is null ? [] : [("Origin", origin)]))
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value));
        }
        return await server.Client.SendAsync(request);
    }
}
