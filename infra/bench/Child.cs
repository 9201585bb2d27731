using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>A process under measurement, listening on a loopback port.</summary>
internal sealed class Child : IDisposable
{
    private const double TicksPerSecond = 100;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process process;

    private Child(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>The seconds from the start of the process to the first 200.</summary>
    public double FirstAnswer { get; private set; }

    /// <summary>The server, as it would run in production but for open mode.</summary>
    public static Child Server(string store, string readyAt = "/healthz/ready") => Start("dotnet", readyAt, port =>
    [
        Path.Combine(AppContext.BaseDirectory, "Fhir.Server.dll"), "--environment", "Production", "--Access:Mode", "Open", "--Demo:Enabled", "false",
        "--urls", "http://127.0.0.1:" + port, "--Storage:Path", store, "--Storage:FreeBytesFloor", "0",
    ]);

    /// <summary>The server with its demo, as a developer runs it, in a mode of access.</summary>
    public static Child Demo(string store, string mode, byte[]? readyAt = null) => Start("dotnet", readyAt ?? Requests.Get("/healthz/ready"), port =>
    [
        Path.Combine(AppContext.BaseDirectory, "Fhir.Server.dll"), "--environment", "Development", "--Access:Mode", mode, "--Demo:Enabled", "true",
        "--urls", "http://127.0.0.1:" + port, "--Storage:Path", store, "--Storage:FreeBytesFloor", "0",
    ]);

    /// <summary>One of <see cref="Floors"/>.</summary>
    public static Child Floor(string name, string readyAt, params string[] more) =>
        Start("dotnet", readyAt, port => [Path.Combine(AppContext.BaseDirectory, "Bench.dll"), name, port, .. more]);

    /// <summary>Debian's Orthanc with its DICOMweb plugin and nothing else changed but where it keeps things; null when it is not installed.</summary>
    public static Child? Orthanc(string folder)
    {
        const string Program = "/usr/sbin/Orthanc";
        const string Plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
        if (!File.Exists(Program) || !File.Exists(Plugin))
        {
            return null;
        }
        Directory.CreateDirectory(folder);
        return Start(Program, "/system", port =>
        {
            var configuration = Path.Combine(folder, "orthanc.json");
            File.WriteAllText(configuration, $$"""
                {
                  "Name": "Bench", "HttpPort": {{port}}, "DicomServerEnabled": false, "RemoteAccessAllowed": false, "AuthenticationEnabled": false,
                  "StorageDirectory": "{{folder}}", "IndexDirectory": "{{folder}}", "Plugins": ["{{Plugin}}"], "DicomWeb": { "Enable": true, "Root": "/dicom-web/" }
                }
                """);
            return [configuration];
        });
    }

    /// <summary>Processor seconds used so far.</summary>
    public double CpuSeconds
    {
        get
        {
            var stat = File.ReadAllText($"/proc/{process.Id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    /// <summary>Resident megabytes now.</summary>
    public double Resident => Status("VmRSS");

    /// <summary>The most resident megabytes since <see cref="ForgetPeak"/>.</summary>
    public double Peak => Status("VmHWM");

    public void ForgetPeak() => File.WriteAllText($"/proc/{process.Id}/clear_refs", "5");

    public void Dispose()
    {
        Libc.Stop(process.Id);
        if (!process.WaitForExit(TimeSpan.FromSeconds(30)))
        {
            process.Kill();
        }
        process.Dispose();
    }

    private double Status(string name) => double.Parse(
        File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) / 1024;

    private static Child Start(string program, string readyAt, Func<string, string[]> arguments) => Start(program, Requests.Get(readyAt), arguments);

    private static Child Start(string program, byte[] readyAt, Func<string, string[]> arguments)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program, arguments(port.ToString(CultureInfo.InvariantCulture))) { RedirectStandardOutput = true, RedirectStandardError = true };
        var watch = Stopwatch.StartNew();
        var child = new Child(Process.Start(start)!, port);
        child.process.OutputDataReceived += (_, _) => { };
        child.process.ErrorDataReceived += (_, _) => { };
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        while (!IsReady(port, readyAt))
        {
            if (child.process.HasExited || watch.Elapsed > StartLimit)
            {
                child.Dispose();
                throw new InvalidOperationException("A process did not come up: " + string.Join(' ', start.ArgumentList));
            }
            Thread.Sleep(2);
        }
        child.FirstAnswer = watch.Elapsed.TotalSeconds;
        return child;
    }

    private static bool IsReady(int port, byte[] request)
    {
        try
        {
            using var connection = new Connection(port);
            return connection.Ask(request) == 200;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
