using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Fhir.Server.Tests.Rest;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>The secret of a capability is written down nowhere, and a capability outlives the process, not its time.</summary>
[TestFixture]
public sealed class CapabilitySecrecyTests
{
    private const string Study = "1.6.50";

    [Test]
    public async Task No_log_and_no_file_holds_the_secret_and_it_is_good_after_a_restart()
    {
        var lines = new ConcurrentQueue<string>();
        await using var server = TokenServer.Start(
            lines.Enqueue, ("Logging:Console:LogLevel:Default", "None"), ("Logging:LogLevel:Default", "Trace"), ("Logging:LogLevel:Microsoft", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Routing", "Trace"), ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Cors", "Trace"));
        await server.PatientAsync("anna");
        await TokenServer.StowAsync(server.Operator, "/dicomweb/patients/anna", new TestDicom(Study, Study + ".1", Study + ".1.1"));
        using var anna = server.With(server.OfPatient("anna"));
        var answer = await RestTests.SendAsync(anna, HttpMethod.Post, $"ImagingStudy/{await server.StudyIdAsync("anna", Study)}/$capability", null);
        var secret = answer["parameter.0.resource.address"]![^43..];
        await ReadAsync(server, secret);
        await server.RestartAsync();
        await ReadAsync(server, secret);

        Assert.That(lines.Any(line => line.Contains("/dicomweb/capabilities/concealed", StringComparison.Ordinal)), Is.True, "These requests are in the log, so the test would see it.");
        Assert.That(lines.Where(line => line.Contains(secret, StringComparison.Ordinal)), Is.Empty);
        var wanted = Encoding.UTF8.GetBytes(secret);
        var files = new[] { server.Phr.Folder, server.Phr.Folder + "-keys" }.SelectMany(folder => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
        foreach (var path in files.Where(path => Path.GetFileName(path) != "owner.lock"))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await file.CopyToAsync(bytes);
            Assert.That(bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(wanted), Is.Negative, path);
        }
    }

    [Test]
    public async Task In_open_mode_there_are_none_and_the_answer_says_why()
    {
        await using var server = PhrServer.Start();
        var answer = await RestTests.SendAsync(server.Client, HttpMethod.Post, "ImagingStudy/any/$capability", null);
        Assert.That(answer.Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(answer["issue.0.code"], Is.EqualTo("not-supported"));
        Assert.That(answer["issue.0.diagnostics"], Does.Contain("open mode"));
        using var read = await server.Client.GetAsync($"/dicomweb/capabilities/{new string('A', 43)}/studies");
        Assert.That(read.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static async Task ReadAsync(TokenServer server, string secret)
    {
        using var nobody = server.With(null);
        foreach (var (path, status) in new[]
        {
            ($"studies/{Study}", HttpStatusCode.OK), ($"studies/{Study}/thumbnail", HttpStatusCode.OK), ($"studies?{secret}={secret}", HttpStatusCode.BadRequest), ("nowhere", HttpStatusCode.NotFound),
            ("studies/1.2.3", HttpStatusCode.NotFound),
        })
        {
            using var answer = await nobody.GetAsync($"/dicomweb/capabilities/{secret}/{path}");
            Assert.That(answer.StatusCode, Is.EqualTo(status), path);
        }
        using var altered = await nobody.GetAsync($"/dicomweb/capabilities/x{secret}/studies");
        Assert.That(altered.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }
}
