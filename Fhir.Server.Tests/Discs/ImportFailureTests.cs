using System.Net;
using System.Net.Sockets;
using Fhir.Server.Discs;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Discs;

/// <summary>Servers that are busy, gone or unwilling, discs that are scratched, and operators who change their minds.</summary>
public sealed class ImportFailureTests
{
    private DiscFolder disc = null!;
    private StubServer server = null!;
    private HastyClock clock = null!;

    [SetUp]
    public async Task StartAsync() => (disc, server, clock) = (new DiscFolder(), await StubServer.StartAsync(), new HastyClock());

    [TearDown]
    public async Task StopAsync()
    {
        disc.Dispose();
        await server.DisposeAsync();
    }

    [Test]
    public async Task A_busy_server_is_asked_again_when_it_said()
    {
        disc.With(3);
        server.Instead.Enqueue(StubServer.Status(503, "7"));
        server.Instead.Enqueue(StubServer.Status(429, "9"));
        server.Instead.Enqueue(StubServer.Status(503));
        var steps = new Steps();
        var report = await RunAsync(progress: steps);
        Assert.That(clock.Waits, Is.EqualTo(new[] { 7, 9, 4 }.Select(s => TimeSpan.FromSeconds(s))));
        Assert.That(steps.Seen.Select(step => step.Waiting), Has.Some.EqualTo("The server is busy; trying again in 7 s."));
        Assert.That((report.Stored, report.ExitCode), Is.EqualTo((3, 0)));
    }

    [Test]
    public async Task A_server_that_stays_busy_ends_the_run()
    {
        disc.With(3);
        for (var i = 0; i < 9; i++)
        {
            server.Instead.Enqueue(StubServer.Status(503));
        }
        var report = await RunAsync();
        Assert.That(server.Instead, Has.Count.EqualTo(4));
        Assert.That(report.Stopped!.Text, Is.EqualTo("The server is busy."));
        Assert.That((report.Stored, report.Settled, report.ExitCode), Is.EqualTo((0, 0, 1)));
    }

    [Test]
    public async Task A_server_that_wants_an_hour_is_not_waited_for()
    {
        disc.With(1);
        server.Instead.Enqueue(StubServer.Status(503, "3600"));
        Assert.That((await RunAsync()).ExitCode, Is.EqualTo(1));
        Assert.That(clock.Waits, Is.Empty);
    }

    [Test]
    public async Task A_lost_connection_is_taken_up_again()
    {
        disc.With(3);
        server.Instead.Enqueue(StubServer.Hangup());
        server.Instead.Enqueue(StubServer.Hangup());
        Assert.That((await RunAsync()).Stored, Is.EqualTo(3));
        Assert.That(clock.Waits, Is.EqualTo([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)]));
    }

    [Test]
    public async Task A_silent_server_counts_as_lost()
    {
        disc.With(1);
        clock = new HastyClock(TimeSpan.FromSeconds(0.5));
        server.Instead.Enqueue(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        Assert.That((await RunAsync()).Stored, Is.EqualTo(1));
    }

    [Test]
    public async Task An_unreachable_server_is_named()
    {
        disc.With(1);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();
        using var client = new HttpClient { BaseAddress = address };
        foreach (var patient in new[] { "p1", null })
        {
            var report = await new ImportRun(client, clock).RunAsync(new([disc.Path], patient), CancellationToken.None);
            Assert.That(report.Stopped!.Text, Is.EqualTo($"The server at {address} cannot be reached."));
            Assert.That(report.ExitCode, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_patient_who_is_not_there_is_a_bad_argument()
    {
        disc.With(1);
        var report = await RunAsync(new([disc.Path], "nobody"));
        Assert.That(report.Stopped!.Text, Is.EqualTo("There is no Patient 'nobody' on this server."));
        Assert.That(report.ExitCode, Is.EqualTo(2));
        Assert.That(server.Batches, Is.Empty);
    }

    [Test]
    public async Task A_source_that_is_not_there_is_a_bad_argument()
    {
        disc.With(1);
        var report = await RunAsync(new([disc.Path, disc.At("nothing")], "p1"));
        Assert.That((report.ExitCode, report.Seen), Is.EqualTo((2, 0)));
        Assert.That(report.Stopped!.Text, Does.Contain("nothing"));
    }

    [Test]
    public async Task A_batch_refused_as_a_whole_is_sent_file_by_file()
    {
        disc.With(3);
        server.Instead.Enqueue(StubServer.Status(400));
        server.Instead.Enqueue(StubServer.Status(413, body: """{"resourceType":"OperationOutcome","issue":[{"diagnostics":"Too long."}]}"""));
        var report = await RunAsync();
        Assert.That(report.Stored, Is.EqualTo(2));
        Assert.That(report.Refused, Is.EqualTo([new ImportNote(disc.At("IM001"), "Too long. (HTTP 413)")]));
        Assert.That(report.ExitCode, Is.EqualTo(1));
    }

    [TestCase(401)]
    [TestCase(403)]
    [TestCase(404)]
    [TestCase(507)]
    public async Task What_would_meet_every_batch_ends_the_run(int status)
    {
        disc.With(4);
        server.Instead.Enqueue(StubServer.Status(status));
        var report = await RunAsync(new([disc.Path], "p1") { BatchFiles = 2 });
        Assert.That(server.Batches, Is.Empty);
        Assert.That((report.Stopped is not null, report.ExitCode), Is.EqualTo((true, 1)));
    }

    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"00081198":{"vr":"SQ","Value":[{"00081155":{"vr":"UI"}},7,null]},"00081199":[]}""")]
    public async Task Files_the_answer_is_silent_about_are_not_taken_for_stored(string answer)
    {
        disc.With(2);
        server.Answer = (_, context) => StubServer.Status(200, body: answer)(context);
        Assert.That((await RunAsync()).Refused, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task An_answer_that_is_no_json_is_no_success()
    {
        disc.With(1);
        server.Answer = (_, context) => StubServer.Status(200, body: "<html>")(context);
        Assert.That((await RunAsync()).Refused.Single().Reason, Is.EqualTo("the server answered HTTP 200"));
    }

    [Test]
    public async Task A_file_that_cannot_be_read_to_its_end_is_left_out_and_the_others_go()
    {
        disc.With(3);
        disc.AddSparse("IM002", "1.2.9", 1 << 20);
        var report = await RunAsync(progress: new Steps(step =>
        {
            // After the look at the last file and before the first byte is sent.
            if (step is { Seen: 3, Settled: 0, Bytes: 0 } && File.Exists(disc.At("IM003")))
            {
                using var file = File.OpenWrite(disc.At("IM002"));
                file.SetLength(600_000);
                File.Delete(disc.At("IM003"));
            }
        }));
        Assert.That(report.Stored, Is.EqualTo(1));
        Assert.That(report.Refused, Is.EquivalentTo(
        [
            new ImportNote(disc.At("IM002"), "the file became shorter while it was sent"),
            new ImportNote(disc.At("IM003"), "the file can no longer be opened"),
        ]));
        Assert.That((report.ExitCode, clock.Waits.Count), Is.EqualTo((1, 0)));
    }

    [Test]
    public async Task Breaking_off_keeps_what_was_acknowledged()
    {
        disc.With(6);
        using var stop = new CancellationTokenSource();
        using var client = server.Client();
        var steps = new Steps(step =>
        {
            if (step.Settled == 2)
            {
                stop.Cancel();
            }
        });
        var report = await new ImportRun(client, clock, steps).RunAsync(new([disc.Path], "p1") { BatchFiles = 2 }, stop.Token);
        Assert.That((report.IsCancelled, report.Stored, report.ExitCode), Is.EqualTo((true, 2, 1)));
        Assert.That((await RunAsync()).AlreadyThere, Is.EqualTo(2));
    }

    [Test]
    public async Task Breaking_off_does_not_wait_for_a_busy_server()
    {
        disc.With(1);
        using var stop = new CancellationTokenSource();
        using var client = server.Client();
        server.Instead.Enqueue(StubServer.Status(503, "200"));
        var run = new ImportRun(client, TimeProvider.System, new Steps(step =>
        {
            if (step.Waiting is not null)
            {
                stop.CancelAfter(50);
            }
        }));
        Assert.That((await run.RunAsync(new([disc.Path], "p1"), stop.Token)).IsCancelled, Is.True);
    }

    [TestCase("new", null)]
    [TestCase("NEW", null)]
    [TestCase("p1", "p1")]
    [TestCase("Patient/p1", "p1")]
    public void A_patient_is_named_by_id_or_new(string said, string? id) =>
        Assert.That(ImportRequest.Parse(["."], said).Value.PatientId, Is.EqualTo(id));

    [TestCase("")]
    [TestCase("../x")]
    [TestCase("a b")]
    [TestCase("a\n")]
    public void What_is_no_id_is_refused(string said) =>
        Assert.That(ImportRequest.Parse(["."], said).Problem!.Kind, Is.EqualTo(ProblemKind.Invalid));

    private async Task<ImportReport> RunAsync(ImportRequest? request = null, Steps? progress = null)
    {
        using var client = server.Client();
        return await new ImportRun(client, clock, progress).RunAsync(request ?? new([disc.Path], "p1"), CancellationToken.None);
    }
}
