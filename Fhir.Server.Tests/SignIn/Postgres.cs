using System.Diagnostics;

namespace Fhir.Server.Tests.SignIn;

/// <summary>A PostgreSQL of its own, from the machine's programs, on a socket in a folder of its own; gone when disposed.</summary>
internal sealed class Postgres : IDisposable
{
    private readonly string folder;
    private readonly string programs;

    private Postgres(string folder, string programs) => (this.folder, this.programs) = (folder, programs);

    /// <summary>The connection string.</summary>
    public string ConnectionString => $"Host={folder};Username=phr;Database=postgres;Pooling=false";

    /// <summary>Starts it; the test is skipped, with the reason, where it cannot be started.</summary>
    public static Postgres StartOrSkip()
    {
        var programs = new[] { "/usr/lib/postgresql", "/usr/local/bin", "/usr/bin" }
            .SelectMany(root => Directory.Exists(root) ? Directory.GetDirectories(root, "bin", SearchOption.AllDirectories).Append(root) : [])
            .LastOrDefault(one => File.Exists(Path.Combine(one, "initdb")) && File.Exists(Path.Combine(one, "pg_ctl")));
        if (programs is null)
        {
            Assert.Ignore("PostgreSQL is not installed.");
        }
        var started = new Postgres(Directory.CreateTempSubdirectory("phr-pg-").FullName, programs!);
        try
        {
            if (IsRoot)
            {
                // PostgreSQL refuses to run as root.
                Run("chown", ["postgres", started.folder]);
            }
            started.RunHere("initdb", "-D", started.Data, "-U", "phr", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C");
            started.RunHere("pg_ctl", "-D", started.Data, "-w", "-t", "60", "-l", Path.Combine(started.folder, "log"), "-o", $"-k {started.folder} -h '' -F", "start");
            return started;
        }
        catch (InvalidOperationException reason)
        {
            Directory.Delete(started.folder, recursive: true);
            Assert.Ignore("PostgreSQL could not be started: " + reason.Message);
            throw;
        }
    }

    public void Dispose()
    {
        RunHere("pg_ctl", "-D", Data, "-m", "immediate", "-w", "stop");
        Directory.Delete(folder, recursive: true);
    }

    private static bool IsRoot => Environment.UserName == "root";

    private string Data => Path.Combine(folder, "data");

    private void RunHere(string program, params string[] arguments)
    {
        string[] command = [Path.Combine(programs, program), .. arguments];
        if (IsRoot)
        {
            command = ["runuser", "-u", "postgres", "--", .. command];
        }
        Run(command[0], command[1..]);
    }

    private static void Run(string program, string[] arguments)
    {
        // What the server inherits it keeps open: its output goes to a file of its own.
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = "/tmp" };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        if (!process.WaitForExit(TimeSpan.FromSeconds(120)) || process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {(process.HasExited ? process.StandardError.ReadToEnd() : "it did not end")}");
        }
    }
}
