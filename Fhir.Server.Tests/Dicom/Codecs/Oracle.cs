using System.Diagnostics;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>
/// What other implementations make of a file: DCMTK for native, RLE, JPEG and JPEG-LS, GDCM for JPEG 2000. Their output is taken apart by
/// <c>dcmdump</c>, so that nothing of ours is on this side.
/// </summary>
internal sealed class Oracle : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string folder = Directory.CreateTempSubdirectory("phr-oracle-").FullName;

    /// <summary>Skips the test where the programs are not installed.</summary>
    public static void RequireOrSkip()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        foreach (var tool in new[] { "gdcmconv", "dcmdjpeg", "dcmdjpls", "dcmdrle", "dcmconv", "dcmdump", "gdcmraw" })
        {
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, tool))))
            {
                Assert.Ignore($"{tool} is not installed (Debian: dcmtk, libgdcm-tools).");
            }
        }
    }

    /// <summary>The native pixels of a file; null when there is no oracle for it or all refuse.</summary>
    public (byte[] Pixels, bool IsPlanar)? Decode(string file, string syntax, DicomTag tag) =>
        CommandsFor(syntax).Select(command => Convert(command, file)).FirstOrDefault(found => found is not null)
        ?? (syntax is DicomTransferSyntax.ImplicitLittleEndian or DicomTransferSyntax.ExplicitLittleEndian ? Extract(file, tag) : null);

    private (byte[] Pixels, bool IsPlanar)? Convert(string[] command, string file)
    {
        var output = Path.Combine(folder, "out.dcm");
        if (Run(command[0], [.. command[1..], file, output]) is null || !File.Exists(output))
        {
            return null;
        }

        // Written beside the file as <name>.0.raw, .1.raw, …: the pixels of the image are the last.
        Run("dcmdump", ["-q", "+W", folder, output]);
        var raw = Directory.GetFiles(folder, "*.raw").OrderBy(path => path.Length).ThenBy(path => path, StringComparer.Ordinal).LastOrDefault();
        var planar = Run("dcmdump", ["-q", "+P", "0028,0006", output]) ?? "";
        return raw is null ? null : (File.ReadAllBytes(raw), planar.TrimStart().StartsWith("(0028,0006) US 1", StringComparison.Ordinal));
    }

    /// <summary>The value as it lies in the file.</summary>
    private (byte[] Pixels, bool IsPlanar)? Extract(string file, DicomTag tag)
    {
        var output = Path.Combine(folder, "value");
        Run("gdcmraw", ["-i", file, "-t", $"{tag.Group:x4},{tag.Element:x4}", "-o", output]);
        return File.Exists(output) ? (File.ReadAllBytes(output), false) : null;
    }

    /// <summary>Runs a program; its output, or null when it fails.</summary>
    public static string? Run(string tool, params IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill();
            return null;
        }

        _ = error.Result;
        return process.ExitCode == 0 ? output.Result : null;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string[][] CommandsFor(string syntax) => syntax switch
    {
        "1.2.840.10008.1.2" or "1.2.840.10008.1.2.1" or "1.2.840.10008.1.2.2" or "1.2.840.10008.1.2.1.99" => [["dcmconv", "-q", "+te"]],
        "1.2.840.10008.1.2.5" => [["dcmdrle", "-q"]],
        "1.2.840.10008.1.2.4.80" or "1.2.840.10008.1.2.4.81" => [["dcmdjpls", "-q", "+px"], ["gdcmconv", "--raw"]],
        "1.2.840.10008.1.2.4.90" or "1.2.840.10008.1.2.4.91" => [["gdcmconv", "--raw"]],
        "1.2.840.10008.1.2.4.50" or "1.2.840.10008.1.2.4.51" or "1.2.840.10008.1.2.4.57" or "1.2.840.10008.1.2.4.70" => [["dcmdjpeg", "-q", "+cn", "+px"]],
        _ => [],
    };
}
