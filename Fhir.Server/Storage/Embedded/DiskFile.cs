using Microsoft.Win32.SafeHandles;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// A file on the real disk, read and written by calls that block. On Unix .NET's asynchronous ones are the same calls made on
/// another thread of the pool: as many threads wait for the disk, and what is cached, which is nearly everything, comes a tenth
/// slower for the change of threads. Only syncs are long, and those have threads of their own (<see cref="BlobSyncThreads"/>).
/// </summary>
internal sealed class DiskFile : IOpenFile
{
    private readonly SafeFileHandle handle;

    private DiskFile(SafeFileHandle handle) => this.handle = handle;

    public long Length => RandomAccess.GetLength(handle);

    public static DiskFile Create(string path) => Open(path, FileMode.CreateNew, FileAccess.ReadWrite);

    public static DiskFile Open(string path) => Open(path, FileMode.Open, FileAccess.Read);

    public int Read(long offset, Span<byte> into)
    {
        var read = 0;
        while (read < into.Length && RandomAccess.Read(handle, into[read..], offset + read) is var more and > 0)
        {
            read += more;
        }
        return read;
    }

    public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(handle, bytes, offset);

    public void SetLastWrite(DateTimeOffset moment) => File.SetLastWriteTimeUtc(handle, moment.UtcDateTime);

    public void Sync() => RandomAccess.FlushToDisk(handle);

    public void Dispose() => handle.Dispose();

    // Shared with everybody, for a blob may be renamed or removed while it is open; and sharing so takes no lock.
    private static DiskFile Open(string path, FileMode mode, FileAccess access) =>
        new(File.OpenHandle(path, mode, access, FileShare.ReadWrite | FileShare.Delete));
}
