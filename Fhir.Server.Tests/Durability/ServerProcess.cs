using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fhir.Server.Tests.Durability;

/// <summary>The server as a process of its own, so that it can be killed.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    /// <summary>What a shell and .NET call a process that was ended by SIGKILL: 128 + 9.</summary>
    public const int Killed = 137;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly Process process;
    private readonly ConcurrentQueue<string> output = new();

    private ServerProcess(Process process, int port)
    {
        this.process = process;
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = Patience };
        process.OutputDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.ErrorDataReceived += (_, line) => output.Enqueue(line.Data ?? "");
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Speaks to the process.</summary>
    public HttpClient Client { get; }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', output);

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts the server on a store, without waiting for it.</summary>
    public static ServerProcess Start(string folder, int port, string? killAt = null, params string[] further)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(folder)! };
        start.Environment["Codecs__CachePath"] = Dicom.Codecs.TestCodecs.CachePath;
        string[] arguments =
        [
            Program(), "--urls", $"http://127.0.0.1:{port}", "--Storage:Path", folder, "--Access:Mode", "Open", "--Demo:Enabled", "false", "--Storage:FreeBytesFloor", "0",
            "--Logging:LogLevel:Default", "Warning", .. killAt is null ? Array.Empty<string>() : ["--Testing:KillAt", killAt], .. further,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new ServerProcess(Process.Start(start)!, port);
    }

    /// <summary>Waits until it is ready; false when it ends before.</summary>
    public async Task<bool> BecomesReadyAsync()
    {
        var waited = Stopwatch.StartNew();
        while (!process.HasExited)
        {
            try
            {
                using var answer = await Client.GetAsync("/healthz/ready");
                if (answer.IsSuccessStatusCode)
                {
                    return true;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet, or no more.
            }
            Assert.That(waited.Elapsed, Is.LessThan(Patience), $"The server is not ready: {Output}");
            await Task.Delay(20);
        }
        return false;
    }

    /// <summary>The exit code, once it has ended by itself.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode;
    }

    /// <summary>Asks it to end, as a service manager would.</summary>
    public async Task<int> StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        return await EndAsync();
    }

    /// <summary>Ends it at once, without a word to it.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!process.HasExited)
        {
            await KillAsync();
        }
        process.Dispose();
    }

    /// <summary>The program lies beside the tests; should a build ever leave it out there, it is where it was built.</summary>
    private static string Program()
    {
        var beside = new DirectoryInfo(AppContext.BaseDirectory);
        var built = Path.Combine("Fhir.Server", "bin", beside.Parent!.Name, beside.Name);
        for (var folder = beside; folder is not null; folder = folder.Parent)
        {
            foreach (var candidate in new[] { folder.FullName, Path.Combine(folder.FullName, built) })
            {
                if (File.Exists(Path.Combine(candidate, "Fhir.Server.runtimeconfig.json")))
                {
                    return Path.Combine(candidate, "Fhir.Server.dll");
                }
            }
        }
        throw new FileNotFoundException("Fhir.Server.dll with its runtimeconfig.json is neither beside the tests nor where it is built.");
    }
}
