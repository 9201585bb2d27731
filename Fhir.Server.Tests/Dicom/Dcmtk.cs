using System.Diagnostics;

namespace Fhir.Server.Tests.Dicom;

/// <summary>The DICOM toolkit of OFFIS, which shares no code with ours. Tests that need it are skipped, with the reason, where it is absent.</summary>
internal static class Dcmtk
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void RequireOrSkip(string command)
    {
        if (Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, command))) != true)
        {
            Assert.Ignore($"There is no {command} here; it comes with DCMTK.");
        }
    }

    /// <summary>What the command prints, and what it complains of; no output when it fails.</summary>
    public static (string? Output, string Complaint) Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var complaint = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            return (null, "It took too long.");
        }

        return (process.ExitCode == 0 ? output.Result : null, complaint.Result);
    }

    /// <summary>A file with these bytes, for as long as it is wanted.</summary>
    public static TemporaryFile Temporary(ReadOnlySpan<byte> bytes)
    {
        var file = new TemporaryFile(Path.Combine(Path.GetTempPath(), "phr-dicom-" + Guid.NewGuid().ToString("N")));
        File.WriteAllBytes(file.Path, bytes);
        return file;
    }

    internal sealed record TemporaryFile(string Path) : IDisposable
    {
        public void Dispose() => File.Delete(Path);
    }
}
