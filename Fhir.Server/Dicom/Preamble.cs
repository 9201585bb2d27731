using System.Buffers.Binary;

namespace Fhir.Server.Dicom;

/// <summary>
/// The 128 bytes before the prefix, which DICOM leaves to whoever wants them, and with them to programs and scripts that make a file
/// something else as well. PS3.10 §7.1 and §7.5.
/// </summary>
public static class Preamble
{
    private const int Length = 128;
    private const int PrefixEnd = 132;

    /// <summary>
    /// Fills the preamble of a file that begins so with zeros, unless it is the harmless one of a file that is TIFF too. Bytes behind it
    /// stay, and a file that has none stays as it is.
    /// </summary>
    /// <param name="first">The first bytes of the file; 512 or all there are.</param>
    public static void Defuse(Span<byte> first)
    {
        if (FileStart.Of(first, long.MaxValue) is { Offset: Length or PrefixEnd } && !IsHarmlessTiff(first[..Length]))
        {
            first[..Length].Clear();
        }
    }

    /// <summary>
    /// A TIFF header whose first directory lies behind the preamble, at an even place, and nothing but zeros after it: what
    /// dual-personality files have. Whatever else might be in there is not needed by anybody.
    /// </summary>
    private static bool IsHarmlessTiff(ReadOnlySpan<byte> preamble)
    {
        var (directory, header) = preamble[..4] switch
        {
            [(byte)'I', (byte)'I', 42, 0] => (BinaryPrimitives.ReadUInt32LittleEndian(preamble[4..]), 8),
            [(byte)'M', (byte)'M', 0, 42] => (BinaryPrimitives.ReadUInt32BigEndian(preamble[4..]), 8),
            [(byte)'I', (byte)'I', 43, 0] when preamble[4..8] is [8, 0, 0, 0] => (BinaryPrimitives.ReadUInt64LittleEndian(preamble[8..]), 16),
            [(byte)'M', (byte)'M', 0, 43] when preamble[4..8] is [0, 8, 0, 0] => (BinaryPrimitives.ReadUInt64BigEndian(preamble[8..]), 16),
            _ => (0UL, 0),
        };
        return directory >= PrefixEnd && directory % 2 == 0 && directory <= long.MaxValue && !preamble[header..].ContainsAnyExcept((byte)0);
    }
}
