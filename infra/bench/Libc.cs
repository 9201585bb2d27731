using System.Runtime.InteropServices;

namespace Bench;

/// <summary>The few system calls .NET has no name for.</summary>
internal static class Libc
{
    private const int Terminate = 15;

    public static void SyncFolder(string path)
    {
        var folder = Open(path, 0);
        if (folder < 0 || Sync(folder) != 0)
        {
            throw new IOException("The folder could not be synced.");
        }
        _ = Close(folder);
    }

    /// <summary>Asks a process to stop cleanly.</summary>
    public static void Stop(int process) => _ = Kill(process, Terminate);

    [DllImport("libc", EntryPoint = "open", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Open(string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    private static extern int Sync(int file);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
