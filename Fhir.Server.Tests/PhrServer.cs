using System.Net.Http.Headers;
using System.Text;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage.Embedded;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Tests;

/// <summary>The real application on Kestrel, on a port and in a folder of its own; stopped and removed when disposed.</summary>
public sealed class PhrServer : IAsyncDisposable
{
    private readonly string folder;
    private Factory factory;

    private readonly Action<string>? log;

    private readonly Action<IServiceCollection> services;

    private PhrServer(string folder, IReadOnlyDictionary<string, string> settings, Action<string>? log, Action<IServiceCollection>? services = null)
    {
        this.folder = folder;
        this.log = log;
        this.services = services ?? TestCallers.Instead;
        Settings = settings;
        factory = new Factory(folder, settings, log, this.services);
        Client = factory.Start();
    }

    /// <summary>Settings beside the storage folder.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Speaks for the caller of open mode; base address is the server's.</summary>
    public HttpClient Client { get; private set; }

    /// <summary>The server's address without a slash at the end.</summary>
    public string Address => Client.BaseAddress!.ToString().TrimEnd('/');

    /// <summary>The application's services.</summary>
    public IServiceProvider Services => factory.Services;

    /// <summary>The folder of the store; its keys lie in the same with <c>-keys</c> behind.</summary>
    public string Folder => folder;

    /// <summary>Starts a server on an empty store, without demo data.</summary>
    public static PhrServer Start(params (string Key, string Value)[] settings) => Start(null, settings);

    /// <summary>The same, with every line of the log handed on.</summary>
    public static PhrServer Start(Action<string>? log, params (string Key, string Value)[] settings) => new(
        Path.Combine(Directory.CreateTempSubdirectory("phr-").FullName, "data"), settings.ToDictionary(one => one.Key, one => one.Value), log);

    /// <summary>The same with services of its own in place of the callers of tests, as in SMART mode.</summary>
    public static PhrServer StartWith(Action<IServiceCollection> services, Action<string>? log = null, params (string Key, string Value)[] settings) => new(
        Path.Combine(Directory.CreateTempSubdirectory("phr-").FullName, "data"), settings.ToDictionary(one => one.Key, one => one.Value), log, services);

    /// <summary>Stops the server and starts it again on the same store (and another port).</summary>
    public async Task RestartAsync()
    {
        Client.Dispose();
        await factory.DisposeAsync();
        await GivenFreeAsync();
        factory = new Factory(folder, Settings, log, services);
        Client = factory.Start();
    }

    /// <summary>A client that speaks for a restricted caller.</summary>
    public HttpClient As(Reach reach, bool mayWrite = true)
    {
        var client = new HttpClient { BaseAddress = Client.BaseAddress };
        client.DefaultRequestHeaders.Add(TestCallers.Header, TestCallers.Write(reach, mayWrite));
        return client;
    }

    /// <summary>A client that speaks for a token of a patient's own app.</summary>
    public HttpClient AsToken(string scopes, string patient)
    {
        var client = new HttpClient { BaseAddress = Client.BaseAddress };
        client.DefaultRequestHeaders.Add(TestCallers.Header, $"token:{patient}:{scopes}");
        return client;
    }

    /// <summary>PUTs a resource as JSON.</summary>
    public async Task<HttpResponseMessage> PutAsync(string path, string json, HttpClient? client = null) =>
        await (client ?? Client).PutAsync(path, FhirContent(json));

    /// <summary>Sends Part 10 files by STOW-RS as one multipart.</summary>
    public async Task<HttpResponseMessage> StowAsync(string webBase, params IEnumerable<byte[]> files)
    {
        using var content = Multipart(files);
        return await Client.PostAsync($"{webBase}/studies", content);
    }

    /// <summary>Part 10 files as the body of a STOW-RS request.</summary>
    public static MultipartContent Multipart(params IEnumerable<byte[]> files)
    {
        var content = new MultipartContent("related", Guid.NewGuid().ToString("N"));
        content.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
        foreach (var file in files)
        {
            var part = new ByteArrayContent(file);
            part.Headers.ContentType = new("application/dicom");
            content.Add(part);
        }
        return content;
    }

    /// <summary>A body of application/fhir+json.</summary>
    public static StringContent FhirContent(string json) => new(json, Encoding.UTF8, "application/fhir+json");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await factory.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    /// <summary>The test host returns before the application has let go of its store.</summary>
    private async Task GivenFreeAsync()
    {
        for (var wait = 0; wait < 100 && OwnerLock.FindOwner(folder) is not null; wait++)
        {
            await Task.Delay(50);
        }
    }

    private sealed class Factory : WebApplicationFactory<Program>
    {
        private readonly string folder;
        private readonly IReadOnlyDictionary<string, string> settings;

        private readonly Action<string>? log;
        private readonly Action<IServiceCollection> services;

        public Factory(string folder, IReadOnlyDictionary<string, string> settings, Action<string>? log, Action<IServiceCollection> services)
        {
            (this.folder, this.settings, this.log, this.services) = (folder, settings, log, services);
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
            builder.UseSetting("Storage:Path", folder);
            builder.UseSetting("Storage:FreeBytesFloor", "0");
            builder.UseSetting("Codecs:CachePath", Dicom.Codecs.TestCodecs.CachePath);
            builder.UseSetting("Demo:Enabled", "false");
            // Most tests are of what is behind the door; those of the door say so.
            builder.UseSetting("Access:Mode", "Open");
            builder.UseSetting("Logging:LogLevel:Default", "Warning");
            foreach (var (key, value) in settings)
            {
                builder.UseSetting(key, value);
            }
            builder.ConfigureTestServices(services);
            if (log is not null)
            {
                builder.ConfigureLogging(logging => logging.AddProvider(new HandedOnLog(log)));
            }
        }
    }
}

/// <summary>Hands every line of the log on, exceptions included.</summary>
internal sealed class HandedOnLog(Action<string> write) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(write);

    public void Dispose()
    {
    }

    private sealed class Logger(Action<string> write) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            write($"{formatter(state, exception)} {exception}");
    }
}

/// <summary>Callers of tests: a header says how far they reach; without it, the caller of open mode (or the operator, by its key).</summary>
internal sealed class TestCallers(OperatorKey key) : ICallerSource
{
    public const string Header = "X-Test-Caller";

    /// <summary>Puts them in the place of open mode's.</summary>
    public static void Instead(IServiceCollection services) => services.Replace(ServiceDescriptor.Singleton<ICallerSource, TestCallers>());

    public ValueTask<Outcome<Caller>> IdentifyAsync(HttpContext context) =>
        context.Request.Headers.TryGetValue(Header, out var text)
            ? ValueTask.FromResult<Outcome<Caller>>(Read(text.ToString()))
            : new OpenCallerSource(key).IdentifyAsync(context);

    /// <summary><c>rw:record;record/study;record/study/series</c>, each part an own reach.</summary>
    public static string Write(Reach reach, bool mayWrite) => (mayWrite ? "rw:" : "r:") + string.Join(';', reach.Records.SelectMany(record =>
        record.Studies is null
            ? [record.Record]
            : record.Studies.SelectMany(study => study.Series is null
                ? [$"{record.Record}/{study.StudyInstanceUid}"]
                : study.Series.Select(series => $"{record.Record}/{study.StudyInstanceUid}/{series}"))));

    private static Caller Read(string text)
    {
        if (text.Split(':', 3) is ["token", var patient, var scopes])
        {
            return Caller.Of(
                new Authorisation
                {
                    Id = "of-" + patient, Client = "test-client", Scopes = ScopeSet.Parse(scopes), Patient = patient, FhirUser = "Patient/" + patient,
                    Expires = DateTimeOffset.MaxValue, Epoch = 1, Records = [new AuthorisedRecord(patient, RecordBasis.Self)],
                },
                DateTimeOffset.UtcNow);
        }
        var reached = text.Split(':')[1].Split(';', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('/')).Select(parts => parts.Length switch
        {
            1 => new ReachedRecord(parts[0]),
            2 => new ReachedRecord(parts[0], [new ReachedStudy(parts[1])]),
            _ => new ReachedRecord(parts[0], [new ReachedStudy(parts[1], [parts[2]])]),
        });
        return new Caller(CallerKind.Restricted, "test-client", "test-user", Reach.Of(reached.ToList()), text.StartsWith("rw:", StringComparison.Ordinal));
    }
}
