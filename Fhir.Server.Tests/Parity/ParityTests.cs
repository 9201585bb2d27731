using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.Parity;

/// <summary>
/// Every mapped endpoint is known here by name and shows a restricted caller exactly the visible set. An endpoint nobody told the
/// harness of fails the test: a new path without a probe does not exist.
/// </summary>
[TestFixture]
public sealed class ParityTests
{
    private World world = null!;

    private static IReadOnlyDictionary<string, Func<World, WorldCaller, Task>> Probes { get; } =
        FhirProbes.All.Concat(SearchProbes.All).Concat(DicomWebProbes.All).ToDictionary(probe => probe.Key, probe => probe.Value);

    /// <summary>Endpoints that say nothing of any record; $capability does so only where there are tokens.</summary>
    private static readonly string[] WithoutData =
        ["capabilities", "landing", "landing-style", "live", "ready", "validate-type", "app-page", "app-launch", "app-script", "app-style", "capability"];

    private static IEnumerable<TestCaseData> Cases => from name in Probes.Keys
                                                      from caller in World.Callers
                                                      select new TestCaseData(name, caller).SetArgDisplayNames(name, caller.Name);

    [OneTimeSetUp]
    public async Task MakeWorldAsync() => world = await World.MakeAsync();

    [OneTimeTearDown]
    public async Task EndWorldAsync() => await world.DisposeAsync();

    [Test]
    public void Every_mapped_endpoint_is_known_to_the_harness()
    {
        var mapped = world.Server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(endpoint => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? $"unnamed: {endpoint.RoutePattern.RawText}").ToList();
        Assert.That(mapped, Is.EquivalentTo(Probes.Keys.Concat(WithoutData)));
    }

    [TestCaseSource(nameof(Cases))]
    public Task A_restricted_caller_gets_exactly_the_visible_set(string endpoint, object caller) => Probes[endpoint](world, (WorldCaller)caller);
}
