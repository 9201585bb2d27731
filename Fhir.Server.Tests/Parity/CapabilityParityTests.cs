using System.Net;
using Fhir.Server.Tests.DicomWeb;
using Fhir.Server.Tests.Rest;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Parity;

/// <summary>
/// A capability shows of its study what the bearer of the token sees who had it made, and of every other nothing: by the route table, for tokens of every
/// kind, so that a new way to read by a capability fails until it is known here.
/// </summary>
[TestFixture]
public sealed class CapabilityParityTests
{
    private const string Names = "capability-";

    private ScopedWorld world = null!;
    private HttpClient nobody = null!;

    private static IEnumerable<TestCaseData> Callers => ScopedWorld.Callers.Select(caller => new TestCaseData(caller).SetArgDisplayNames(caller.Name));

    [OneTimeSetUp]
    public async Task MakeWorldAsync()
    {
        world = await ScopedWorld.MakeAsync();
        nobody = new HttpClient { BaseAddress = world.Server.Phr.Client.BaseAddress };
    }

    [OneTimeTearDown]
    public async Task EndWorldAsync()
    {
        nobody.Dispose();
        await world.DisposeAsync();
    }

    [TestCaseSource(nameof(Callers))]
    public async Task Every_route_of_a_capability_shows_what_its_maker_sees_of_its_study(object of)
    {
        var caller = (ScopedCaller)of;
        using var client = world.As(caller);
        var routes = world.Server.Phr.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(route => (Name: route.Metadata.GetMetadata<IEndpointNameMetadata>()!.EndpointName, Pattern: route.RoutePattern.RawText!))
            .Where(route => route.Name.StartsWith(Names, StringComparison.Ordinal)).ToList();
        Assert.That(routes, Has.Count.GreaterThan(20));
        foreach (var study in world.Studies)
        {
            var answer = await RestTests.SendAsync(client, HttpMethod.Post, $"{study.Path}/$capability", null);
            var seen = caller.SeriesSeen(study);
            Assert.That(answer.Status, Is.EqualTo(!caller.Allows("ImagingStudy") ? HttpStatusCode.Forbidden : seen.Count == 0 ? HttpStatusCode.NotFound : HttpStatusCode.OK), study.Path);
            if (answer.Status != HttpStatusCode.OK)
            {
                continue;
            }
            var secret = answer["parameter.0.resource.address"]!.Split('/')[^1];
            foreach (var (name, pattern) in routes)
            {
                await (name[Names.Length..] switch
                {
                    var what when what.StartsWith("qido-", StringComparison.Ordinal) => SearchAsync(pattern, secret, study, seen),
                    var what when what.StartsWith("wado-", StringComparison.Ordinal) => RetrieveAsync(what, pattern, secret, study, seen),
                    _ => throw new AssertionException($"Nothing is known here of the endpoint {name}: write down what a capability must show of it."),
                });
            }
        }
    }

    private async Task SearchAsync(string pattern, string secret, ScopedItem own, IReadOnlyList<string> seen)
    {
        foreach (var study in world.Studies)
        {
            foreach (var series in study.Series.Keys)
            {
                var rows = await nobody.JsonAsync(Fill(pattern, secret, study, series));
                var within = !pattern.Contains("{study}", StringComparison.Ordinal) || study == own ? seen.Where(uid => !pattern.Contains("{series}", StringComparison.Ordinal) || uid == series) : [];
                var ofStudies = pattern.EndsWith("/studies", StringComparison.Ordinal);
                var found = rows.EnumerateArray().Select(row => row.Value(ofStudies ? "0020000D" : "0020000E")!).Distinct();
                Assert.That(found, Is.EquivalentTo(within.Select(uid => ofStudies ? own.Study! : uid).Distinct()), $"{pattern} {study.Study} {series}");
            }
        }
    }

    private async Task RetrieveAsync(string what, string pattern, string secret, ScopedItem own, IReadOnlyList<string> seen)
    {
        var isUri = what.StartsWith("wado-uri", StringComparison.Ordinal);
        foreach (var study in world.Studies)
        {
            foreach (var series in study.Series.Keys)
            {
                var query = isUri ? $"?requestType=WADO&studyUID={study.Study}&seriesUID={series}&objectUID={series}.1&contentType=application/dicom" : "";
                using var answer = await nobody.GetAsync(Fill(pattern, secret, study, series) + query);
                var expected = study != own ? HttpStatusCode.NotFound
                    : isUri || pattern.Contains("{series}", StringComparison.Ordinal) ? seen.Contains(series) ? HttpStatusCode.OK : HttpStatusCode.NotFound
                    : seen.Count < own.Series.Count && !what.Contains("thumbnail", StringComparison.Ordinal) ? HttpStatusCode.Forbidden
                    : HttpStatusCode.OK;
                Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{pattern} {study.Study} {series}");
                if (expected == HttpStatusCode.NotFound)
                {
                    using var unknown = await nobody.GetAsync((Fill(pattern, secret, study, series) + query).Replace(study.Study!, "1.7.999", StringComparison.Ordinal));
                    Assert.That((unknown.StatusCode, await unknown.Content.ReadAsStringAsync()), Is.EqualTo((expected, await answer.Content.ReadAsStringAsync())), pattern);
                }
            }
        }
    }

    private static string Fill(string pattern, string secret, ScopedItem study, string series) => pattern
        .Replace("/concealed", "/" + secret, StringComparison.Ordinal).Replace("{study}", study.Study, StringComparison.Ordinal).Replace("{series}", series, StringComparison.Ordinal)
        .Replace("{instance}", series + ".1", StringComparison.Ordinal).Replace("{frames}", "1", StringComparison.Ordinal).Replace("{frame}", "1", StringComparison.Ordinal)
        .Replace("{**path}", "7FE00010", StringComparison.Ordinal);
}
