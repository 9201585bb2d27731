using Wasmtime;

namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// What the module is given of the world outside: nothing. No files, no environment, no clock that runs. What it says is not repeated,
/// for its words may be those of a hostile image; only that it complained is noted.
/// See https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md
/// </summary>
internal static class CodecImports
{
    private const string Wasi = "wasi_snapshot_preview1";
    private const int Success = 0;
    private const int NotSupported = 58;

    public static Linker Link(CodecEngine engine, CodecComplaints complaints)
    {
        var linker = new Linker(engine.Inner);
        linker.DefineFunction("env", "onCodecsException", (int text, int length) => throw new CodecRefusalException());
        linker.DefineFunction("env", "onCodecsInfo", (Caller caller, int text, int length) => complaints.Hear(Words(caller, text, length)));
        linker.DefineFunction("env", "onCodecsTrace", (int text, int length) => { });
        linker.DefineFunction("env", "emscripten_notify_memory_growth", (int memory) => { });
        linker.DefineFunction(Wasi, "proc_exit", (int code) => throw new CodecRefusalException());
        linker.DefineFunction(Wasi, "clock_time_get", (int clock, long precision, int target) => NotSupported);
        linker.DefineFunction(Wasi, "fd_close", (int file) => Success);
        linker.DefineFunction(Wasi, "fd_seek", (int file, long offset, int whence, int target) => NotSupported);
        linker.DefineFunction(Wasi, "environ_get", (int names, int values) => Success);
        linker.DefineFunction(Wasi, "environ_sizes_get", (Caller caller, int count, int size) => Zero(caller, count, size));
        linker.DefineFunction(Wasi, "fd_write", (Caller caller, int file, int pieces, int count, int written) => Write(caller, pieces, count, written, complaints));
        return linker;
    }

    private static ReadOnlySpan<byte> Words(Caller caller, int text, int length) =>
        caller.GetMemory("memory")!.GetSpan((uint)text, Math.Clamp(length, 0, 512));

    private static int Zero(Caller caller, int first, int second)
    {
        var memory = caller.GetMemory("memory")!;
        memory.WriteInt32(first, 0);
        memory.WriteInt32(second, 0);
        return Success;
    }

    private static int Write(Caller caller, int pieces, int count, int written, CodecComplaints complaints)
    {
        var memory = caller.GetMemory("memory")!;
        var total = 0;
        for (var i = 0; i < Math.Min(count, 64); i++)
        {
            var length = memory.ReadInt32(pieces + (i * 8) + 4);
            complaints.Hear(Words(caller, memory.ReadInt32(pieces + (i * 8)), length));
            total += length;
        }

        memory.WriteInt32(written, total);
        return Success;
    }
}

/// <summary>The module gave up on what it was given.</summary>
internal sealed class CodecRefusalException : Exception;
