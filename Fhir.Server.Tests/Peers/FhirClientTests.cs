using System.Text.Json;

namespace Fhir.Server.Tests.Peers;

/// <summary>What apps are written with: two FHIR clients from npm, unchanged, through create, search, paging, batch, patch and history.</summary>
[TestFixture]
public sealed class FhirClientTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Start() => server = PhrServer.Start();

    [OneTimeTearDown]
    public async Task StopAsync() => await server.DisposeAsync();

    private Task<JsonElement> RunAsync(string library) =>
        NodePeer.RunAsync(NodePeer.FolderOrSkip("fhir-clients", $"node_modules/{library}"), "run.mjs", library, $"{server.Address}/fhir", library);

    [Test]
    public async Task Fhir_kit_client_does_all_it_can()
    {
        var seen = await RunAsync("fhir-kit-client");
        Assert.That(JsonSerializer.Serialize(seen), Is.EqualTo(
            """{"fhirVersion":"4.0.1","created":true,"read":"Peer","vread":"1","updated":"2","patched":"other","batch":"201 Created","transaction":"transaction-response","pages":[10,10,6],"posted":1,"compartment":3,"history":3,"typeHistory":"history","systemHistory":"history","deleted":410}"""));
    }

    [Test]
    public async Task Fhirclient_does_all_it_can_without_signing_in()
    {
        var seen = await RunAsync("fhirclient");
        Assert.That(JsonSerializer.Serialize(seen), Is.EqualTo(
            """{"created":true,"read":"Peer","updated":"2","patched":"other","batch":25,"all":25,"resolved":"Peer","history":3,"deleted":410}"""));
    }
}
