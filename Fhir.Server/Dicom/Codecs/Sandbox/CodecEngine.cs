using Wasmtime;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// WebAssembly as the sandbox runs it: interruptible at every loop and call, in memory that ends where it was told to. The module must
/// be compiled for exactly this configuration.
/// </summary>
public sealed class CodecEngine : IDisposable
{
    /// <summary>Changes whenever <see cref="Config"/> does, for compiled modules do not outlive that.</summary>
    private const string Configuration = "epoch1";

    private readonly Engine engine = new(new Config().WithEpochInterruption(true).WithWasmThreads(false).WithMaximumStackSize(512 << 10));

    /// <summary>Names what a compiled module depends on beside its source.</summary>
    public static string Identity { get; } =
        $"wasmtime-{typeof(Engine).Assembly.GetName().Version}-{System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier}-{Configuration}";

    internal Engine Inner => engine;

    /// <summary>Makes machine code of WebAssembly, which takes seconds.</summary>
    public CodecModule Compile(ReadOnlySpan<byte> wasm) => new(this, Module.FromBytes(engine, nameof(CodecModule), wasm));

    /// <summary>Takes a file of machine code that <see cref="CodecModule.ToBytes"/> gave; null when it is none for this engine. Trust the file first.</summary>
    public CodecModule? Load(string path)
    {
        try
        {
            return new CodecModule(this, Module.DeserializeFile(engine, nameof(CodecModule), path));
        }
        catch (WasmtimeException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => engine.Dispose();
}

/// <summary>The codecs as machine code, of which any number of instances can be made.</summary>
public sealed class CodecModule : IDisposable
{
    internal CodecModule(CodecEngine engine, Module inner) => (Engine, Inner) = (engine, inner);

    internal CodecEngine Engine { get; }

    internal Module Inner { get; }

    /// <summary>The machine code.</summary>
    public byte[] ToBytes() => Inner.Serialize();

    /// <inheritdoc/>
    public void Dispose()
    {
        Inner.Dispose();
        Engine.Dispose();
    }
}
