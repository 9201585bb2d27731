using System.CommandLine;
using Fhir.Server.Access;
using Fhir.Server.Discs;
using Fhir.Server.Hosting.AccessCommands;
using Fhir.Server.Hosting.DicomCommands;
using Fhir.Server.Storage.Accounts;
using Fhir.Server.Storage.Embedded;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Spectre.Console;

namespace Fhir.Server.Hosting;

/// <summary>
/// The commands of the program. Without one it serves. A command that needs the store talks to the server that owns it, with the
/// operator key, or starts one of its own for as long as it runs: there is one way in.
/// </summary>
internal static class CommandLine
{
    /// <summary>The exit code when the arguments make no sense.</summary>
    internal const int BadArguments = 2;

    private static readonly string[] Names = ["import", "rebuild", DicomCommand.Name, TokensCommand.Name, LaunchCommand.Name, ClientsCommand.Name, LinksCommand.Name, "--help", "-h", "-?", "--version"];

    public static async Task<int> RunAsync(string[] args, Func<string[], WebApplication> build)
    {
        try
        {
            return args.Length > 0 && Names.Contains(args[0])
                ? await Commands(build).Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
                : await ServeAsync(build(args));
        }
        catch (Exception refusal) when (refusal is StoreInUseException or StoreTooNewException or AccountsTooNewException or OpenModeNotLoopbackException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync(refusal.Message);
            return 1;
        }
    }

    private static async Task<int> ServeAsync(WebApplication app)
    {
        await using (app)
        {
            await app.RunAsync();
        }
        return 0;
    }

    private static RootCommand Commands(Func<string[], WebApplication> build)
    {
        var root = new RootCommand(
            "PhrImaging, an imaging personal health record server. Without a command it serves; settings are given as --Key value, "
            + "as --urls http://127.0.0.1:5080 or --Storage:Path data.");
        root.Add(Import(build));
        root.Add(Rebuild(build));
        root.Add(DicomCommand.Make());
        root.Add(ClientsCommand.Make(build));
        root.Add(LinksCommand.Make(build));
        root.Add(TokensCommand.Make(build));
        root.Add(LaunchCommand.Make(build));
        return root;
    }

    private static Command Import(Func<string[], WebApplication> build)
    {
        var sources = new Argument<string[]>("file-or-folder")
        {
            Description = "What to look through: files and folders, whatever their names.", Arity = ArgumentArity.OneOrMore,
        };
        var patient = new Option<string>("--patient")
        {
            Description = "The id of the Patient they belong to, or 'new' for one made of what the first file says.", Required = true,
        };
        var command = new Command("import", "Takes DICOM files into a record, beside a running server or without one. Settings as --Storage:Path may follow.")
        {
            sources, patient,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (paths, settings) = Separate(parsed.GetValue(sources)!, parsed.UnmatchedTokens);
            if (!ImportRequest.Parse(paths, parsed.GetValue(patient)!).TryGet(out var request, out var problem))
            {
                await Console.Error.WriteLineAsync(problem.Text);
                return BadArguments;
            }
            await using var server = await StoreServer.FindOrStartAsync(settings, build, cancellationToken);
            using var client = server.MakeClient();
            var report = await new ImportScreen(AnsiConsole.Console, TimeProvider.System)
                .ShowAsync(progress => new ImportRun(client, TimeProvider.System, progress).RunAsync(request, cancellationToken));
            return report.ExitCode;
        });
        return command;
    }

    private static Command Rebuild(Func<string[], WebApplication> build)
    {
        var command = new Command("rebuild", "Makes everything derived anew: index rows, metadata, counts, Endpoints, ImagingStudies. No server may be running.");
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var server = await StoreServer.StartAsync([.. parsed.UnmatchedTokens], build, cancellationToken);
            var unreadable = await server.Services.GetRequiredService<EmbeddedStore>().Rebuild.RunAsync(cancellationToken);
            await Console.Out.WriteLineAsync(
                unreadable == 0 ? "Everything derived has been made anew." : $"Made anew, but {unreadable} instances could not be read: their bytes are missing or damaged.");
            return unreadable == 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>Settings that stand among the sources: <c>--Key value</c> pairs are not files.</summary>
    private static (List<string> Paths, string[] Settings) Separate(string[] sources, IReadOnlyList<string> unmatched)
    {
        var (paths, settings) = (new List<string>(), unmatched.ToList());
        for (var i = 0; i < sources.Length; i++)
        {
            if (!sources[i].StartsWith("--", StringComparison.Ordinal))
            {
                paths.Add(sources[i]);
                continue;
            }
            settings.Add(sources[i]);
            if (!sources[i].Contains('=', StringComparison.Ordinal) && i + 1 < sources.Length)
            {
                settings.Add(sources[++i]);
            }
        }
        return (paths, [.. settings]);
    }
}

/// <summary>A server that owns the store, for the time of a command: one that runs already, or one started here on a free loopback port.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly WebApplication? own;
    private readonly string address;
    private readonly string keyFolder;

    private StoreServer(WebApplication? own, string address, string keyFolder)
    {
        this.own = own;
        this.address = address;
        this.keyFolder = keyFolder;
    }

    /// <summary>The services of a server started here.</summary>
    public IServiceProvider Services => own?.Services ?? throw new InvalidOperationException("The server runs in another process.");

    public static async Task<StoreServer> FindOrStartAsync(string[] settings, Func<string[], WebApplication> build, CancellationToken cancellationToken)
    {
        var configuration = WebApplication.CreateBuilder(settings).Configuration;
        var owner = OwnerLock.FindOwner(KeyFolder.StoreFolder(configuration));
        return owner is null
            ? await StartAsync(settings, build, cancellationToken)
            : new StoreServer(null, owner.Address ?? throw new StoreInUseException(owner), KeyFolder.Of(configuration));
    }

    public static async Task<StoreServer> StartAsync(string[] settings, Func<string[], WebApplication> build, CancellationToken cancellationToken)
    {
        var configured = WebApplication.CreateBuilder(settings).Configuration;
        // Endpoints go on to say where the server will be, not where this command happens to listen.
        var publicBase = configured["PublicBaseUrl"] ?? configured["urls"]?.Split(';')[0] ?? HostingRoom.DefaultUrl;
        string[] quiet =
        [
            .. settings, "--urls", "http://127.0.0.1:0", "--PublicBaseUrl", publicBase, "--Demo:Enabled", "false", "--Logging:LogLevel:Default", "Warning",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime", "Warning",
        ];
        var app = build(quiet);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new StoreServer(app, address, KeyFolder.Of(app.Configuration));
    }

    /// <summary>A client that shows the operator key.</summary>
    public HttpClient MakeClient() => new()
    {
        BaseAddress = new Uri(address.TrimEnd('/') + "/"),
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { Authorization = new(OperatorKey.Scheme, OperatorKey.ReadFrom(keyFolder)) },
    };

    public async ValueTask DisposeAsync()
    {
        if (own is not null)
        {
            await own.StopAsync();
            await own.DisposeAsync();
        }
    }
}
