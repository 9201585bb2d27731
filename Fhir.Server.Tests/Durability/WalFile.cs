using System.Buffers.Binary;

namespace Fhir.Server.Tests.Durability;

/// <summary>
/// The write-ahead log of SQLite: a header of 32 bytes, then frames of 24 bytes and a page. A frame whose header tells a database size
/// ends a transaction. See https://sqlite.org/fileformat2.html#the_write_ahead_log
/// </summary>
internal sealed class WalFile
{
    private const int Header = 32;
    private const int FrameHeader = 24;

    private readonly byte[] bytes;

    public WalFile(string path)
    {
        bytes = Read(path);
        PageSize = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(8));
        var salt = bytes.AsSpan(16, 8);
        var commits = new List<int>();
        for (var frame = 0; EndOf(frame) <= bytes.Length; frame++)
        {
            var header = bytes.AsSpan(Header + (frame * (FrameHeader + PageSize)), FrameHeader);
            if (!header.Slice(8, 8).SequenceEqual(salt))
            {
                break;
            }
            Frames = frame + 1;
            if (BinaryPrimitives.ReadUInt32BigEndian(header[4..]) != 0)
            {
                commits.Add(EndOf(frame));
            }
        }
        Commits = commits;
    }

    public int PageSize { get; }

    /// <summary>How many frames belong to the log as it is.</summary>
    public int Frames { get; }

    /// <summary>Where transactions end, in bytes.</summary>
    public IReadOnlyList<int> Commits { get; }

    /// <summary>Where a frame ends, counted from 0; the header for -1.</summary>
    public int EndOf(int frame) => Header + ((frame + 1) * (FrameHeader + PageSize));

    /// <summary>What is left when only the first bytes reached the disk.</summary>
    public byte[] CutAt(int length) => bytes[..length];

    /// <summary>The first bytes, of which the last was torn.</summary>
    public byte[] TornAt(int length)
    {
        var torn = bytes[..length];
        torn[^1] ^= 0x5A;
        return torn;
    }

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var read = new byte[file.Length];
        file.ReadExactly(read);
        return read;
    }
}
