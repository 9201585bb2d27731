using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Tests.Access;
using Fhir.Server.Tests.Rest;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Parity;

/// <summary>
/// Every mapped endpoint shows the bearer of every kind of token exactly what a small model of scopes says, no more and no less: by the route table,
/// so that an endpoint without a probe fails.
/// </summary>
[TestFixture]
public sealed class ScopedParityTests
{
    private const string Never = "never-was";

    /// <summary>Endpoints that say nothing of any record; those that sign in see to themselves.</summary>
    private static readonly string[] WithoutData =
    [
        "capabilities", "landing", "landing-style", "live", "ready", "validate-type", "app-page", "app-launch", "app-script", "app-style", "authorize", "smart-configuration",
        "openid-configuration",
    ];

    /// <summary>Pages of accounts know who is signed in by a cookie, never by a token.</summary>
    private static readonly string[] OfAccounts = ["account", "admin-account"];

    private ScopedWorld world = null!;

    private static IEnumerable<TestCaseData> Callers => ScopedWorld.Callers.Select(caller => new TestCaseData(caller).SetArgDisplayNames(caller.Name));

    [OneTimeSetUp]
    public async Task MakeWorldAsync() => world = await ScopedWorld.MakeAsync();

    [OneTimeTearDown]
    public async Task EndWorldAsync() => await world.DisposeAsync();

    [TestCaseSource(nameof(Callers))]
    public async Task Every_route_shows_a_token_exactly_what_its_scopes_say(object of)
    {
        var caller = (ScopedCaller)of;
        using var client = world.As(caller);
        foreach (var route in world.Server.Phr.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var name = route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName;
            // What a capability shows has a parity of its own.
            if (!WithoutData.Contains(name) && !name.StartsWith("capability", StringComparison.Ordinal)
                && !OfAccounts.Any(one => name.StartsWith(one, StringComparison.Ordinal)))
            {
                await (name.StartsWith("record-", StringComparison.Ordinal) || name.StartsWith("site-", StringComparison.Ordinal)
                    ? ImagesAsync(client, caller, name, route.RoutePattern)
                    : FhirAsync(client, caller, name));
            }
        }
    }

    private Task FhirAsync(HttpClient client, ScopedCaller caller, string name) => name switch
    {
        _ when name.StartsWith("operator-", StringComparison.Ordinal) => IsOfTheOperatorAsync(client, name),
        "read" => ReadAsync(client, caller, ""),
        "vread" => ReadAsync(client, caller, "/_history/1"),
        "history" => ReadAsync(client, caller, "/_history"),
        "meta" => ReadAsync(client, caller, "/$meta"),
        "validate" => ReadAsync(client, caller, "/$validate"),
        "read-binary" => IsRefusedAsync(client, caller, "Binary", "Binary/never-was"),
        "search-type" => TypesAsync(client, caller, type => client.GetAsync($"/fhir/{type}?_count=1000&_total=accurate")),
        "search-type-post" => TypesAsync(client, caller, type => client.PostAsync($"/fhir/{type}/_search", Form("_count=1000&_total=accurate"))),
        "history-type" => TypesAsync(client, caller, type => client.GetAsync($"/fhir/{type}/_history?_count=1000")),
        "search-system" => SystemAsync(client, caller, "?_lastUpdated=ge2000&_count=1000", null),
        "search-system-post" => SystemAsync(client, caller, "/_search", "_lastUpdated=ge2000&_count=1000"),
        "history-system" => SystemAsync(client, caller, "/_history?_count=1000", null),
        "search-compartment" => CompartmentsAsync(client, caller, path => client.GetAsync($"/fhir/{path}?_count=1000")),
        "search-compartment-post" => CompartmentsAsync(client, caller, path => client.PostAsync($"/fhir/{path}/_search", Form("_count=1000"))),
        "everything" => EverythingAsync(client, caller),
        "everything-type" => EverythingOfOwnAsync(client, caller),
        "bundle" => BatchAsync(client, caller),
        "match" => MatchAsync(client, caller),
        "create" or "update" or "delete" or "patch" or "conditional-update" or "conditional-delete" or "conditional-patch" => NothingIsWrittenAsync(client, name),
        "reindex" or "reindex-type" or "reindex-system" => NotTheirsAsync(client, HttpMethod.Post, name switch { "reindex" => "Patient/anna/$reindex", "reindex-type" => "Patient/$reindex", _ => "$reindex" }, HttpStatusCode.Forbidden),
        "job" => NotTheirsAsync(client, HttpMethod.Get, "$jobs/never-was", HttpStatusCode.NotFound),
        "job-cancel" => NotTheirsAsync(client, HttpMethod.Delete, "$jobs/never-was", HttpStatusCode.NotFound),
        "expand" or "validate-code" => IsRefusedAsync(client, caller, "ValueSet", $"ValueSet/never-was/${name}?code=x"),
        "validate-code-system" => IsRefusedAsync(client, caller, "CodeSystem", "CodeSystem/never-was/$validate-code?code=x"),
        "expand-type" => NotTheirsAsync(client, HttpMethod.Get, "ValueSet/$expand?url=urn:x", HttpStatusCode.NotFound),
        "validate-code-type" => NotTheirsAsync(client, HttpMethod.Get, "ValueSet/$validate-code?url=urn:x&code=x", HttpStatusCode.NotFound),
        "validate-code-system-type" => NotTheirsAsync(client, HttpMethod.Get, "CodeSystem/$validate-code?url=urn:x&code=x", HttpStatusCode.NotFound),
        _ => throw new AssertionException($"Nothing is known here of the endpoint {name}: write down what a token must see of it."),
    };

    private async Task ReadAsync(HttpClient client, ScopedCaller caller, string suffix)
    {
        foreach (var item in world.Items)
        {
            using var answer = await client.GetAsync($"/fhir/{item.Path}{suffix}");
            using var unknown = await client.GetAsync($"/fhir/{item.Type}/{Never}{suffix}");
            var text = await answer.Content.ReadAsStringAsync();
            Assert.That(answer.StatusCode, Is.EqualTo(!caller.Allows(item.Type) ? HttpStatusCode.Forbidden : caller.IsSeen(item) ? HttpStatusCode.OK : HttpStatusCode.NotFound), item.Path + suffix);
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                Assert.That(text, Is.EqualTo(await unknown.Content.ReadAsStringAsync()), "Hidden and unknown say the same.");
            }
            else
            {
                TellsNothingHidden(caller, text);
            }
        }
    }

    private async Task TypesAsync(HttpClient client, ScopedCaller caller, Func<string, Task<HttpResponseMessage>> ask)
    {
        foreach (var type in world.Items.Select(item => item.Type).Append("DiagnosticReport").Distinct())
        {
            await ShowsAsync(caller, await ask(type), caller.Allows(type) ? world.Items.Where(item => item.Type == type && caller.IsSeen(item)) : null, type);
        }
    }

    private async Task SystemAsync(HttpClient client, ScopedCaller caller, string path, string? form)
    {
        var answer = form is null ? await client.GetAsync("/fhir" + path) : await client.PostAsync("/fhir" + path, Form(form));
        await ShowsAsync(caller, answer, world.Items.Where(caller.IsSeen), path);
    }

    private async Task CompartmentsAsync(HttpClient client, ScopedCaller caller, Func<string, Task<HttpResponseMessage>> ask)
    {
        foreach (var patient in new[] { SmartServer.Anna, SmartServer.Ben, Never })
        {
            foreach (var type in new[] { "Observation", "ImagingStudy", "*" })
            {
                var reached = caller.Record == patient && (type == "*" || (caller.Allows(type) && caller.Reaches(type)));
                var expected = world.Items.Where(item => item.Record == patient && caller.IsSeen(item) && item.Type != "Endpoint" && (type == "*" || item.Type == type));
                await ShowsAsync(caller, await ask($"Patient/{patient}/{type}"), reached ? expected : null, $"{patient}/{type}");
            }
        }
    }

    private async Task EverythingAsync(HttpClient client, ScopedCaller caller)
    {
        foreach (var patient in new[] { SmartServer.Anna, SmartServer.Ben, Never })
        {
            var expected = world.Items.Where(item => item.Record == patient && caller.IsSeen(item));
            await ShowsAsync(caller, await client.GetAsync($"/fhir/Patient/{patient}/$everything"), caller.Record == patient ? expected : null, patient, shared: true);
        }
    }

    private async Task EverythingOfOwnAsync(HttpClient client, ScopedCaller caller)
    {
        using var answer = await client.GetAsync("/fhir/Patient/$everything");
        Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.BadRequest));
        TellsNothingHidden(caller, await answer.Content.ReadAsStringAsync());
    }

    private async Task BatchAsync(HttpClient client, ScopedCaller caller)
    {
        var entries = string.Join(',', world.Items.Select(item => $$$"""{"request":{"method":"GET","url":"{{{item.Path}}}"}}"""));
        using var answer = await client.PostAsync("/fhir", PhrServer.FhirContent($$"""{"resourceType":"Bundle","type":"batch","entry":[{{entries}}]}"""));
        var text = await answer.Content.ReadAsStringAsync();
        var statuses = JsonNode.Parse(text)!["entry"]!.AsArray().Select(entry => Answer.At(entry, "response.status")![..3]);
        Assert.That(statuses, Is.EqualTo(world.Items.Select(item => !caller.Allows(item.Type) ? "403" : caller.IsSeen(item) ? "200" : "404")));
        TellsNothingHidden(caller, text);
    }

    private async Task MatchAsync(HttpClient client, ScopedCaller caller)
    {
        foreach (var patient in new[] { SmartServer.Anna, SmartServer.Ben })
        {
            using var answer = await client.PostAsync("/fhir/Patient/$match", PhrServer.FhirContent(
                $$$"""{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","name":[{"family":"{{{patient}}}","given":["x"]}],"birthDate":"2000-01-01"}}]}"""));
            Assert.That(answer.StatusCode, Is.EqualTo(caller.Allows("Patient") ? HttpStatusCode.OK : HttpStatusCode.Forbidden));
            Assert.That(await answer.Content.ReadAsStringAsync(), caller.IsSeen(world.Items.Single(item => item.Path == $"Patient/{patient}")) ? Is.Not.Empty : Does.Not.Contain($"\"{patient}\""));
        }
    }

    /// <summary>None of these tokens may write: whatever is asked is refused alike, known or not.</summary>
    private async Task NothingIsWrittenAsync(HttpClient client, string name)
    {
        foreach (var item in world.Items.Where(item => item.Type is "Observation" or "ImagingStudy"))
        {
            var body = SmartServer.Observation(item.Id, item.Record, null, "laboratory");
            var (method, path, json) = name switch
            {
                "create" => (HttpMethod.Post, "Observation", body),
                "update" => (HttpMethod.Put, $"Observation/{item.Id}", body),
                "delete" => (HttpMethod.Delete, item.Path, null),
                "patch" => (HttpMethod.Patch, item.Path, """[{"op":"remove","path":"/status"}]"""),
                "conditional-update" => (HttpMethod.Put, "Observation?_id=" + item.Id, body),
                "conditional-delete" => (HttpMethod.Delete, $"{item.Type}?_id={item.Id}", (string?)null),
                _ => (HttpMethod.Patch, $"{item.Type}?_id={item.Id}", """[{"op":"remove","path":"/status"}]"""),
            };
            using var request = new HttpRequestMessage(method, "/fhir/" + path)
            {
                Content = json is null ? null : new StringContent(json, Encoding.UTF8, method == HttpMethod.Patch ? "application/json-patch+json" : "application/fhir+json"),
            };
            using var answer = await client.SendAsync(request);
            // What criteria do not find is not there to be refused.
            Assert.That(answer.StatusCode, name.StartsWith("conditional-", StringComparison.Ordinal)
                ? Is.EqualTo(HttpStatusCode.Forbidden).Or.EqualTo(HttpStatusCode.NotFound).Or.EqualTo(HttpStatusCode.NoContent)
                : Is.EqualTo(HttpStatusCode.Forbidden), $"{method} {path}");
        }
        using var setup = world.Server.AsOperator();
        foreach (var item in world.Items)
        {
            using var still = await setup.GetAsync($"/fhir/{item.Path}/_history");
            Assert.That(JsonNode.Parse(await still.Content.ReadAsStringAsync())!["entry"]!.AsArray().Count(entry => Answer.At(entry, "request.method") == "DELETE"), Is.Zero, item.Path);
        }
        using var all = JsonDocument.Parse(await setup.GetStringAsync("/fhir/Observation?_total=accurate"));
        Assert.That(all.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(world.Items.Count(item => item.Type == "Observation")));
    }

    private static async Task NotTheirsAsync(HttpClient client, HttpMethod method, string path, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(method, "/fhir/" + path);
        request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        using var answer = await client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(status), path);
    }

    private static Task IsRefusedAsync(HttpClient client, ScopedCaller caller, string type, string path) =>
        NotTheirsAsync(client, HttpMethod.Get, path, caller.Allows(type) ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden);

    private async Task ShowsAsync(ScopedCaller caller, HttpResponseMessage response, IEnumerable<ScopedItem>? expected, string about, bool shared = false)
    {
        using var answer = response;
        var text = await answer.Content.ReadAsStringAsync();
        about = $"{answer.RequestMessage!.RequestUri!.PathAndQuery} ({about}) {text}";
        if (expected is null)
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), about);
            return;
        }
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), about);
        var json = JsonNode.Parse(text)!;
        var known = world.Items.Select(item => item.Path).ToHashSet();
        // What belongs to nobody has tests of its own.
        var found = (json["entry"]?.AsArray() ?? []).Select(entry => Answer.At(entry, "fullUrl")!.Split("/fhir/")[1]).Distinct().Where(path => known.Contains(path) || !IsOfNobody(path));
        Assert.That(found, Is.EquivalentTo(expected.Select(item => item.Path)), about);
        if (!shared && json["total"] is { } total && !about.Contains("_history"))
        {
            Assert.That((int)total, Is.GreaterThanOrEqualTo(expected.Count()), about);
        }
        TellsNothingHidden(caller, text);
    }

    private static async Task IsOfTheOperatorAsync(HttpClient client, string name)
    {
        var parts = name.Split('-');
        var path = $"/operator/{parts[1]}{(parts is [_, _, "disable" or "remove"] ? "/x/disable" : "")}";
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete })
        {
            using var request = new HttpRequestMessage(method, path) { Content = method == HttpMethod.Post ? new StringContent("{}", System.Text.Encoding.UTF8, "application/json") : null };
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.MethodNotAllowed), $"{method} {path}");
        }
    }

    private static bool IsOfNobody(string path) => path.Split('/')[0] is "Practitioner" or "Organization" or "ValueSet";

    private void TellsNothingHidden(ScopedCaller caller, string text)
    {
        foreach (var study in world.Studies)
        {
            var seen = caller.SeriesSeen(study);
            foreach (var hidden in study.Series.Keys.Except(seen))
            {
                Assert.That(text, Does.Not.Contain($"\"{hidden}\""), caller.Name);
            }
        }
    }

    private Task ImagesAsync(HttpClient client, ScopedCaller caller, string name, RoutePattern pattern)
    {
        var what = name[(name.IndexOf('-', StringComparison.Ordinal) + 1)..];
        return what.StartsWith("qido", StringComparison.Ordinal) ? QidoAsync(client, caller, pattern, what.EndsWith("studies", StringComparison.Ordinal))
            : what.StartsWith("stow", StringComparison.Ordinal) ? NoImagesWrittenAsync(client, pattern, HttpMethod.Post)
            : what.StartsWith("delete", StringComparison.Ordinal) ? NoImagesWrittenAsync(client, pattern, HttpMethod.Delete)
            : what.StartsWith("wado", StringComparison.Ordinal) ? WadoAsync(client, caller, pattern, what)
            : throw new AssertionException($"Nothing is known here of the endpoint {name}: write down what a token must see of it.");
    }

    private async Task QidoAsync(HttpClient client, ScopedCaller caller, RoutePattern pattern, bool ofStudies)
    {
        foreach (var record in Has(pattern, "patient") ? [SmartServer.Anna, SmartServer.Ben, Never] : (string?[])[null])
        {
            foreach (var study in Has(pattern, "study") ? world.Studies : (IEnumerable<ScopedItem?>)[null])
            {
                foreach (var series in Has(pattern, "series") ? study!.Series.Keys : (IEnumerable<string?>)[null])
                {
                    var path = Fill(pattern, record, study?.Study, series);
                    using var answer = await client.GetAsync(path);
                    var reached = record is null || (caller.Record == record && caller.Reaches("ImagingStudy"));
                    Assert.That(answer.StatusCode, Is.EqualTo(!caller.Allows("ImagingStudy") ? HttpStatusCode.Forbidden : reached ? HttpStatusCode.OK : HttpStatusCode.NotFound).Or.EqualTo(reached && caller.Allows("ImagingStudy") ? HttpStatusCode.NoContent : 0), path);
                    var text = await answer.Content.ReadAsStringAsync();
                    TellsNothingHidden(caller, text);
                    if (answer.StatusCode == HttpStatusCode.OK)
                    {
                        using var json = JsonDocument.Parse(text);
                        var found = json.RootElement.EnumerateArray().Select(row => row.GetProperty(ofStudies ? "0020000D" : "0020000E").GetProperty("Value")[0].GetString()!).Distinct();
                        var visible = world.Studies.Where(one => (record is null || one.Record == record) && (study is null || one == study))
                            .SelectMany(one => caller.SeriesSeen(one).Where(uid => series is null || uid == series).Select(uid => ofStudies ? one.Study! : uid)).Distinct();
                        Assert.That(found, Is.EquivalentTo(visible), path);
                    }
                }
            }
        }
    }

    private async Task WadoAsync(HttpClient client, ScopedCaller caller, RoutePattern pattern, string what)
    {
        foreach (var study in world.Studies)
        {
            var record = Has(pattern, "patient") ? study.Record : null;
            foreach (var series in study.Series.Keys)
            {
                var isUri = what.StartsWith("wado-uri", StringComparison.Ordinal);
                var path = Fill(pattern, record, study.Study, series)
                    + (isUri ? $"?requestType=WADO&studyUID={study.Study}&seriesUID={series}&objectUID={series}.1&contentType=application/dicom" : "");
                using var answer = await client.GetAsync(path);
                var seen = caller.SeriesSeen(study);
                var expected = !caller.Allows("ImagingStudy") ? HttpStatusCode.Forbidden
                    : isUri || Has(pattern, "series") ? seen.Contains(series) ? HttpStatusCode.OK : HttpStatusCode.NotFound
                    : seen.Count == 0 ? HttpStatusCode.NotFound
                    : seen.Count < study.Series.Count && !what.Contains("thumbnail", StringComparison.Ordinal) ? HttpStatusCode.Forbidden
                    : HttpStatusCode.OK;
                Assert.That(answer.StatusCode, Is.EqualTo(expected), path);
                if (expected == HttpStatusCode.NotFound)
                {
                    using var unknown = await client.GetAsync(path.Replace(study.Study!, "1.7.999", StringComparison.Ordinal));
                    Assert.That((unknown.StatusCode, await unknown.Content.ReadAsStringAsync()), Is.EqualTo((expected, await answer.Content.ReadAsStringAsync())), path);
                }
            }
        }
    }

    private async Task NoImagesWrittenAsync(HttpClient client, RoutePattern pattern, HttpMethod method)
    {
        foreach (var study in world.Studies)
        {
            var path = Fill(pattern, Has(pattern, "patient") ? study.Record : null, study.Study, study.Series.Keys.First());
            using var request = new HttpRequestMessage(method, path)
            {
                Content = method == HttpMethod.Post ? PhrServer.Multipart(SmartServer.Of(study.Study!, "1", "CT", "77").ToBytes()) : null,
            };
            using var answer = await client.SendAsync(request);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), $"{method} {path}");
        }
    }

    private static bool Has(RoutePattern pattern, string parameter) => pattern.Parameters.Any(one => one.Name == parameter);

    private static string Fill(RoutePattern pattern, string? record, string? study, string? series) => "/" + string.Join('/', pattern.PathSegments.Select(segment =>
        string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternLiteralPart literal => literal.Content,
            RoutePatternParameterPart { Name: "patient" } => record,
            RoutePatternParameterPart { Name: "study" } => study,
            RoutePatternParameterPart { Name: "series" } => series,
            RoutePatternParameterPart { Name: "instance" } => series + ".1",
            RoutePatternParameterPart { Name: var other } => other.Contains("frame", StringComparison.OrdinalIgnoreCase) ? "1" : "7FE00010",
            _ => "",
        }))));

    private static StringContent Form(string query) => new(query, Encoding.UTF8, "application/x-www-form-urlencoded");
}
