using System.Runtime.InteropServices;

namespace Fhir.Server.Imaging;

/// <summary>
/// The compiler of the sandbox takes some 200 MB for a few seconds, and the allocator of glibc would keep them for the life of the process.
/// See https://man7.org/linux/man-pages/man3/malloc_trim.3.html
/// </summary>
internal static partial class CompilerMemory
{
    public static void Release()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                _ = Trim(0);
            }
        }
        catch (Exception other) when (other is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, which has its own ways.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint keep);
}
