using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.Durability;

/// <summary>One resource version a client sent.</summary>
/// <param name="Path">As <c>Organization/o1</c>.</param>
/// <param name="Marker">A word that stands in this version alone, in its identifier.</param>
/// <param name="Version">Which version it becomes when it is written.</param>
internal sealed record SentVersion(string Path, string Marker, int Version)
{
    /// <summary>The body of the answer, once it was acknowledged.</summary>
    public string? Acknowledged { get; set; }

    public string Json => $$"""
        {"resourceType":"{{Path.Split('/')[0]}}","id":"{{Path.Split('/')[1]}}","identifier":[{"system":"urn:test","value":"{{Marker}}"}]}
        """;
}

/// <summary>One STOW request.</summary>
internal sealed record SentFiles(string Base, IReadOnlyList<TestDicom> Files)
{
    public bool IsAcknowledged { get; set; }
}

/// <summary>Three clients that send until the server dies, and remember what was acknowledged.</summary>
internal sealed class KillRound(int seed)
{
    private const int Clients = 3;

    public ConcurrentQueue<SentFiles> Stows { get; } = [];

    public ConcurrentQueue<SentVersion> Puts { get; } = [];

    /// <summary>Everything ever sent, by SOP Instance UID.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = [];

    public IEnumerable<TestDicom> Acknowledged => Stows.Where(one => one.IsAcknowledged).SelectMany(one => one.Files);

    /// <summary>Sends from all clients until nobody answers.</summary>
    public Task SendUntilDeathAsync(ServerProcess server) =>
        Task.WhenAll(Enumerable.Range(0, Clients).Select(number => Task.Run(() => SendAsync(server, number))));

    public static async Task<HttpStatusCode> StowAsync(HttpClient client, SentFiles request)
    {
        using var content = PhrServer.Multipart(request.Files.Select(file => file.ToBytes()));
        using var answer = await client.PostAsync($"{request.Base}/studies", content);
        await answer.Content.ReadAsStringAsync();
        return answer.StatusCode;
    }

    private async Task SendAsync(ServerProcess server, int number)
    {
        var random = new Random((seed * 31) + number);
        var versions = new Dictionary<string, int>();
        try
        {
            await PutAsync(server.Client, $"Patient/p{number}", versions);
            for (var round = 0; !server.HasEnded; round++)
            {
                Assert.That(round, Is.LessThan(2000), "The server does not come to the point where it shall be killed.");
                await StowAsync(server.Client, number, round, random);
                await PutAsync(server.Client, random.Next(3) == 0 ? $"Patient/p{number}" : $"Organization/o{number}-{random.Next(3)}", versions);
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException)
        {
            // What was under way has no answer.
        }
    }

    // Two clients write into records of their own, one is routed by the PatientID of its files.
    private async Task StowAsync(HttpClient client, int number, int round, Random random)
    {
        var study = Uid(number, round / 5);
        var files = Enumerable.Range(0, random.Next(1, 4)).Select(at => new TestDicom(study, $"{study}.{random.Next(2)}", $"{study}.9.{round}.{at}")
        {
            PatientId = $"MRN-{number}-{round / 10}",
            Fill = (byte)random.Next(256),
            Rows = random.Next(8, 200),
            InstanceNumber = (round * 10) + at,
        }).ToList();
        var request = new SentFiles(number == 2 ? "/dicomweb" : $"/dicomweb/patients/p{number}", files);
        files.ForEach(file => Files[file.Sop] = file.ToBytes());
        Stows.Enqueue(request);
        var status = await StowAsync(client, request);
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        request.IsAcknowledged = true;
    }

    private async Task PutAsync(HttpClient client, string path, Dictionary<string, int> versions)
    {
        var version = versions[path] = versions.GetValueOrDefault(path) + 1;
        var sent = new SentVersion(path, $"{seed}-{path.Replace('/', '-')}-{version}", version);
        Puts.Enqueue(sent);
        using var answer = await client.PutAsync($"/fhir/{path}", PhrServer.FhirContent(sent.Json));
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(version == 1 ? 201 : 200), body);
        using var json = JsonDocument.Parse(body);
        Assert.That(
            json.RootElement.GetProperty("meta").GetProperty("versionId").GetString(), Is.EqualTo(version.ToString(CultureInfo.InvariantCulture)));
        sent.Acknowledged = body;
    }

    private string Uid(int client, int study) => string.Create(CultureInfo.InvariantCulture, $"1.2.{seed + 1}.{client + 1}.{study + 1}");
}
