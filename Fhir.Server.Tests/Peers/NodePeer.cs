using System.Diagnostics;
using System.Text.Json;

namespace Fhir.Server.Tests.Peers;

/// <summary>A peer of infra/peers: its folder, when it is installed.</summary>
internal static class NodePeer
{
    /// <summary>The folder of a peer of which a file is there; else the test is skipped with the reason.</summary>
    /// <param name="name">Its folder in infra/peers.</param>
    /// <param name="file">What is there once it is installed.</param>
    public static string FolderOrSkip(string name, string file)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PhrImaging.sln")))
        {
            root = root.Parent;
        }
        var folder = Path.Combine(root?.FullName ?? "", "infra", "peers", name);
        if (!Path.Exists(Path.Combine(folder, file)))
        {
            Assert.Ignore($"The peer {name} is not installed: ./infra/test does it.");
        }
        return folder;
    }

    /// <summary>Where a program is; else the test is skipped with the reason.</summary>
    public static string ProgramOrSkip(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(path => new[] { Path.Combine(path, name), Path.Combine(path, name + ".exe") }).FirstOrDefault(File.Exists);
        if (found is null)
        {
            Assert.Ignore($"There is no {name} on this machine.");
        }
        return found!;
    }

    /// <summary>Runs a script of a peer to its end; what it printed, as JSON.</summary>
    public static async Task<JsonElement> RunAsync(string folder, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(ProgramOrSkip("node"), arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        Assert.That(process.ExitCode, Is.Zero, await errors + await output);
        // Some libraries print what they do; the last line is ours.
        return JsonSerializer.Deserialize<JsonElement>((await output).TrimEnd().Split('\n')[^1]);
    }
}
