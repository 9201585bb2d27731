using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fhir.Server.Dicom;
using Fhir.Server.DicomWeb;
using Fhir.Server.Imaging;
using Fhir.Server.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>What one request, and one record, may take.</summary>
[TestFixture]
public sealed class StowLimitTests
{
    private const string Base = "/dicomweb/patients/l2";
    private static readonly TestDicom Dicom = new("1.2.276.15.1", "1.2.276.15.1.1", "1.2.276.15.1.1.1");

    [Test]
    public async Task A_request_of_too_many_parts_is_413_and_says_what_is_stored()
    {
        await using var server = await StartAsync(("DicomWeb:Stow:PartLimit", "3"));
        Assert.That((int)(await server.StowAsync(Base, Slices(3))).StatusCode, Is.EqualTo(200));
        var answer = await server.StowAsync(Base, Slices(4));
        Assert.That((int)answer.StatusCode, Is.EqualTo(413));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("3 parts").And.Contain("3 instances"));
    }

    [Test]
    public async Task A_request_of_too_many_bytes_is_413()
    {
        var slices = Slices(4).ToList();
        await using var server = await StartAsync(("DicomWeb:Stow:RequestLimit", (slices[0].Length * 3).ToString(CultureInfo.InvariantCulture)));
        var answer = await server.StowAsync(Base, slices);
        Assert.That((int)answer.StatusCode, Is.EqualTo(413));
        Assert.That(await CountAsync(server), Is.InRange(1, 2), "What came whole is kept.");
        Assert.That((int)(await server.StowAsync(Base, slices[..2])).StatusCode, Is.EqualTo(200));
        await AssertNothingHeldAsync(server);
    }

    [Test]
    public async Task A_sender_that_falls_silent_is_told_so_and_leaves_nothing()
    {
        await using var server = await StartAsync(("DicomWeb:Stow:StallLimit", "00:00:00.500"));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Base}/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/dicom\r\nContent-Length: 1000000\r\n\r\n"));
        await stream.WriteAsync(Dicom.ToBytes().AsMemory(0, 400));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new byte[1000];
        var read = await stream.ReadAtLeastAsync(answer, 200, throwOnEndOfStream: false, patience.Token);
        var text = Encoding.ASCII.GetString(answer, 0, read);
        Assert.That(text, Does.StartWith("HTTP/1.1 400").And.Contain("Nothing came for 0.5 seconds"));
        await AssertNothingHeldAsync(server);
        Assert.That(await CountAsync(server), Is.Zero);
    }

    [Test]
    public async Task A_sender_of_a_few_bytes_now_and_then_is_told_so_and_leaves_nothing()
    {
        await using var server = await StartAsync(("DicomWeb:Stow:MinimumRate", "1000000"), ("DicomWeb:Stow:RateWindow", "00:00:00.500"));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, server.Client.BaseAddress!.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST {Base}/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/dicom\r\nContent-Length: 1000000\r\n\r\n"));
        var file = Slices(1).Single();
        for (var at = 0; at < 600 && !stream.DataAvailable; at++)
        {
            await stream.WriteAsync(file.AsMemory(at, 1));
            await Task.Delay(50);
        }
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var answer = new byte[1000];
        var read = await stream.ReadAtLeastAsync(answer, 200, throwOnEndOfStream: false, patience.Token);
        Assert.That(Encoding.ASCII.GetString(answer, 0, read), Does.StartWith("HTTP/1.1 400").And.Contain("Less than 1000000 bytes a second"));
        await AssertNothingHeldAsync(server);
    }

    [Test]
    public void Slowness_is_judged_window_by_window_and_by_waiting_alone()
    {
        var watch = new SlownessWatch(100, TimeSpan.FromSeconds(10));
        Assert.That(watch.After(1_000_000, TimeSpan.FromSeconds(9)), Is.Null);
        Assert.That(watch.After(1, TimeSpan.FromSeconds(1)), Is.Null, "The first window brought enough.");
        Assert.That(watch.After(999, TimeSpan.FromSeconds(9.9)), Is.Null, "The second is not over.");
        Assert.That(watch.After(0, TimeSpan.FromSeconds(0.1))?.Text, Does.Contain("Less than 100 bytes a second came for 10 seconds"));
        var any = new SlownessWatch(0, TimeSpan.FromSeconds(10));
        Assert.That(any.After(0, TimeSpan.FromDays(1)), Is.Null);
    }

    [Test]
    public async Task A_record_that_is_full_refuses_each_instance_with_A700_and_takes_more_once_there_is_room([Values] bool bytes)
    {
        var length = Slices(1).Single().Length;
        await using var server = await StartAsync(bytes
            ? ("Storage:RecordBytesLimit", (length * 2).ToString(CultureInfo.InvariantCulture)) : ("Storage:RecordInstancesLimit", "2"));
        var some = await server.StowAsync(Base, Slices(4));
        Assert.That((int)some.StatusCode, Is.EqualTo(202));
        var json = await some.JsonAsync();
        Assert.That(json.Items("00081199"), Has.Length.EqualTo(2));
        Assert.That(json.Failures(), Is.EqualTo(new[] { $"{0xA700}", $"{0xA700}" }));
        Assert.That(json.Items("00081198")[0].Value("00081155"), Is.EqualTo(Dicom.Sop + ".3"));
        var again = await server.StowAsync(Base, Slices(2));
        Assert.That((int)again.StatusCode, Is.EqualTo(200), "What is there already takes no room.");
        Assert.That((int)(await server.StowAsync(Base, Slices(3).Skip(2))).StatusCode, Is.EqualTo(409));
        await server.PutAsync("/fhir/Patient/l3", """{"resourceType":"Patient","id":"l3"}""");
        Assert.That((int)(await server.StowAsync("/dicomweb/patients/l3", Slices(2))).StatusCode, Is.EqualTo(200), "Each record has its own.");
        await AssertNothingHeldAsync(server);
        Assert.That(server.Services.GetRequiredService<IBlobStore>().MadeBefore(DateTimeOffset.MaxValue).Count(), Is.EqualTo(4));
    }

    [Test]
    public void A_limit_that_makes_no_sense_is_found_when_the_options_are_read()
    {
        foreach (var options in new object[]
        {
            new StowOptions { PartLimit = 0 }, new StowOptions { RequestLimit = 0 }, new StowOptions { StallLimit = TimeSpan.Zero }, new StowOptions { MetadataLimit = 1 },
            new StowOptions { RepeatLimit = -1 }, new StowOptions { MinimumRate = -1 }, new StowOptions { RateWindow = TimeSpan.Zero },
            new InflationOptions { Budget = 1 << 20 }, new InflationOptions { Queue = -1 }, new InflationOptions { Patience = TimeSpan.Zero },
            new StorageOptions { RecordBytesLimit = -1 }, new StorageOptions { RecordInstancesLimit = -1 },
        })
        {
            Assert.That(() => Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true), Throws.TypeOf<ValidationException>());
        }
    }

    private static IEnumerable<byte[]> Slices(int count) =>
        Enumerable.Range(1, count).Select(i => (Dicom with { Sop = $"{Dicom.Sop}.{i}", InstanceNumber = i, Rows = 100, Columns = 100 }).ToBytes());

    private static async Task<PhrServer> StartAsync(params (string, string)[] settings)
    {
        var server = PhrServer.Start(settings);
        await server.PutAsync("/fhir/Patient/l2", """{"resourceType":"Patient","id":"l2"}""");
        return server;
    }

    private static async Task<int> CountAsync(PhrServer server) =>
        (await server.Client.JsonAsync($"{Base}/studies/{Dicom.Study}/instances")).GetArrayLength();

    private static async Task AssertNothingHeldAsync(PhrServer server)
    {
        var blobs = server.Services.GetRequiredService<IBlobStore>();
        for (var i = 0; i < 50 && blobs.MadeBefore(DateTimeOffset.MaxValue).Any(blobs.IsLeased); i++)
        {
            await Task.Delay(100);
        }
        Assert.That(blobs.MadeBefore(DateTimeOffset.MaxValue).Where(blobs.IsLeased), Is.Empty);
        Assert.That(Directory.EnumerateFiles(server.Folder, "*.part", SearchOption.AllDirectories), Is.Empty);
    }
}
