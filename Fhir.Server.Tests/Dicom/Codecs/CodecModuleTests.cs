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
