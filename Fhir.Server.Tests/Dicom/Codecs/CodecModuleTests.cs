using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Text.Json;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Tests.Dicom.Codecs;

/// <summary>The module is run only when it is the right one, its compiled form only when it is ours; without it the server serves on.</summary>
public sealed class CodecModuleTests
{
    private static readonly TestDicom File = new("1.2.3.900", "1.2.3.901", "1.2.3.902");
    private string folder = null!;

    [SetUp]
    public void MakeFolder() => folder = Directory.CreateTempSubdirectory("phr-codecs-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(folder, recursive: true);

    [Test]
    public async Task A_compiled_module_that_was_changed_is_made_anew([Values("code", "hash")] string changed)
    {
        TestCodecs.RequireOrSkip();
        var cache = Path.Combine(folder, "cache");
        await CompileAsync(cache);
        var code = Directory.GetFiles(cache, "*.cwasm").Single();
        if (changed == "code")
        {
            var bytes = await System.IO.File.ReadAllBytesAsync(code);
            bytes[bytes.Length / 2] ^= 0xFF;
            await System.IO.File.WriteAllBytesAsync(code, bytes);
        }
        else
        {
            await System.IO.File.WriteAllTextAsync(code + ".sha256", new string('0', 64));
        }

        var before = System.IO.File.GetLastWriteTimeUtc(code);
        await CompileAsync(cache);
        Assert.That(System.IO.File.GetLastWriteTimeUtc(code), Is.GreaterThan(before));
        before = System.IO.File.GetLastWriteTimeUtc(code);
        await CompileAsync(cache);
        Assert.That(System.IO.File.GetLastWriteTimeUtc(code), Is.EqualTo(before), "What is in order is kept.");
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    [Platform(Exclude = "Win", Reason = "Windows has no such modes.")]
    public async Task A_folder_others_can_write_to_is_not_used()
    {
        TestCodecs.RequireOrSkip();
        var cache = Path.Combine(folder, "cache");
        Directory.CreateDirectory(cache, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        System.IO.File.SetUnixFileMode(cache, (UnixFileMode)0x1FF);
        await CompileAsync(cache);
        Assert.That(Directory.GetFiles(cache), Is.Empty);
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    [Platform(Exclude = "Win", Reason = "Windows has no such modes.")]
    public void The_folder_is_made_for_the_server_alone()
    {
        var cache = new CodecCache(Path.Combine(folder, "cache"));
        var path = cache.Keep("codecs-test", [1, 2, 3]);
        Assert.That(cache.Find("codecs-test"), Is.EqualTo(path).And.Not.Null);
        Assert.That(System.IO.File.GetUnixFileMode(Path.Combine(folder, "cache")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.That(System.IO.File.GetUnixFileMode(path!), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [TestCase(0x1FF)]
    [TestCase(0x1E8)]
    [TestCase(0x1C1)]
    [UnsupportedOSPlatform("windows")]
    [Platform(Exclude = "Win", Reason = "Windows has no such modes.")]
    public void What_is_kept_is_not_found_once_others_may_enter_the_folder(int mode)
    {
        var path = Path.Combine(folder, "cache");
        var cache = new CodecCache(path);
        cache.Keep("codecs-test", [1, 2, 3]);
        System.IO.File.SetUnixFileMode(path, (UnixFileMode)mode);
        Assert.That((cache.Find("codecs-test"), cache.Keep("codecs-test", [4])), Is.EqualTo(((string?)null, (string?)null)));
    }

    [Test]
    public void What_could_not_be_put_into_place_does_not_stay_and_what_stayed_of_others_is_cleared_away()
    {
        var path = Path.Combine(folder, "cache");
        var cache = new CodecCache(path);
        cache.Keep("codecs-first", [1]);
        var (old, young) = (Path.Combine(path, $"codecs-first.cwasm.{Guid.NewGuid():N}"), Path.Combine(path, $"codecs-first.cwasm.{Guid.NewGuid():N}"));
        System.IO.File.WriteAllBytes(old, [1]);
        System.IO.File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        System.IO.File.WriteAllBytes(young, [1]);
        Directory.CreateDirectory(Path.Combine(path, "codecs-test.cwasm"));
        Assert.That(cache.Keep("codecs-test", [1, 2, 3]), Is.Null, "A folder stands in its way.");
        Assert.That(Directory.GetFiles(path), Is.EqualTo(new[] { young }), "Another server may be writing that one just now.");
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    [Platform("Linux", Reason = "A pipe gives its content once.")]
    public async Task The_module_that_was_checked_is_the_one_that_is_compiled()
    {
        TestCodecs.RequireOrSkip();
        var pipe = Path.Combine(folder, "pipe");
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync();
        }

        var module = await System.IO.File.ReadAllBytesAsync(Path.Combine(AppContext.BaseDirectory, "codecs", "dcmjs-native-codecs.wasm"));
        var writing = Task.Run(async () =>
        {
            await using var target = new FileStream(pipe, FileMode.Open, FileAccess.Write);
            await target.WriteAsync(module);
        });
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = Path.Combine(folder, "cache"), ModulePath = pipe });
        Assert.That((await sandbox.PrepareAsync().WaitAsync(TimeSpan.FromMinutes(2))).Reason, Is.Null);
        await writing;
    }

    [Test]
    public async Task A_load_that_fails_in_a_way_nobody_thought_of_is_told_and_logged()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var server = PhrServer.Start(log.Enqueue, ("Codecs:ModulePath", "no\0path"));
        Assert.That((await StateAsync(server, "unavailable")).GetProperty("reason").GetString(), Does.Contain("could not be loaded"));
        Assert.That(log, Has.Some.Contains("could not be loaded"));
    }

    [Test]
    public async Task Another_module_is_not_run_and_the_server_says_so_and_serves_what_is_stored()
    {
        var module = Path.Combine(folder, "other.wasm");
        await System.IO.File.WriteAllBytesAsync(module, [0, 0x61, 0x73, 0x6D, 1, 0, 0, 0]);
        await using var server = PhrServer.Start(("Codecs:ModulePath", module));
        var state = await StateAsync(server, "unavailable");
        Assert.That(state.GetProperty("reason").GetString(), Does.Contain("SHA-256"));
        await ServesAsync(server);
    }

    [Test]
    public async Task Without_a_module_the_server_says_so_and_serves_what_is_stored()
    {
        await using var server = PhrServer.Start(("Codecs:ModulePath", Path.Combine(folder, "nothing.wasm")));
        Assert.That((await StateAsync(server, "unavailable")).GetProperty("reason").GetString(), Does.Contain("npm"));
        await ServesAsync(server);
        var codec = (IFrameCodec)server.Services.GetService(typeof(IFrameCodec))!;
        Assert.That((await codec.DecodeAsync(CodecSyntaxes.JpegBaseline, new byte[10], TestCodecs.Grey(8, 8), default)).Problem?.Text, Does.Contain("npm"));
        Assert.That((await codec.EncodeAsync(CodecSyntaxes.JpegLsLossless, new byte[10], TestCodecs.Grey(8, 8), default)).Problem?.Text, Does.Contain("npm"));
        Assert.That((await codec.DecodeAsync("1.2.3", new byte[10], TestCodecs.Grey(8, 8), default)).Problem?.Text, Does.Not.Contain("npm"), "A module would not help.");
    }

    [Test]
    public async Task Switched_off_the_server_decodes_nothing_and_serves_what_is_stored()
    {
        await using var server = PhrServer.Start(("Codecs:Enabled", "false"));
        await StateAsync(server, "off");
        await ServesAsync(server);
        var codec = (IFrameCodec)server.Services.GetService(typeof(IFrameCodec))!;
        Assert.That((codec.CanDecode(CodecSyntaxes.JpegBaseline), codec.CanEncode(CodecSyntaxes.HtJpeg2000LosslessRpcl)), Is.EqualTo((false, false)));
        Assert.That(codec.CanDecode(CodecSyntaxes.Rle), "What needs no module is decoded all the same.");
        var outcome = await codec.DecodeAsync(CodecSyntaxes.JpegBaseline, new byte[10], TestCodecs.Grey(8, 8), default);
        Assert.That(outcome.Problem?.Kind, Is.EqualTo(ProblemKind.NotAcceptable));
        Assert.That(outcome.Problem!.Text, Does.Contain("Codecs:Enabled"));
    }

    [Test]
    public async Task A_server_gets_its_codecs_ready_by_itself()
    {
        TestCodecs.RequireOrSkip();
        await using var server = PhrServer.Start();
        await StateAsync(server, "ready");
    }

    private static async Task CompileAsync(string cache)
    {
        using var sandbox = CodecSetup.Sandbox(new CodecOptions { CachePath = cache });
        Assert.That((await sandbox.PrepareAsync()).State, Is.EqualTo(CodecState.Ready));
        var layout = TestCodecs.Grey(8, 8);
        Assert.That((await sandbox.EncodeAsync(CodecSyntaxes.JpegLsLossless, new byte[128], layout, default)).Problem, Is.Null);
    }

    private static async Task<JsonElement> StateAsync(PhrServer server, string expected)
    {
        for (var wait = 0; ; wait++)
        {
            using var answer = await server.Client.GetAsync("/healthz/ready");
            var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
            var codecs = body.GetProperty("codecs");
            if (codecs.GetProperty("state").GetString() == expected || wait == 300)
            {
                Assert.That((codecs.GetProperty("state").GetString(), (int)answer.StatusCode), Is.EqualTo((expected, 200)));
                return codecs;
            }

            await Task.Delay(100);
        }
    }

    private static async Task ServesAsync(PhrServer server)
    {
        var file = File.ToBytes();
        using var stored = await server.StowAsync("/dicomweb", file);
        Assert.That(stored.IsSuccessStatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/dicomweb/studies/{File.Study}/series/{File.Series}/instances/{File.Sop}");
        request.Headers.Add("Accept", "application/dicom");
        using var answer = await server.Client.SendAsync(request);
        Assert.That(await answer.Content.ReadAsByteArrayAsync(), Is.EqualTo(file));
    }
}
