using System.Security.Cryptography;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Dicom.Codecs.Sandbox;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging;

/// <summary>
/// Gets the codec module ready to run: checked against the hash this server was written for, compiled once for this machine, loaded
/// from the cache after that.
/// </summary>
internal sealed partial class CodecModuleFiles(CodecOptions options, ILogger<CodecModuleFiles> log)
{
    /// <summary>SHA-256 of the module of npm package dcmjs-codecs 0.0.8, which the build checks too.</summary>
    public const string ExpectedHash = "dff1bc9b3872588c231ea90894f05e7eacd7f5074b9db964e64e7f3f29821d30";

    private readonly CodecCache? cache = (options.CachePath ?? CodecCache.DefaultFolder()) is { } folder ? new CodecCache(folder) : null;

    private static string Name => $"codecs-{ExpectedHash[..16]}-{CodecEngine.Identity}";

    private string ModulePath => options.ModulePath ?? Path.Combine(AppContext.BaseDirectory, "codecs", "dcmjs-native-codecs.wasm");

    /// <summary>The module, or why there is none. Takes seconds when it must be compiled.</summary>
    public Outcome<CodecModule> Load()
    {
        var outcome = LoadOrFail();
        if (outcome.Problem is { } why)
        {
            LogUnavailable(why.Text);
        }

        return outcome;
    }

    private Outcome<CodecModule> LoadOrFail()
    {
        try
        {
            return Read().TryGet(out var wasm, out var problem) ? Make(wasm) : problem;
        }
        catch (Exception failure)
        {
            // It runs beside everything else, so nobody would hear of it.
            LogFailed(failure);
            return Problem.NotAcceptable($"The codecs could not be loaded ({failure.GetType().Name}).");
        }
    }

    /// <summary>The module, read once: what is checked is what is compiled.</summary>
    private Outcome<byte[]> Read()
    {
        try
        {
            var wasm = File.ReadAllBytes(ModulePath);
            return Convert.ToHexStringLower(SHA256.HashData(wasm)) == ExpectedHash ? wasm
                : Problem.NotAcceptable("The codec module is not the one this server was built for: its SHA-256 differs. It is not run.");
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return Problem.NotAcceptable("The codec module is not there: npm was missing, or could not fetch it, when the server was built.");
        }
    }

    private Outcome<CodecModule> Make(byte[] wasm)
    {
        try
        {
            return FromCache() ?? Compile(wasm);
        }
        catch (Exception unable) when (unable is DllNotFoundException or BadImageFormatException or TypeInitializationException
            or EntryPointNotFoundException or PlatformNotSupportedException or Wasmtime.WasmtimeException or IOException)
        {
            return Problem.NotAcceptable($"WebAssembly cannot be run on this machine ({unable.GetType().Name}).");
        }
    }

    private CodecModule? FromCache()
    {
        if (cache?.Find(Name) is not { } path)
        {
            return null;
        }

        var engine = new CodecEngine();
        if (engine.Load(path) is { } module)
        {
            return module;
        }

        engine.Dispose();
        return null;
    }

    private CodecModule Compile(byte[] wasm)
    {
        var began = Environment.TickCount64;
        var module = new CodecEngine().Compile(wasm);
        var path = cache?.Keep(Name, module.ToBytes());
        LogCompiled(Environment.TickCount64 - began, path is null ? "not kept, for there is no private folder for it" : "kept for the next start");
        if (path is null || FromCache() is not { } mapped)
        {
            return module;
        }

        // The file is mapped and shared; what the compiler left in memory can go.
        module.Dispose();
        CompilerMemory.Release();
        return mapped;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The image codecs have been compiled in {Milliseconds} ms; {Kept}.")]
    private partial void LogCompiled(long milliseconds, string kept);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Compressed images are given only as they are stored. {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The image codecs could not be loaded.")]
    private partial void LogFailed(Exception failure);
}
