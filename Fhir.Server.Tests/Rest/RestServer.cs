namespace Fhir.Server.Tests.Rest;

/// <summary>One server for all tests of this folder; each works on ids of its own.</summary>
[SetUpFixture]
public sealed class RestServer
{
    internal static PhrServer Phr { get; private set; } = null!;

    [OneTimeSetUp]
    public static void Start() => Phr = PhrServer.Start();

    [OneTimeTearDown]
    public static async Task StopAsync() => await Phr.DisposeAsync();
}
