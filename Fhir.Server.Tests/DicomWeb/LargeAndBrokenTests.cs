using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Fhir.Server.Dicom;
using Fhir.Server.DicomWeb;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>Instances that are too large, large, or never came to their end.</summary>
[TestFixture]
public sealed class LargeAndBrokenTests
{
    private const string Base = "/dicomweb/patients/l1";
    private static readonly TestDicom Dicom = new("1.2.276.8.1", "1.2.276.8.1.1", "1.2.276.8.1.1.1");

    [Test]
    public async Task An_instance_over_the_limit_is_413_and_one_at_it_is_stored()
    {
        var file = Dicom.ToBytes();
        await using var server = await StartAsync(("DicomWeb:InstanceLimit", file.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var larger = (Dicom with { Sop = Dicom.Sop + "2", Columns = 10 }).ToBytes();
        foreach (var content in new HttpContent[] { PhrServer.Multipart(larger), Alone(larger) })
        {
            Assert.That((int)(await server.Client.PostAsync($"{Base}/studies", content)).StatusCode, Is.EqualTo(413));
        }
        Assert.That((int)(await server.StowAsync(Base, file, larger)).StatusCode, Is.EqualTo(413));
        Assert.That(await CountAsync(server), Is.EqualTo(1), "what came whole before is kept");
        Assert.That((int)(await server.StowAsync(Base, file)).StatusCode, Is.EqualTo(200));
        await AssertNothingHangsAsync(server, 1);
    }

    [Test]
    public async Task Without_room_on_the_disk_it_is_507()
    {
        await using var server = await StartAsync(("Storage:FreeBytesFloor", long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var answer = await server.StowAsync(Base, Dicom.ToBytes());
        Assert.That((int)answer.StatusCode, Is.EqualTo(507));
        Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
        await AssertNothingHangsAsync(server, 0);
    }

    [Test]
    public async Task Three_hundred_megabytes_come_in_and_go_out_without_being_held_in_memory()
    {
        const long Pixels = 15_000L * 20_000;
        await using var server = await StartAsync();
        var head = HeadOf(15_000, 20_000);
        await server.StowAsync(Base, (Dicom with { Sop = Dicom.Sop + "9" }).ToBytes());
        await server.Client.GetByteArrayAsync($"{Base}/studies/{Dicom.Study}/series/{Dicom.Series}/instances/{Dicom.Sop}9/frames/1");

        // The client of the factory keeps what it sends, to send it again after a redirect.
        using var client = new HttpClient { BaseAddress = server.Client.BaseAddress };
        var before = GC.GetTotalAllocatedBytes();
        using var content = new Endless(head, Pixels);
        var stored = await client.PostAsync($"{Base}/studies", content);
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK), await stored.Content.ReadAsStringAsync());
        var path = $"{Base}/studies/{Dicom.Study}/series/{Dicom.Series}/instances/{Dicom.Sop}";
        Assert.That(await HashAsync(client, path, "application/dicom", head.Length + Pixels), Is.EqualTo(content.Hash));
        var taken = GC.GetTotalAllocatedBytes() - before;
        TestContext.Out.WriteLine($"{taken / 1e6:F1} MB allocated for {2 * Pixels / 1e6:F0} MB in and out, both ends in this process");
        Assert.That(taken, Is.LessThan(40_000_000));
        Assert.That(await HashAsync(client, $"{path}/frames/1", "application/octet-stream", Pixels), Is.Not.Empty);
    }

    [Test]
    public async Task A_sender_that_goes_away_leaves_nothing_half_stored([Values(1, 5)] int whole)
    {
        await using var server = await StartAsync();
        var second = (Dicom with { Sop = Dicom.Sop + ".9", Rows = 300, Columns = 300 }).ToBytes();
        var body = WebTalk.Join(
            [.. Enumerable.Range(1, whole).SelectMany(i => new object[] { "--b1\r\nContent-Type: application/dicom\r\n\r\n", (Dicom with { Sop = $"{Dicom.Sop}.1{i}" }).ToBytes(), "\r\n" }),
            "--b1\r\nContent-Type: application/dicom\r\n\r\n", second[..(second.Length / 2)]]);
        foreach (var reset in new[] { true, false })
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {Base}/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=b1\r\nContent-Length: 1000000\r\n\r\n"));
            await stream.WriteAsync(body);
            await stream.FlushAsync();
            await Task.Delay(300);
            if (reset)
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            socket.Close();
        }
        var count = await UntilQuietAsync(server);
        Assert.That(count, Is.EqualTo(0).Or.EqualTo(whole));
        var rows = await server.Client.JsonAsync($"{Base}/studies/{Dicom.Study}/instances");
        Assert.That(rows.EnumerateArray().Select(row => row.Value("00080018")), Has.None.EqualTo(Dicom.Sop + ".9"));
        await AssertNothingHangsAsync(server, whole * 2);

        // The sender comes back and sends everything.
        var all = Enumerable.Range(1, whole).Select(i => (Dicom with { Sop = $"{Dicom.Sop}.1{i}" }).ToBytes()).Append(second);
        Assert.That((int)(await server.StowAsync(Base, all)).StatusCode, Is.EqualTo(200));
        Assert.That(await CountAsync(server), Is.EqualTo(whole + 1));
    }

    [Test]
    public async Task A_sender_that_is_torn_off_at_any_moment_leaves_no_upload_held()
    {
        await using var server = await StartAsync();
        for (var round = 0; round < 12; round++)
        {
            var body = WebTalk.Join([.. Enumerable.Range(1, 30).SelectMany(i => new object[]
            {
                "--b1\r\nContent-Type: application/dicom\r\n\r\n", (Dicom with { Sop = $"{Dicom.Sop}.{round}.{i}", Rows = 100, Columns = 100 }).ToBytes(), "\r\n",
            })]);
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST {Base}/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/related; type=\"application/dicom\"; boundary=b1\r\nContent-Length: 9000000\r\n\r\n"));
            await stream.WriteAsync(body);
            await Task.Delay(round * 3);
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        await AssertNothingHangsAsync(server, 12 * 30);
        var rows = (await server.Client.JsonAsync($"{Base}/studies/{Dicom.Study}/instances")).EnumerateArray().ToList();
        foreach (var row in rows)
        {
            using var whole = await server.Client.GetAsync(row.Value("00081190")!, "application/dicom");
            Assert.That(WebTalk.Read(await whole.Content.ReadAsByteArrayAsync()).SopInstanceUid, Is.EqualTo(row.Value("00080018")));
        }
        TestContext.Out.WriteLine($"{rows.Count} of {12 * 30} instances were kept");
    }

    [Test]
    public async Task Hundreds_of_instances_in_one_request_are_all_stored()
    {
        const int Count = 500;
        await using var server = await StartAsync();
        var uid = Dicom.Study + "1";
        var files = Enumerable.Range(1, Count).Select(i => new TestDicom(uid, uid + ".1", $"{uid}.1.{i}") { InstanceNumber = i, Rows = 300, Columns = 300 }.ToBytes());
        using var stored = await server.StowAsync(Base, files);
        Assert.That(stored.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await server.Client.JsonAsync($"{Base}/studies/{uid}/instances?limit=1000")).GetArrayLength(), Is.EqualTo(Count));
    }

    [Test]
    public async Task All_that_is_under_way_may_end_while_room_is_looked_for()
    {
        var tasks = Enumerable.Range(0, 8).Select(_ => new TaskCompletionSource()).ToList();

        IEnumerable<Task> EndingOnceSeen()
        {
            foreach (var task in tasks)
            {
                yield return task.Task;
            }
            tasks.ForEach(task => task.TrySetResult());
        }
        await StowRun.RoomAsync(EndingOnceSeen(), tasks.Count).AsTask().WaitAsync(TimeSpan.FromSeconds(10));

        var ended = new TaskCompletionSource();
        var waiting = StowRun.RoomAsync([ended.Task, Task.CompletedTask], 1).AsTask();
        Assert.That(waiting.IsCompleted, Is.False);
        ended.SetResult();
        await waiting.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Test]
    public async Task A_reader_that_goes_away_does_no_harm()
    {
        await using var server = await StartAsync();
        await server.StowAsync(Base, (Dicom with { Rows = 4000, Columns = 4000 }).ToBytes());
        for (var i = 0; i < 5; i++)
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {Base}/studies/{Dicom.Study} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
            Assert.That(await stream.ReadAsync(new byte[1000]), Is.Positive);
            socket.LingerState = new LingerOption(true, 0);
        }
        using var whole = await server.Client.GetAsync($"{Base}/studies/{Dicom.Study}", WebTalk.Multipart);
        Assert.That((await whole.PartsAsync()).Single().Body, Has.Length.GreaterThan(16_000_000));
    }

    private static async Task<PhrServer> StartAsync(params (string, string)[] settings)
    {
        var server = PhrServer.Start(settings);
        await server.PutAsync("/fhir/Patient/l1", """{"resourceType":"Patient","id":"l1"}""");
        return server;
    }

    private static ByteArrayContent Alone(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new("application/dicom");
        return content;
    }

    private static byte[] HeadOf(int rows, int columns)
    {
        var file = (Dicom with
        {
            Further = data => data.AddNumbers(DicomTag.Rows, DicomVr.US, rows).AddNumbers(DicomTag.Columns, DicomVr.US, columns)
                .AddBytes(DicomTag.PixelData, DicomVr.OB, new byte[2]),
        }).ToBytes();
        BitConverter.TryWriteBytes(file.AsSpan(file.Length - 6), (uint)(rows * columns));
        return file[..^2];
    }

    private static async Task<string> HashAsync(HttpClient client, string path, string accept, long length)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That(answer.Content.Headers.ContentLength, Is.EqualTo(length));
        await using var body = await answer.Content.ReadAsStreamAsync();
        return Convert.ToHexString(await SHA256.HashDataAsync(body));
    }

    private static async Task<int> CountAsync(PhrServer server) =>
        (await server.Client.JsonAsync($"{Base}/studies/{Dicom.Study}/instances")).GetArrayLength();

    private static async Task<int> UntilQuietAsync(PhrServer server)
    {
        var blobs = server.Services.GetRequiredService<IBlobStore>();
        for (var i = 0; i < 50 && blobs.MadeBefore(DateTimeOffset.MaxValue).Any(blobs.IsLeased); i++)
        {
            await Task.Delay(100);
        }
        return await CountAsync(server);
    }

    /// <summary>No upload is held any longer, no temporary file is left.</summary>
    private static async Task AssertNothingHangsAsync(PhrServer server, int blobsAtMost)
    {
        await UntilQuietAsync(server);
        var blobs = server.Services.GetRequiredService<IBlobStore>();
        // A request that was torn off may still be letting go of what it received.
        for (var i = 0; i < 100 && (blobs.MadeBefore(DateTimeOffset.MaxValue).Any(blobs.IsLeased) || Parts(server).Count > 0); i++)
        {
            await Task.Delay(100);
        }
        var all = blobs.MadeBefore(DateTimeOffset.MaxValue).ToList();
        Assert.That(all.Where(blobs.IsLeased), Is.Empty);
        Assert.That(all, Has.Count.AtMost(blobsAtMost));
        Assert.That(Parts(server), Is.Empty);
    }

    private static List<string> Parts(PhrServer server) =>
        [.. WalkAgain(server.Folder).Where(file => file.EndsWith(".part", StringComparison.Ordinal) || file.StartsWith(server.Folder + "/tmp", StringComparison.Ordinal))];

    /// <summary>Folders may go while they are being listed.</summary>
    private static string[] WalkAgain(string folder)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
            }
            catch (DirectoryNotFoundException) when (i < 20)
            {
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>A head and then pixels, made while they are sent.</summary>
    private sealed class Endless : HttpContent
    {
        private readonly byte[] head;
        private readonly long pixels;

        public Endless(byte[] head, long pixels)
        {
            (this.head, this.pixels) = (head, pixels);
            Headers.ContentType = new("application/dicom");
        }

        public string? Hash { get; private set; }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await stream.WriteAsync(head);
            hash.AppendData(head);
            var block = RandomNumberGenerator.GetBytes(1 << 16);
            for (var left = pixels; left > 0; left -= block.Length)
            {
                var piece = block.AsMemory(0, (int)Math.Min(left, block.Length));
                hash.AppendData(piece.Span);
                await stream.WriteAsync(piece);
                block[0]++;
            }
            Hash = Convert.ToHexString(hash.GetHashAndReset());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = head.Length + pixels;
            return true;
        }
    }
}
