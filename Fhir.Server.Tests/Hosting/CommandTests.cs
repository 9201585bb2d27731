using System.Text.Json;
using Fhir.Server.Tests.Durability;

namespace Fhir.Server.Tests.Hosting;

/// <summary>The commands of the program, as processes of their own: beside a running server and without one.</summary>
[TestFixture]
public sealed class CommandTests
{
    private string root = "";

    private string Store => Path.Combine(root, "data");

    [SetUp]
    public void MakeFolder() => root = Directory.CreateTempSubdirectory("phr-command-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(root, recursive: true);

    [Test]
    public async Task Import_without_a_server_fills_the_store_and_a_second_time_changes_nothing()
    {
        MakeDisc();
        var (code, output) = await RunAsync("import", Path.Combine(root, "disc"), "--patient", "new", "--Storage:Path", Store, "--Storage:FreeBytesFloor", "0");
        Assert.That(code, Is.Zero, output);

        var port = ServerProcess.FreePort();
        await using var server = ServerProcess.Start(Store, port);
        Assert.That(await server.BecomesReadyAsync(), Is.True, server.Output);
        using var patients = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/Patient"));
        var id = patients.RootElement.GetProperty("entry")[0].GetProperty("resource").GetProperty("id").GetString()!;
        using var studies = JsonDocument.Parse(await server.Client.GetStringAsync($"/dicomweb/patients/{id}/studies"));
        Assert.That(studies.RootElement[0].GetProperty("00201208").GetProperty("Value")[0].GetInt32(), Is.EqualTo(3));
        using var endpoint = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/Endpoint/wado-{id}"));
        Assert.That(endpoint.RootElement.GetProperty("address").GetString(), Is.EqualTo($"http://127.0.0.1:{port}/dicomweb/patients/{id}"));

        var (again, said) = await RunAsync("import", Path.Combine(root, "disc"), "--patient", id, "--Storage:Path", Store);
        Assert.That(again, Is.Zero, said);
        Assert.That(said, Does.Match(@"already there\D+3"), "Beside the running server, by its operator key.");
        using var history = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/ImagingStudy"));
        Assert.That(history.RootElement.GetProperty("entry").GetArrayLength(), Is.EqualTo(1));
    }

    [Test]
    public async Task What_the_command_line_brings_is_kept_beside_what_a_site_sent()
    {
        MakeDisc();
        await using var server = ServerProcess.Start(Store, ServerProcess.FreePort());
        Assert.That(await server.BecomesReadyAsync(), Is.True, server.Output);
        await server.Client.PutAsync("/fhir/Patient/p1", PhrServer.FhirContent("""{"resourceType":"Patient","id":"p1"}"""));
        var sent = Slice(1) with { Fill = 99 };
        using (var content = PhrServer.Multipart(sent.ToBytes()))
        {
            (await server.Client.PostAsync("/dicomweb/patients/p1/studies", content)).EnsureSuccessStatusCode();
        }
        var (code, output) = await RunAsync("import", Path.Combine(root, "disc"), "--patient", "p1", "--Storage:Path", Store);
        Assert.That(code, Is.Zero, output);
        Assert.That(output, Does.Match(@"kept beside\D+1").IgnoreCase);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dicomweb/patients/p1/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.1");
        request.Headers.Add("Accept", "application/dicom");
        using var served = await server.Client.SendAsync(request);
        Assert.That(await served.Content.ReadAsByteArrayAsync(), Is.EqualTo(sent.ToBytes()), "The site's copy is the one that is served.");
    }

    [Test]
    public async Task Import_with_bad_arguments_says_so_and_ends_with_2()
    {
        var (code, output) = await RunAsync("import", root, "--patient", "no such id!", "--Storage:Path", Store);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output, Does.Contain("patient"));
    }

    [Test]
    public async Task Help_explains_the_commands()
    {
        var (code, output) = await RunAsync("--help");
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.Contain("import").And.Contain("rebuild"));
    }

    [Test]
    public async Task Rebuild_makes_everything_anew_and_is_refused_beside_a_server()
    {
        MakeDisc();
        Assert.That((await RunAsync("import", Path.Combine(root, "disc"), "--patient", "new", "--Storage:Path", Store, "--Storage:FreeBytesFloor", "0")).Code, Is.Zero);
        var (code, output) = await RunAsync("rebuild", "--Storage:Path", Store);
        Assert.That(code, Is.Zero, output);
        await using var server = ServerProcess.Start(Store, ServerProcess.FreePort());
        Assert.That(await server.BecomesReadyAsync(), Is.True, server.Output);
        var (refused, why) = await RunAsync("rebuild", "--Storage:Path", Store);
        Assert.That(refused, Is.Not.Zero);
        Assert.That(why, Does.Contain("in use by process").And.Not.Contain("   at "));
    }

    [TestCase("http://0.0.0.0:{0}")]
    [TestCase("http://*:{0}")]
    [TestCase("http://127.0.0.1:{0};http://[::]:{0}")]
    public async Task Open_mode_refuses_to_start_where_others_could_come(string urls)
    {
        var (code, output) = await RunAsync(
            "--urls", string.Format(System.Globalization.CultureInfo.InvariantCulture, urls, ServerProcess.FreePort()), "--Storage:Path", Store, "--Access:Mode", "Open", "--Demo:Enabled", "false");
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain("loopback").And.Not.Contain("   at "));
    }

    [TestCase("--Storage:Kind", "Azure")]
    [TestCase("--Storage:SweepEvery", "00:00:01")]
    [TestCase("--Codecs:MemoryMegabytes", "100")]
    [TestCase("--Codecs:Deadline", "00:00:00")]
    [TestCase("--Codecs:Instances", "-1")]
    public async Task A_setting_that_cannot_be_had_stops_the_start_with_the_reason(string key, string value)
    {
        var (code, output) = await RunAsync("--urls", $"http://127.0.0.1:{ServerProcess.FreePort()}", "--Storage:Path", Store, key, value);
        Assert.That(code, Is.Not.Zero);
        Assert.That(output, Does.Contain(key.Split(':')[1]).And.Not.Contain("   at "));
    }

    private static TestDicom Slice(int number) => new("1.2.3", "1.2.3.1", $"1.2.3.1.{number}") { InstanceNumber = number };

    private void MakeDisc()
    {
        var folder = Directory.CreateDirectory(Path.Combine(root, "disc", "DICOM", "A")).FullName;
        for (var i = 1; i <= 3; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"I{i:0000}"), Slice(i).ToBytes());
        }
        File.WriteAllText(Path.Combine(root, "disc", "README.TXT"), "no picture");
    }

    private static Task<(int Code, string Output)> RunAsync(params string[] arguments) => CommandProcess.RunAsync(arguments);
}
