using System.Diagnostics;
using System.Text.Json;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>The library under OHIF and Slim, unmodified, against this server: infra/peers/dicomweb-client.</summary>
[TestFixture]
public sealed class DicomwebClientTests
{
    [Test]
    public async Task Dicomweb_client_stores_searches_and_retrieves_without_special_cases()
    {
        var folder = FolderOrSkip();
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/d1", """{"resourceType":"Patient","id":"d1"}""");
        var files = Directory.CreateTempSubdirectory("phr-peer-");
        try
        {
            foreach (var (webBase, study) in new[] { ("/dicomweb/patients/d1", "1.2.276.10.1"), ("/dicomweb", "1.2.276.10.2") })
            {
                var dicom = new TestDicom(study, study + ".1", study + ".1.1") { Frames = 2, Rows = 40, Columns = 40 };
                var other = dicom with { Sop = dicom.Sop + "2", InstanceNumber = 2 };
                foreach (var one in new[] { dicom, other })
                {
                    await File.WriteAllBytesAsync(Path.Combine(files.CreateSubdirectory(study).FullName, one.Sop + ".dcm"), one.ToBytes());
                }
                var seen = await RunAsync(folder, server.Address + webBase, Path.Combine(files.FullName, study));
                Assert.That(seen.GetProperty("stored").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("studies").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Study }));
                Assert.That(seen.GetProperty("series").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Series }));
                Assert.That(seen.GetProperty("instances").EnumerateArray().Select(one => one.GetString()), Is.EqualTo(new[] { dicom.Sop, other.Sop }));
                Assert.That(seen.GetProperty("metadata").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("instanceMetadata").GetString(), Is.EqualTo(dicom.Sop));
                Assert.That(seen.GetProperty("instanceEqual").GetBoolean());
                Assert.That(seen.GetProperty("studyParts").GetInt32(), Is.EqualTo(2));
                Assert.That(seen.GetProperty("frames").EnumerateArray().Select(one => one.GetInt32()), Is.EqualTo(new[] { 1600, 1600 }));
                Assert.That(seen.GetProperty("frameSyntax").GetString(), Is.EqualTo("1.2.840.10008.1.2.1"));
                Assert.That(seen.GetProperty("bulkdata").GetInt32(), Is.EqualTo(3200));
                Assert.That(seen.GetProperty("unknown").GetInt32(), Is.EqualTo(404));
            }
        }
        finally
        {
            files.Delete(recursive: true);
        }
    }

    private static async Task<JsonElement> RunAsync(string folder, string address, string files)
    {
        using var process = Process.Start(new ProcessStartInfo("node", ["journey.mjs", address, files])
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(patience.Token);
        Assert.That(process.ExitCode, Is.Zero, await errors + await output);
        return JsonSerializer.Deserialize<JsonElement>(await output);
    }

    private static string FolderOrSkip()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "PhrImaging.sln")))
        {
            root = root.Parent;
        }
        var folder = Path.Combine(root?.FullName ?? "", "infra", "peers", "dicomweb-client");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "dicomweb-client")))
        {
            Assert.Ignore($"dicomweb-client is not installed: run npm ci in {folder}.");
        }
        if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(path => File.Exists(Path.Combine(path, "node")) || File.Exists(Path.Combine(path, "node.exe"))))
        {
            Assert.Ignore("There is no node on this machine.");
        }
        return folder;
    }
}
