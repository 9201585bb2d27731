using System.Diagnostics;
using System.Text;

namespace Fhir.Server.Tests.Hosting;

/// <summary>The program run with arguments, as a process of its own.</summary>
internal static class CommandProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Runs it to its end: the exit code, and what it said on both streams.</summary>
    public static Task<(int Code, string Output)> RunAsync(params string[] arguments) => RunAsync([], arguments);

    /// <summary>The same with variables of the environment.</summary>
    public static async Task<(int Code, string Output)> RunAsync((string Name, string Value)[] environment, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8, StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["Codecs__CachePath"] = Dicom.Codecs.TestCodecs.CachePath;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in arguments.Prepend(typeof(Program).Assembly.Location))
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, string.Concat(await output));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("The command did not end: " + string.Join(' ', arguments));
        }
    }
}
