namespace Fhir.Server.Tests.Conformance;

/// <summary>The world the fixtures of this folder share: it is started once.</summary>
[SetUpFixture]
public sealed class SharedWorld
{
    internal static SmartWorld World { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => World = await SmartWorld.MakeAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (World is not null)
        {
            await World.DisposeAsync();
        }
    }
}

/// <summary>What the tests of this folder say over and over.</summary>
public abstract class SmartTests
{
    internal const string DicomJson = "application/dicom+json";
    internal const string Part10 = "multipart/related; type=\"application/dicom\"; transfer-syntax=*";

    internal static SmartWorld World => SharedWorld.World;

    internal static SmartServer Server => World.Server;

    internal static Person Ada => World.Ada;

    internal static Person Ben => World.Ben;

    /// <summary>The DICOMweb base of Ada's record.</summary>
    internal static string Web => SmartWorld.WebOf(Ada);

    /// <summary>GET with a token, or without one.</summary>
    internal static Task<Reply> GetAsync(string? token, string path, string? accept = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, token, path, null, accept, headers);

    internal static async Task<int> StatusAsync(string? token, string path, string? accept = null) => (await GetAsync(token, path, accept)).Status;

    internal static async Task<Reply> SendAsync(
        HttpMethod method, string? token, string path, HttpContent? body, string? accept = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        if (token is not null)
        {
            request.Headers.Authorization = new("Bearer", token);
        }
        foreach (var (name, value) in accept is null ? headers : [.. headers, ("Accept", accept)])
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value));
        }
        using var answer = await Server.Nobody.SendAsync(request);
        return await Reply.OfAsync(answer);
    }

    /// <summary>A token of the public app for Ada.</summary>
    internal static async Task<string> TokenAsync(string scope, Choice? choice = null) => (await World.Public.SignInAsync(Ada, scope, choice)).AccessToken!;

    /// <summary>The app is told an error, with its state and without a code.</summary>
    internal static async Task IsToldAsync(AuthorizationRequest request, string error, Choice? choice = null, App? app = null, Person? person = null)
    {
        var answer = await (app ?? World.Public).AuthorizeAsync(request, person ?? Ada, choice);
        Assert.That(answer.Code, Is.Null, "A code was given.");
        Assert.That(answer.Last.Left?.GetLeftPart(UriPartial.Path), Is.EqualTo(SmartWorld.Callback), answer.ToString());
        Assert.That((answer.Error, answer.State), Is.EqualTo((error, request.Parameters.GetValueOrDefault("state"))), answer.ToString());
    }
}
