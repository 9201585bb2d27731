using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What a newcomer does: start the server, find the demo, paste the README's first tour.</summary>
[TestFixture]
public sealed class TourTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public async Task StartWithDemoAsync()
    {
        server = PhrServer.StartWith(_ => { }, null, ("Access:Mode", "Smart"), ("Demo:Enabled", "true"));
        server.Client.DefaultRequestHeaders.Authorization = new(OperatorKey.Scheme, OperatorKey.ReadFrom(server.Folder + "-keys"));
        for (var wait = 0; wait < 600 && await CountAsync("demo-bruno") < 3; wait++)
        {
            await Task.Delay(200);
        }
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await server.DisposeAsync();

    [Test]
    public async Task An_empty_store_in_Development_has_two_demo_patients_with_their_studies_soon()
    {
        Assert.That(await CountAsync("demo-ada"), Is.GreaterThanOrEqualTo(100), "A CT of at least 60 slices, an MR of at least 40.");
        Assert.That(await CountAsync("demo-bruno"), Is.EqualTo(3), "A radiograph in two views and a film.");
        Assert.That(
            await server.Client.GetStringAsync("/fhir/DiagnosticReport?patient=demo-ada"),
            Does.Contain("\"status\":\"final\"").And.Contain("\"conclusion\":\"MR of the head without abnormality.").And.Contain("Radiologist Demo"));
        using var studies = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/ImagingStudy?_total=accurate"));
        Assert.That(studies.RootElement.GetProperty("total").GetInt32(), Is.EqualTo(4));
    }

    [Test]
    public async Task Starting_again_makes_no_second_demo()
    {
        var before = await server.Client.GetStringAsync("/fhir/Patient/demo-ada");
        await server.RestartAsync();
        server.Client.DefaultRequestHeaders.Authorization = new(OperatorKey.Scheme, OperatorKey.ReadFrom(server.Folder + "-keys"));
        await Task.Delay(1500);
        Assert.That(await server.Client.GetStringAsync("/fhir/Patient/demo-ada"), Is.EqualTo(before));
        Assert.That(await CountAsync("demo-bruno"), Is.EqualTo(3));
    }

    [Test]
    public async Task The_tour_of_the_README_works_as_pasted()
    {
        var readme = FindReadme();
        if (readme is null || !OperatingSystem.IsLinux() || !File.Exists("/usr/bin/curl"))
        {
            Assert.Ignore("The tour needs the README, a shell and curl.");
        }
        var script = Regex.Match(await File.ReadAllTextAsync(readme!), "## First tour.*?```sh\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
        Assert.That(script, Does.Contain("B=http://127.0.0.1:5080"));
        var folder = Directory.CreateTempSubdirectory("phr-tour-").FullName;
        try
        {
            var start = new ProcessStartInfo("bash") { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true };
            start.Environment["Storage__Path"] = server.Folder;
            start.Environment["ASPNETCORE_ENVIRONMENT"] = "Development";
            using var shell = Process.Start(start)!;
            await shell.StandardInput.WriteAsync(script.Replace("http://127.0.0.1:5080", server.Address)
                .Replace("dotnet run --project Fhir.Server --", $"dotnet '{typeof(Program).Assembly.Location}'"));
            shell.StandardInput.Close();
            var output = await shell.StandardOutput.ReadToEndAsync();
            await shell.WaitForExitAsync();
            Assert.That(output, Does.EndWith("the same bytes\n"));
            Assert.That(output, Does.Contain("\"resourceType\":\"DiagnosticReport\"").And.Contain("\"resourceType\":\"ImagingStudy\"").And.Contain("\"resourceType\":\"Endpoint\""));
            Assert.That(new FileInfo(Path.Combine(folder, "study.multipart")).Length, Is.GreaterThan(new FileInfo(Path.Combine(folder, "slice.dcm")).Length));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> CountAsync(string patient)
    {
        using var answer = await server.Client.GetAsync($"/dicomweb/patients/{patient}/instances");
        if (!answer.IsSuccessStatusCode)
        {
            return 0;
        }
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return json.RootElement.GetArrayLength();
    }

    private static string? FindReadme()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "PhrImaging.sln")))
            {
                return Path.Combine(at.FullName, "README.md");
            }
        }
        return null;
    }
}
