using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Tests.Conformance;

/// <summary>
/// The real application with sign-in on, on a port and in a folder of its own; nothing of it is replaced but the clock. Tests speak to it
/// as apps, people and an administrator do: over HTTP.
/// </summary>
internal sealed partial class SmartServer : IAsyncDisposable
{
    private readonly Factory factory;
    private readonly ConcurrentQueue<string> lines = new();
    private readonly HashSet<string> readMails = [];

    private SmartServer(string folder, (string Key, string Value)[] settings)
    {
        Folder = folder;
        factory = new Factory(this, settings);
        using var started = factory.Start();
        Address = started.BaseAddress!.ToString().TrimEnd('/');
        Nobody = Make();
        Operator = Make();
        Operator.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Operator " + File.ReadAllText(Path.Combine(KeyFolder, "operator.key")).Trim());
    }

    /// <summary>Of the store.</summary>
    public string Folder { get; }

    /// <summary>Of the keys beside the store.</summary>
    public string KeyFolder => Folder + "-keys";

    /// <summary>Where mails are dropped.</summary>
    public string MailFolder => Folder + "-mail";

    /// <summary>Without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>The FHIR base: <c>iss</c> and <c>aud</c>.</summary>
    public string Fhir => Address + "/fhir";

    /// <summary>Shows no token; follows no redirect and keeps no cookie.</summary>
    public HttpClient Nobody { get; }

    /// <summary>A command of an administrator.</summary>
    public HttpClient Operator { get; }

    /// <summary>The server's clock.</summary>
    public MovedClock Clock { get; } = new();

    /// <summary>Everything that was logged so far.</summary>
    public string Log => string.Join('\n', lines);

    /// <summary>Starts a server on an empty store.</summary>
    public static SmartServer Start(params (string Key, string Value)[] settings) =>
        new(Path.Combine(Directory.CreateTempSubdirectory("phr-smart-").FullName, "data"), settings);

    /// <summary>Speaks for nobody, or with a token.</summary>
    public HttpClient Make(string? token = null)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(Address) };
        if (token is not null)
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        }
        return client;
    }

    /// <summary>Registers a client as an administrator does; what it is told.</summary>
    public async Task<Registered> RegisterAsync(Registration client)
    {
        var told = await AskAsync("/operator/clients", client);
        return new Registered(told.GetProperty("client_id").GetString()!, told.TryGetProperty("client_secret", out var secret) ? secret.GetString() : null);
    }

    /// <summary>Disables a client.</summary>
    public async Task DisableAsync(string client)
    {
        using var answer = await Operator.PostAsync($"/operator/clients/{client}/disable", null);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Prepares an EHR launch; the launch value.</summary>
    public async Task<string> PrepareLaunchAsync(string patient, string? study = null, string? user = null, string? client = null)
    {
        var told = await AskAsync("/operator/launches", new { patient, study, user, client });
        Assert.That(told.GetProperty("iss").GetString(), Is.EqualTo(Fhir));
        return told.GetProperty("launch").GetString()!;
    }

    /// <summary>Mints a token as a developer does.</summary>
    public async Task<string> MintAsync(string client, string scopes, string? patient = null, string? user = null, string? organization = null) =>
        (await AskAsync("/operator/tokens", new { client, scopes, patient, user, organization })).GetProperty("access_token").GetString()!;

    /// <summary>The link in the next mail to somebody that was not read yet.</summary>
    public async Task<string> LinkMailedToAsync(string email)
    {
        for (var wait = 0; wait < 100; wait++)
        {
            var mails = Directory.Exists(MailFolder) ? Directory.GetFiles(MailFolder, "*.eml") : [];
            foreach (var mail in mails.Where(one => !readMails.Contains(one)).Order())
            {
                var text = await File.ReadAllTextAsync(mail);
                if (text.Contains($"To: {email}", StringComparison.OrdinalIgnoreCase))
                {
                    readMails.Add(mail);
                    return Link().Match(text).Value;
                }
            }
            await Task.Delay(50);
        }
        throw new InvalidOperationException("The mail that was waited for did not come.");
    }

    /// <summary>Writes a resource as the operator.</summary>
    public async Task PutAsync(string path, string json)
    {
        using var content = PhrServer.FhirContent(json);
        using var answer = await Operator.PutAsync("/fhir/" + path, content);
        Assert.That(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Puts files into a record as the operator.</summary>
    public async Task StowAsync(string record, params IEnumerable<byte[]> files)
    {
        using var content = PhrServer.Multipart(files);
        using var answer = await Operator.PostAsync($"/dicomweb/patients/{record}/studies", content);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), await answer.Content.ReadAsStringAsync());
    }

    public async ValueTask DisposeAsync()
    {
        Nobody.Dispose();
        Operator.Dispose();
        await factory.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);
    }

    [GeneratedRegex(@"https?://\S+")]
    private static partial Regex Link();

    private async Task<JsonElement> AskAsync(string path, object body)
    {
        using var answer = await Operator.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly SmartServer server;
        private readonly (string Key, string Value)[] settings;

        public Factory(SmartServer server, (string Key, string Value)[] settings)
        {
            (this.server, this.settings) = (server, settings);
            UseKestrel(0);
        }

        public HttpClient Start()
        {
            StartServer();
            return CreateClient();
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            builder.UseEnvironment("Development");
            // Suites sign in more often within a quarter of an hour than people do.
            (string Key, string Value)[] usual =
            [
                ("Access:Mode", "Smart"), ("Storage:Path", server.Folder), ("Storage:FreeBytesFloor", "0"), ("Codecs:CachePath", Dicom.Codecs.TestCodecs.CachePath),
                ("Demo:Enabled", "false"), ("Logging:LogLevel:Default", "Information"), ("SignIn:MailFolder", server.MailFolder),
                ("SignIn:AttemptsPerAccount", "10000"), ("SignIn:AttemptsPerAddress", "100000"),
            ];
            foreach (var (key, value) in usual.Concat(settings))
            {
                builder.UseSetting(key, value);
            }
            builder.ConfigureTestServices(services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(server.Clock)));
            builder.ConfigureLogging(logging => logging.ClearProviders().AddProvider(new HandedOnLog(server.lines.Enqueue)));
        }
    }
}
