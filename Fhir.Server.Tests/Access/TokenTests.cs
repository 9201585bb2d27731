using System.Net;
using System.Net.Sockets;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Tests.Rest;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Fhir.Server.Tests.Access;

/// <summary>Who is let in: bearers of good tokens, at the very next request no longer those of revoked ones, and nobody else. RFC 6750.</summary>
[TestFixture]
public sealed class TokenTests
{
    /// <summary>Routes anybody may use. Everything else refuses who shows no token.</summary>
    private static readonly string[] Public =
        ["capabilities", "landing", "landing-style", "live", "ready", "app-page", "app-launch", "app-script", "app-style"];

    private SmartServer server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => server = await SmartServer.StartWithWorldAsync();

    [OneTimeTearDown]
    public async Task EndAsync() => await server.DisposeAsync();

    [Test]
    public async Task Every_mapped_route_refuses_an_anonymous_caller_but_those_listed()
    {
        var routes = server.Phr.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().ToList();
        Assert.That(routes, Has.Count.GreaterThan(50));
        foreach (var route in routes)
        {
            var name = route.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? route.RoutePattern.RawText!;
            var path = "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part =>
                part is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : ValueOf(((Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart)part).Name)))));
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                using var answer = await server.Phr.Client.SendAsync(request);
                if (IsPublic(name, path))
                {
                    Assert.That(answer.StatusCode, Is.Not.EqualTo(HttpStatusCode.Unauthorized), $"{method} {path}");
                    continue;
                }
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), $"{method} {path} ({name})");
                Assert.That(answer.Headers.WwwAuthenticate.ToString(), Is.EqualTo("Bearer"), path);
                Assert.That(answer.Headers.CacheControl?.NoStore, Is.True, path);
            }
        }
    }

    /// <summary>A capability that is unknown is not there, rather than closed.</summary>
    private static bool IsPublic(string name, string path) => Public.Contains(name) || name.StartsWith("capability-", StringComparison.Ordinal)
        || new[] { "/.well-known", "/fhir/.well-known", "/oauth", "/account", "/static" }.Any(place => new PathString(path).StartsWithSegments(place));

    private static string ValueOf(string parameter) => parameter switch
    {
        "type" => "Patient",
        "id" or "patient" => SmartServer.Anna,
        "study" => SmartServer.Mixed,
        "series" => SmartServer.Mixed + ".1",
        "instance" => SmartServer.Mixed + ".1.1",
        _ => "1",
    };

    [TestCase("/fhir/nothing-of-that-name/x")]
    [TestCase("/no/such/route")]
    [TestCase("/oauthx")]
    [TestCase("/accounts")]
    [TestCase("/fhir/metadata2")]
    [TestCase("/healthzz")]
    public async Task What_is_not_mapped_is_closed_too(string path)
    {
        using var answer = await server.Phr.Client.GetAsync(path);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Each_door_refuses_in_its_own_words()
    {
        using var fhir = await server.Phr.Client.GetAsync("/fhir/Patient/anna");
        Assert.That(fhir.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/fhir+json"));
        Assert.That(await fhir.Content.ReadAsStringAsync(), Does.Contain("OperationOutcome").And.Contain("\"login\""));
        using var dicom = await server.Phr.Client.GetAsync($"/dicomweb/studies/{SmartServer.Mixed}");
        Assert.That(dicom.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
    }

    [TestCase("Bearer")]
    [TestCase("Bearer ")]
    [TestCase("Bearer nonsense")]
    [TestCase("Basic YTpi")]
    [TestCase("Token x")]
    [TestCase("Operator 00")]
    public async Task What_is_shown_and_no_good_is_an_invalid_token(string shown)
    {
        foreach (var path in new[] { "/fhir/Patient/anna", "/dicomweb/studies" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Authorization", shown);
            using var answer = await server.Phr.Client.SendAsync(request);
            Assert.That((answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()), Is.EqualTo((HttpStatusCode.Unauthorized, "Bearer error=\"invalid_token\"")));
        }
    }

    [Test]
    public async Task A_token_in_an_address_or_a_form_is_never_taken()
    {
        var token = server.Authorisations.OfPatient("patient/*.rs", SmartServer.Anna);
        foreach (var path in new[] { $"/fhir/Patient/anna?access_token={token}", $"/dicomweb/studies?access_token={token}", $"/dicomweb/studies?token={token}" })
        {
            using var answer = await server.Phr.Client.GetAsync(path);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
        }
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("access_token", token)]);
        using var posted = await server.Phr.Client.PostAsync("/fhir/Patient/_search", form);
        Assert.That(posted.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task One_token_serves_FHIR_and_DICOMweb_and_is_refused_at_both_at_the_next_request_after_it_was_revoked()
    {
        var token = server.Authorisations.OfPatient("patient/*.rs", SmartServer.Anna);
        using var client = server.With(token);
        string[] paths = ["/fhir/Patient/anna", $"/dicomweb/patients/anna/studies/{SmartServer.Sono}", "/dicomweb/studies"];
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
        }
        server.Authorisations.Revoke(token);
        foreach (var path in paths)
        {
            using var answer = await client.GetAsync(path);
            Assert.That((answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()), Is.EqualTo((HttpStatusCode.Unauthorized, "Bearer error=\"invalid_token\"")), path);
        }
    }

    [Test]
    public async Task A_token_is_looked_up_once_and_again_when_anything_it_rests_on_changed()
    {
        var token = server.Authorisations.OfPatient("patient/Patient.rs", SmartServer.Anna);
        using var client = server.With(token);
        var before = server.Authorisations.Lookups;
        for (var i = 0; i < 5; i++)
        {
            Assert.That((await SmartServer.GetAsync(client, "Patient/anna")).Status, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That(server.Authorisations.Lookups - before, Is.EqualTo(1));
        server.Authorisations.Change(token, one => one with { Scopes = ScopeSet.Parse("patient/Observation.rs") });
        Assert.That((await SmartServer.GetAsync(client, "Patient/anna")).Status, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That(server.Authorisations.Lookups - before, Is.EqualTo(2));
    }

    [Test]
    public async Task The_body_of_an_anonymous_store_is_not_read()
    {
        var address = new Uri(server.Phr.Address);
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        var stream = connection.GetStream();
        // A body of a gigabyte is announced, and never sent: whoever waited for it would not answer.
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /dicomweb/studies HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/dicom\r\nContent-Length: 1000000000\r\n\r\n"));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer, patience.Token);
        Assert.That(Encoding.ASCII.GetString(buffer, 0, read), Does.StartWith("HTTP/1.1 401").And.Contain("Connection: close"));
    }

    [Test]
    public async Task A_right_that_has_not_begun_or_has_ended_does_not_count_and_is_looked_at_again_at_its_edges()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero));
        var authorisations = new FakeAuthorisations();
        using var source = new TokenCallerSource(authorisations, new OperatorKey(Configuration()), clock);
        var now = clock.GetUtcNow();
        var token = authorisations.Issue(
            "patient/*.rs", "kid", "RelatedPerson/mum", lifetime: TimeSpan.FromMinutes(30), now: now,
            records: [new AuthorisedRecord("kid", RecordBasis.Proxy, now.AddMinutes(5), now.AddMinutes(10))]);
        async Task<int?> RecordsAsync() => (await source.IdentifyAsync(Showing(token))).Match(caller => (int?)caller.Records.Count, _ => null);
        Assert.That(await RecordsAsync(), Is.Zero, "not yet");
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await RecordsAsync(), Is.EqualTo(1));
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.That(await RecordsAsync(), Is.Zero, "no longer");
        Assert.That(authorisations.Lookups, Is.EqualTo(3), "looked up at each edge, and only there");
        clock.Advance(TimeSpan.FromMinutes(20));
        Assert.That(await RecordsAsync(), Is.Null, "the token itself has ended");
    }

    [Test]
    public void Of_many_tokens_only_so_many_are_kept_and_those_used_last()
    {
        var cache = new CallerCache();
        var now = DateTimeOffset.UtcNow;
        Caller Make() => Caller.Of(
            new Authorisation { Id = "a", Client = "c", Scopes = ScopeSet.Parse("patient/*.rs"), Expires = now.AddHours(1), Epoch = 1 }, now);
        var (first, second) = (TokenHash.Of("first"), TokenHash.Of("second"));
        cache.Add(first, Make(), now);
        cache.Add(second, Make(), now);
        for (var i = 2; i < CallerCache.Limit; i++)
        {
            cache.Add(TokenHash.Of($"t{i}"), Make(), now);
        }
        Assert.That(cache.Find(first, now), Is.Not.Null);
        cache.Add(TokenHash.Of("one more"), Make(), now);
        Assert.That((cache.Count, cache.Find(first, now) is null, cache.Find(second, now) is null), Is.EqualTo((CallerCache.Limit, false, true)));
        Assert.That(cache.Find(first, now.AddHours(1)), Is.Null, "a token ends whether or not it is in use");
    }

    private static DefaultHttpContext Showing(string token)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = "/fhir/Patient/x";
        context.Request.Headers.Authorization = "Bearer " + token;
        return context;
    }

    private static IConfiguration Configuration() => new ConfigurationBuilder()
        .AddInMemoryCollection([KeyValuePair.Create("Storage:KeyPath", (string?)Path.Combine(Path.GetTempPath(), $"phr-keys-{Guid.NewGuid():N}"))]).Build();
}
