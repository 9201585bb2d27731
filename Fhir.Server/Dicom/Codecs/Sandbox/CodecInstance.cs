using System.Runtime.InteropServices;
using Wasmtime;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// One instance of the module with a memory of its own. Not safe for two threads at once, and not to be used again after anything went
/// wrong: the C++ inside is not unwound.
/// </summary>
internal sealed class CodecInstance : IDisposable
{
    private const int Monochrome2 = 1;
    private const int Rgb = 3;
    private const int Rpcl = 2;
    private readonly Store store;
    private readonly Linker linker;
    private readonly Instance instance;
    private readonly Memory memory;
    private readonly Dictionary<string, Function> functions = [];
    private readonly CodecComplaints complaints = new();
    private long deadline;
    private CancellationToken cancellation;

    public CodecInstance(CodecModule module, long memoryLimit)
    {
        store = new Store(module.Engine.Inner);
        store.SetLimits(memoryLimit, null, 1, 1, 1);
        store.SetEpochDeadlineCallback(_ => Environment.TickCount64 < deadline && !cancellation.IsCancellationRequested ? 1UL : throw new CodecStoppedException());
        store.SetEpochDeadline(1);
        deadline = Environment.TickCount64 + 60_000;
        linker = CodecImports.Link(module.Engine, complaints);
        try
        {
            instance = linker.Instantiate(store, module.Inner);
            memory = instance.GetMemory("memory") ?? throw new InvalidOperationException("The codec module has no memory.");
            Call("_initialize");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>When it last came back from work, by <see cref="Environment.TickCount64"/>.</summary>
    public long RestsSince { get; set; } = Environment.TickCount64;

    /// <summary>In the last job it met with damage, and went on.</summary>
    public bool HasComplained => complaints.Any;

    /// <summary>Bytes of memory it has.</summary>
    public long MemoryLength => memory.GetLength();

    /// <summary>Runs a job; throws when it is refused, trapped or stopped.</summary>
    public byte[] Run(CodecJob job, ReadOnlySpan<byte> input, TimeSpan time, CancellationToken cancellationToken)
    {
        (deadline, cancellation) = (Environment.TickCount64 + (long)time.TotalMilliseconds, cancellationToken);
        store.SetEpochDeadline(1);
        complaints.Forget();
        var context = Get("CreateCodecsContext");
        Describe(context, job);
        var (source, result) = job.IsEncoding ? ("Decoded", "Encoded") : ("Encoded", "Decoded");
        Call($"Set{source}BufferSize", context, input.Length);
        input.CopyTo(Piece(Get($"Get{source}Buffer", context), input.Length));
        var parameters = job.IsEncoding ? EncoderParameters() : Get("CreateDecoderParameters");
        Call(job.Function, context, parameters);
        var length = Get($"Get{result}BufferSize", context);
        if (!job.IsEncoding && length != job.NativeLength)
        {
            throw new CodecRefusalException();
        }

        var output = Piece(Get($"Get{result}Buffer", context), length).ToArray();
        Call(job.IsEncoding ? "ReleaseEncoderParameters" : "ReleaseDecoderParameters", parameters);
        Call("ReleaseCodecsContext", context);
        return output;
    }

    public void Dispose()
    {
        linker.Dispose();
        store.Dispose();
    }

    private void Describe(int context, CodecJob job)
    {
        Call("SetColumns", context, job.Columns);
        Call("SetRows", context, job.Rows);
        Call("SetBitsAllocated", context, job.Allocated);
        Call("SetBitsStored", context, job.Stored);
        Call("SetSamplesPerPixel", context, job.Samples);
        Call("SetPixelRepresentation", context, job.IsSigned ? 1 : 0);
        Call("SetPlanarConfiguration", context, 0);
        Call("SetPhotometricInterpretation", context, job.IsRgb ? Rgb : Monochrome2);
    }

    private int EncoderParameters()
    {
        var parameters = Get("CreateEncoderParameters");
        Call("SetLossy", parameters, 0);
        Call("SetPredictor", parameters, 1);
        Call("SetProgressionOrder", parameters, Rpcl);
        return parameters;
    }

    /// <summary>Memory where the module says it is, which may be anywhere. Addresses are unsigned, which matters beyond 2 GiB.</summary>
    private Span<byte> Piece(int pointer, int length)
    {
        var address = (long)(uint)pointer;
        return length >= 0 && address + length <= memory.GetLength() ? memory.GetSpan(address, length) : throw new CodecRefusalException();
    }

    private void Call(string name, params ReadOnlySpan<int> arguments) => Invoke(name, arguments);

    private int Get(string name, params ReadOnlySpan<int> arguments) => (int)Invoke(name, arguments)!;

    private object? Invoke(string name, ReadOnlySpan<int> arguments)
    {
        ref var function = ref CollectionsMarshal.GetValueRefOrAddDefault(functions, name, out _);
        function ??= instance.GetFunction(name) ?? throw new InvalidOperationException($"The codec module has no function {name}.");
        return arguments.Length switch
        {
            0 => function.Invoke(),
            1 => function.Invoke(arguments[0]),
            _ => function.Invoke(arguments[0], arguments[1]),
        };
    }
}

/// <summary>The deadline has passed, or nobody waits any more.</summary>
internal sealed class CodecStoppedException : Exception;
