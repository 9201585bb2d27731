using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Tests.Dicom;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Debian's Orthanc with the configuration of infra/orthanc: forwards to us, and asks, fetches, pushes and deletes as a DICOMweb client.</summary>
[TestFixture]
public sealed class OrthancTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly FreshUids uids = new("1.2.276.17");
    private PhrServer server = null!;
    private Orthanc orthanc = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        Orthanc.RequireOrSkip();
        server = PhrServer.Start();
        orthanc = await Orthanc.StartAsync($"{server.Address}/dicomweb/");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (orthanc is not null)
        {
            await orthanc.DisposeAsync();
        }
        if (server is not null)
        {
            await server.DisposeAsync();
        }
    }

    [Test]
    public async Task What_Orthanc_receives_is_here_soon_byte_for_byte_and_so_is_what_comes_later()
    {
        var dicom = uids.Dicom() with { PatientId = "orthanc-1" };
        var files = Enumerable.Range(1, 3).Select(i => (Dicom: dicom with { Sop = $"{dicom.Sop}.{i}", InstanceNumber = i, Fill = (byte)i }, Number: i)).ToList();
        foreach (var (one, _) in files.SkipLast(1))
        {
            await orthanc.UploadAsync(one.ToBytes());
        }
        await UntilStoredAsync(dicom.Study, 2);
        await orthanc.UploadAsync(files[^1].Dicom.ToBytes());
        await UntilStoredAsync(dicom.Study, 3);
        foreach (var (one, number) in files)
        {
            using var back = await server.Client.GetAsync($"/dicomweb/studies/{one.Study}/series/{one.Series}/instances/{one.Sop}", "application/dicom");
            Assert.That(await back.Content.ReadAsByteArrayAsync(), Is.EqualTo(one.ToBytes()), $"{number}");
        }
    }

    [Test]
    public async Task A_study_sent_to_Orthanc_by_DIMSE_is_here_with_the_same_pixels()
    {
        Dcmtk.RequireOrSkip("storescu");
        var dicom = uids.Dicom() with { PatientId = "orthanc-2", Rows = 64, Columns = 64 };
        using var file = Dcmtk.Temporary(dicom.ToBytes());
        var sent = Dcmtk.Run("storescu", "-aec", "FORWARD", "127.0.0.1", $"{orthanc.DicomPort}", file.Path);
        Assert.That(sent.Output, Is.Not.Null, sent.Complaint);
        await UntilStoredAsync(dicom.Study, 1);
        using var frame = await server.Client.GetAsync($"/dicomweb/studies/{dicom.Study}/series/{dicom.Series}/instances/{dicom.Sop}/frames/1", "application/octet-stream");
        Assert.That(await frame.Content.ReadAsByteArrayAsync(), Has.Length.EqualTo(64 * 64).And.All.EqualTo(dicom.Fill));
    }

    [Test]
    public async Task Orthanc_finds_our_studies_fetches_them_and_deletes_them()
    {
        var dicom = uids.Dicom() with { PatientId = "orthanc-3", PatientName = "Ørsted^Åse" };
        Assert.That((await server.StowAsync("/dicomweb", dicom.ToBytes(), (dicom with { Sop = dicom.Sop + "2" }).ToBytes())).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var found = await orthanc.AskAsync("qido", new { Uri = "/studies", Arguments = new { PatientID = "orthanc-3" } });
        Assert.That(found.GetArrayLength(), Is.EqualTo(1), found.ToString());
        Assert.That(found.ToString(), Does.Contain(dicom.Study));

        var metadata = await orthanc.AskAsync("get", new { Uri = $"/studies/{dicom.Study}/metadata", HttpHeaders = new Dictionary<string, string> { ["Accept"] = "application/dicom+json" } });
        Assert.That(metadata.GetArrayLength(), Is.EqualTo(2));

        await orthanc.AskAsync("retrieve", new { Resources = new[] { new { Study = dicom.Study } }, Synchronous = true });
        var here = await orthanc.FindAsync("Instance", dicom.Study);
        Assert.That(here, Has.Count.EqualTo(2));
        var files = await Task.WhenAll(here.Select(orthanc.DownloadAsync));
        Assert.That(files.Select(file => WebTalk.Read(file).SopInstanceUid), Is.EquivalentTo(new[] { dicom.Sop, dicom.Sop + "2" }));
        var first = files.Single(file => WebTalk.Read(file).SopInstanceUid == dicom.Sop);
        Assert.That(first, Is.EqualTo(dicom.ToBytes()));

        await orthanc.AskAsync("delete", new { Level = "Study", StudyInstanceUID = dicom.Study });
        Assert.That((await server.Client.JsonAsync($"/dicomweb/studies?StudyInstanceUID={dicom.Study}")).GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Orthanc_pushes_a_study_and_a_second_push_stores_nothing_twice()
    {
        var dicom = uids.Dicom() with { PatientId = "orthanc-4" };
        var id = await orthanc.UploadAsync(dicom.ToBytes());
        for (var round = 0; round < 2; round++)
        {
            await orthanc.AskAsync("stow", new { Resources = new[] { id }, Synchronous = true });
            await UntilStoredAsync(dicom.Study, 1);
        }
    }

    [Test]
    public async Task What_could_not_be_forwarded_while_we_were_away_comes_with_the_next_that_gets_through()
    {
        await using var later = PhrServer.Start();
        await using var own = await Orthanc.StartAsync($"http://127.0.0.1:{Orthanc.FreePort()}/dicomweb/");
        var lost = uids.Dicom() with { PatientId = "orthanc-5" };
        await own.UploadAsync(lost.ToBytes());
        await UntilAsync(async () => (await own.JobsAsync()).Any(job => job.GetProperty("State").GetString() == "Failure"));
        await own.PointToAsync($"{later.Address}/dicomweb/");
        var next = uids.Dicom() with { PatientId = "orthanc-5" };
        await own.UploadAsync(next.ToBytes());
        foreach (var study in new[] { next.Study, lost.Study })
        {
            await UntilAsync(async () => (await later.Client.JsonAsync($"/dicomweb/studies/{study}/instances")).GetArrayLength() == 1);
        }
    }

    private Task UntilStoredAsync(string study, int instances) => UntilAsync(async () =>
        (await server.Client.JsonAsync($"/dicomweb/studies/{study}/instances")).GetArrayLength() == instances);

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var watch = Stopwatch.StartNew();
        while (!await holds())
        {
            Assert.That(watch.Elapsed, Is.LessThan(Patience), "It did not come.");
            await Task.Delay(100);
        }
    }

    /// <summary>An Orthanc on loopback ports of its own, in a folder of its own.</summary>
    private sealed class Orthanc : IAsyncDisposable
    {
        private const string Program = "/usr/sbin/Orthanc";
        private const string Plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
        private readonly string folder;
        private readonly HttpClient client;
        private Process process = null!;

        private Orthanc(string folder, int httpPort, int dicomPort)
        {
            this.folder = folder;
            DicomPort = dicomPort;
            client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{httpPort}") };
        }

        public int DicomPort { get; }

        public static void RequireOrSkip()
        {
            if (!File.Exists(Program) || !File.Exists(Plugin))
            {
                Assert.Ignore("There is no Orthanc with DICOMweb here; Debian has it as orthanc and orthanc-dicomweb.");
            }
        }

        public static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        public static async Task<Orthanc> StartAsync(string address)
        {
            var orthanc = new Orthanc(Directory.CreateTempSubdirectory("phr-orthanc-").FullName, FreePort(), FreePort());
            try
            {
                await orthanc.BeginAsync(address);
                return orthanc;
            }
            catch
            {
                await orthanc.DisposeAsync();
                throw;
            }
        }

        /// <summary>Starts it again, to forward to another address.</summary>
        public async Task PointToAsync(string address)
        {
            await EndAsync();
            await BeginAsync(address);
        }

        public async Task<string> UploadAsync(byte[] file)
        {
            using var answer = await client.PostAsync("/instances", new ByteArrayContent(file));
            return (await ReadAsync(answer)).GetProperty("ID").GetString()!;
        }

        public async Task<JsonElement> AskAsync(string what, object question)
        {
            using var answer = await client.PostAsync($"/dicom-web/servers/record/{what}", new StringContent(JsonSerializer.Serialize(question), Encoding.UTF8, "application/json"));
            return await ReadAsync(answer);
        }

        public async Task<IReadOnlyList<string>> FindAsync(string level, string study)
        {
            using var answer = await client.PostAsync("/tools/find", new StringContent(JsonSerializer.Serialize(new { Level = level, Query = new { StudyInstanceUID = study } }), Encoding.UTF8, "application/json"));
            return [.. (await ReadAsync(answer)).EnumerateArray().Select(id => id.GetString()!)];
        }

        public Task<byte[]> DownloadAsync(string instance) => client.GetByteArrayAsync($"/instances/{instance}/file");

        public async Task<IReadOnlyList<JsonElement>> JobsAsync() =>
            [.. JsonSerializer.Deserialize<JsonElement>(await client.GetStringAsync("/jobs?expand")).EnumerateArray()];

        public async ValueTask DisposeAsync()
        {
            await EndAsync();
            client.Dispose();
            Directory.Delete(folder, recursive: true);
        }

        private async Task BeginAsync(string address)
        {
            var source = Path.Combine(RepositoryRoot(), "infra", "orthanc");
            var settings = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(source, "orthanc.json")))!.AsObject();
            settings["StorageDirectory"] = Path.Combine(folder, "db");
            settings["IndexDirectory"] = Path.Combine(folder, "db");
            settings["TemporaryDirectory"] = folder;
            settings["HttpPort"] = client.BaseAddress!.Port;
            settings[nameof(DicomPort)] = DicomPort;
            settings["StableAge"] = 1;
            settings["LuaScripts"] = new JsonArray(Path.Combine(source, "forward.lua"));
            settings["DicomWeb"]!["Servers"]!["record"]!["Url"] = address;
            var file = Path.Combine(folder, "orthanc.json");
            await File.WriteAllTextAsync(file, settings.ToJsonString());
            process = Process.Start(new ProcessStartInfo(Program, [$"--logfile={Path.Combine(folder, "log")}", file]) { WorkingDirectory = folder })!;
            var watch = Stopwatch.StartNew();
            while (!await AnswersAsync())
            {
                Assert.That(process.HasExited, Is.False, () => "Orthanc ended: " + File.ReadAllText(Path.Combine(folder, "log")));
                Assert.That(watch.Elapsed, Is.LessThan(Patience), "Orthanc does not start.");
                await Task.Delay(100);
            }
        }

        private async Task<bool> AnswersAsync()
        {
            try
            {
                using var answer = await client.GetAsync("/system");
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        private async Task EndAsync()
        {
            if (process is null)
            {
                return;
            }
            if (!process.HasExited)
            {
                // A clean end writes its jobs down.
                if (await AnswersAsync())
                {
                    using var asked = await client.PostAsync("/tools/shutdown", new StringContent(""));
                    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                    await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
                if (!process.HasExited)
                {
                    process.Kill();
                    await process.WaitForExitAsync();
                }
            }
            process.Dispose();
            process = null!;
        }

        private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
        {
            var text = await answer.Content.ReadAsStringAsync();
            Assert.That(answer.IsSuccessStatusCode, Is.True, text);
            return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
        }

        private static string RepositoryRoot()
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (root is not null && !File.Exists(Path.Combine(root.FullName, "PhrImaging.sln")))
            {
                root = root.Parent;
            }
            return root!.FullName;
        }
    }
}
