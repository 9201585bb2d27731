using System.Net;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What addresses in answers begin with: never with a Host that is not the server's own.</summary>
[TestFixture]
public sealed class OwnAddressTests
{
    private static readonly TestDicom Dicom = new("1.2.276.7.1", "1.2.276.7.1.1", "1.2.276.7.1.1.1") { Rows = 64, Columns = 64 };

    [TestCase("127.0.0.1")]
    [TestCase("localhost")]
    public async Task Addresses_begin_with_what_the_client_used_when_that_is_the_server(string name)
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/a1", """{"resourceType":"Patient","id":"a1"}""");
        await server.StowAsync("/dicomweb/patients/a1", Dicom.ToBytes());
        var host = $"{name}:{server.Client.BaseAddress!.Port}";
        foreach (var webBase in new[] { "/dicomweb", "/dicomweb/patients/a1" })
        {
            using var found = await server.Client.GetAsync($"{webBase}/studies", null, ("Host", host));
            Assert.That((await found.JsonAsync())[0].Value("00081190"), Is.EqualTo($"http://{host}/dicomweb/patients/a1/studies/{Dicom.Study}"));
            using var metadata = await server.Client.GetAsync($"{webBase}/studies/{Dicom.Study}/metadata", null, ("Host", host));
            var address = (await metadata.JsonAsync())[0].BulkAddresses().Single().Address;
            Assert.That(address, Does.StartWith($"http://{host}{webBase}/studies/"));
        }
    }

    [TestCase("evil.example")]
    [TestCase("evil.example:5080")]
    [TestCase("127.0.0.1.evil.example")]
    [TestCase("localhost.evil.example")]
    [TestCase("evil.example#127.0.0.1")]
    [TestCase("evil@127.0.0.1")]
    [TestCase("10.0.0.1")]
    public async Task A_foreign_Host_is_refused_and_never_said_back(string host)
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/a1", """{"resourceType":"Patient","id":"a1"}""");
        await server.StowAsync("/dicomweb/patients/a1", Dicom.ToBytes());
        foreach (var path in new[] { "/dicomweb/studies", $"/dicomweb/studies/{Dicom.Study}/metadata", $"/dicomweb/studies/{Dicom.Study}" })
        {
            var answer = await RawAsync(server, path, host);
            Assert.That(answer, Does.Match("^HTTP/1.1 (400|403) "));
            Assert.That(answer, Does.Not.Contain(host).And.Not.Contain(Dicom.Study));
        }
    }

    [TestCase("127.0.0.1:1")]
    [TestCase("localhost")]
    [TestCase("[::1]:9")]
    [TestCase("127.0.0.2")]
    public async Task A_loopback_Host_the_server_does_not_listen_on_gets_the_servers_own_address(string host)
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/a1", """{"resourceType":"Patient","id":"a1"}""");
        await server.StowAsync("/dicomweb/patients/a1", Dicom.ToBytes());
        using var answer = await server.Client.GetAsync("/dicomweb/studies", null, ("Host", host));
        Assert.That((await answer.JsonAsync())[0].Value("00081190"), Does.StartWith(server.Address + "/"));
    }

    [Test]
    public async Task The_public_address_is_said_when_the_request_came_by_another_name()
    {
        await using var server = PhrServer.Start(("PublicBaseUrl", "https://phr.example/x"));
        var answer = await server.StowAsync("/dicomweb", Dicom.ToBytes());
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        using var found = await server.Client.GetAsync("/dicomweb/studies", null);
        var address = (await found.JsonAsync())[0].Value("00081190");
        Assert.That(address, Does.StartWith(server.Address + "/dicomweb/patients/").Or.StartWith("https://phr.example/x/dicomweb/patients/"));
    }

    private static async Task<string> RawAsync(PhrServer server, string path, string host)
    {
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
