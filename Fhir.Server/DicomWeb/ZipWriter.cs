using System.Buffers.Binary;
using System.IO.Hashing;
using System.IO.Pipelines;
using System.Text;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// Writes a ZIP archive without ever going back or holding an entry: pixels hardly compress, so the bytes go as they are, in stored blocks
/// of a deflate stream (RFC 1951 §3.2.4), which tell a reader of a stream where an entry ends. Entries and archives of more than 4 GiB are
/// in the form of ZIP64. All entries have the date 1980-01-01, so that the same entries are the same bytes.
/// </summary>
/// <param name="output">Where to.</param>
/// <param name="limit">From which length on the form of ZIP64 is needed; another one is for tests.</param>
internal sealed class ZipWriter(PipeWriter output, long limit = uint.MaxValue)
{
    private const ushort LocalSize = 30, CentralSize = 46, Zip64 = 45, Plain = 20, TellsLater = 8, Deflated = 8;
    private const uint Date = 0x0021_0000;
    private const int ManyEntries = ushort.MaxValue;
    private readonly List<Entry> entries = [];
    private readonly StoredBlockWriter blocks = new(output);
    private long position;

    private sealed record Entry(byte[] Name, bool IsLong, long Offset)
    {
        public uint Crc { get; set; }

        public long Length { get; set; }

        public long Packed { get; set; }
    }

    /// <summary>How long an archive of entries of known lengths will be.</summary>
    public static long LengthOf(IEnumerable<(string Name, long Length)> entries, long limit = uint.MaxValue)
    {
        var (at, central, count) = (0L, 0L, 0);
        foreach (var (name, length) in entries)
        {
            var entry = new Entry(Encoding.ASCII.GetBytes(name), IsLong(length, limit), at) { Length = length, Packed = StoredBlockWriter.LengthOf(length) };
            at += LocalOf(entry).Length + entry.Packed + DescriptorOf(entry).Length;
            central += CentralOf(entry, limit).Length;
            count++;
        }
        return at + central + EndOf(count, at, central, limit).Length;
    }

    /// <summary>Adds an entry. Its name is ASCII.</summary>
    public async ValueTask AddAsync(string name, PartContent content, CancellationToken cancellationToken)
    {
        var entry = new Entry(Encoding.ASCII.GetBytes(name), content.Length is not { } length || IsLong(length, limit), position);
        var head = LocalOf(entry);
        head.CopyTo(output.GetMemory(head.Length));
        output.Advance(head.Length);
        blocks.Begin();
        await content.CopyAsync(blocks, cancellationToken);
        await blocks.FinishAsync(cancellationToken);
        (entry.Crc, entry.Length, entry.Packed) = (blocks.Crc, blocks.Length, blocks.Written);
        var tail = DescriptorOf(entry);
        await output.WriteAsync(tail, cancellationToken);
        position += head.Length + entry.Packed + tail.Length;
        entries.Add(entry);
    }

    /// <summary>Writes the directory.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        var length = 0L;
        foreach (var entry in entries)
        {
            var central = CentralOf(entry, limit);
            await output.WriteAsync(central, cancellationToken);
            length += central.Length;
        }
        await output.WriteAsync(EndOf(entries.Count, position, length, limit), cancellationToken);
    }

    private static bool IsLong(long length, long limit) => StoredBlockWriter.LengthOf(length) >= limit;

    private static byte[] LocalOf(Entry entry)
    {
        var bytes = new Bytes();
        bytes.Add(0x04034B50u).Add(entry.IsLong ? Zip64 : Plain).Add(TellsLater).Add(Deflated).Add(Date).Add(0u);
        bytes.Add(entry.IsLong ? uint.MaxValue : 0).Add(entry.IsLong ? uint.MaxValue : 0).Add((ushort)entry.Name.Length).Add((ushort)(entry.IsLong ? 20 : 0)).Add(entry.Name);
        return entry.IsLong ? bytes.Add((ushort)1).Add((ushort)16).Add(0L).Add(0L).ToArray() : bytes.ToArray();
    }

    private static byte[] DescriptorOf(Entry entry)
    {
        var bytes = new Bytes().Add(0x08074B50u).Add(entry.Crc);
        return entry.IsLong ? bytes.Add(entry.Packed).Add(entry.Length).ToArray() : bytes.Add((uint)entry.Packed).Add((uint)entry.Length).ToArray();
    }

    private static byte[] CentralOf(Entry entry, long limit)
    {
        var extra = new Bytes();
        if (entry.IsLong)
        {
            extra.Add(entry.Length).Add(entry.Packed);
        }
        var isFar = entry.Offset >= limit;
        if (isFar)
        {
            extra.Add(entry.Offset);
        }
        var long64 = extra.ToArray();
        var bytes = new Bytes();
        bytes.Add(0x02014B50u).Add(Zip64).Add(long64.Length > 0 ? Zip64 : Plain).Add(TellsLater).Add(Deflated).Add(Date).Add(entry.Crc);
        bytes.Add(entry.IsLong ? uint.MaxValue : (uint)entry.Packed).Add(entry.IsLong ? uint.MaxValue : (uint)entry.Length);
        bytes.Add((ushort)entry.Name.Length).Add((ushort)(long64.Length > 0 ? long64.Length + 4 : 0)).Add((ushort)0).Add((ushort)0).Add((ushort)0).Add(0u);
        bytes.Add(isFar ? uint.MaxValue : (uint)entry.Offset).Add(entry.Name);
        return long64.Length > 0 ? bytes.Add((ushort)1).Add((ushort)long64.Length).Add(long64).ToArray() : bytes.ToArray();
    }

    private static byte[] EndOf(int count, long offset, long length, long limit)
    {
        var bytes = new Bytes();
        var isLong = count >= ManyEntries || offset >= limit || length >= limit;
        if (isLong)
        {
            bytes.Add(0x06064B50u).Add(44L).Add(Zip64).Add(Zip64).Add(0u).Add(0u).Add((long)count).Add((long)count).Add(length).Add(offset);
            bytes.Add(0x07064B50u).Add(0u).Add(offset + length).Add(1u);
        }
        var shown = isLong ? ushort.MaxValue : (ushort)count;
        bytes.Add(0x06054B50u).Add((ushort)0).Add((ushort)0).Add(shown).Add(shown);
        return bytes.Add(isLong ? uint.MaxValue : (uint)length).Add(isLong ? uint.MaxValue : (uint)offset).Add((ushort)0).ToArray();
    }

    /// <summary>Numbers in little endian, one after the other.</summary>
    private sealed class Bytes
    {
        private readonly List<byte> content = [];

        public Bytes Add(ReadOnlySpan<byte> bytes)
        {
            content.AddRange(bytes);
            return this;
        }

        public Bytes Add(ushort number)
        {
            Span<byte> bytes = stackalloc byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, number);
            return Add(bytes);
        }

        public Bytes Add(uint number)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
            return Add(bytes);
        }

        public Bytes Add(long number)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
            return Add(bytes);
        }

        public byte[] ToArray() => [.. content];
    }
}

/// <summary>A deflate stream of stored blocks, and the check sum of what went through.</summary>
internal sealed class StoredBlockWriter(PipeWriter output) : PipeWriter
{
    private const int BlockLength = ushort.MaxValue;
    private const int HeadLength = 5;
    private const int Pieces = 64 << 10;
    private readonly Crc32 crc = new();
    private byte[] buffer = new byte[4 * Pieces];
    private int filled;

    /// <summary>CRC-32 of the content.</summary>
    public uint Crc => crc.GetCurrentHashAsUInt32();

    /// <summary>Bytes of content.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the deflate stream.</summary>
    public long Written { get; private set; }

    /// <summary>Bytes of the deflate stream of a content.</summary>
    public static long LengthOf(long length) => length + (((length + BlockLength - 1) / BlockLength) + 1) * HeadLength;

    /// <summary>Begins another stream.</summary>
    public void Begin()
    {
        crc.Reset();
        (filled, Length, Written) = (0, 0, 0);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (buffer.Length - filled < Math.Max(sizeHint, 1))
        {
            Array.Resize(ref buffer, filled + Math.Max(sizeHint, Pieces));
        }
        return buffer.AsMemory(filled);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        crc.Append(buffer.AsSpan(filled, bytes));
        Length += bytes;
        filled += bytes;
    }

    public override async ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        FlushResult result = default;
        while (!source.IsEmpty && !result.IsCompleted)
        {
            var piece = source[..Math.Min(source.Length, Pieces)];
            piece.CopyTo(GetMemory(piece.Length));
            Advance(piece.Length);
            result = await FlushAsync(cancellationToken);
            source = source[piece.Length..];
        }
        return result;
    }

    /// <summary>Passes on whole blocks; what is less waits.</summary>
    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var (at, result) = (0, default(FlushResult));
        for (; filled - at >= BlockLength && !result.IsCompleted; at += BlockLength)
        {
            result = await WriteBlockAsync(buffer.AsMemory(at, BlockLength), cancellationToken);
        }
        buffer.AsSpan(at, filled - at).CopyTo(buffer);
        filled -= at;
        return result;
    }

    /// <summary>Writes what waits, and the empty block that ends the stream.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (filled > 0)
        {
            await WriteBlockAsync(buffer.AsMemory(0, filled), cancellationToken);
        }
        await output.WriteAsync(new byte[] { 1, 0, 0, 0xFF, 0xFF }, cancellationToken);
        Written += HeadLength;
        filled = 0;
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        // The archive goes on.
    }

    private async ValueTask<FlushResult> WriteBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        var head = output.GetMemory(HeadLength);
        head.Span[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(head.Span[1..], (ushort)block.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(head.Span[3..], (ushort)~block.Length);
        output.Advance(HeadLength);
        Written += HeadLength + block.Length;
        return await output.WriteAsync(block, cancellationToken);
    }
}
