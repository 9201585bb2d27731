namespace Fhir.Server.Tests.Imaging;

/// <summary>One server for all tests of this folder.</summary>
[SetUpFixture]
public sealed class StudyServer
{
    internal static PhrServer Phr { get; private set; } = null!;

    [OneTimeSetUp]
    public static void Start() => Phr = PhrServer.Start();

    [OneTimeTearDown]
    public static async Task StopAsync() => await Phr.DisposeAsync();
}
