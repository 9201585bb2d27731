using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Fhir.Server.Imaging;

/// <summary>
/// DICOM JSON of one instance as raw-deflate pieces between which the base address of a request goes. Each piece is made by a fresh
/// compressor and ends at its sync mark, without a final block, so that pieces, and stored blocks between them, can be strung together
/// into one valid gzip stream (RFC 1951 §3.2, RFC 1952).
/// </summary>
internal sealed class MetadataPieces
{
    /// <summary>Raised when the pieces are kept in another form.</summary>
    public const byte FormatVersion = 1;

    private const int PieceHead = sizeof(int) + sizeof(uint) + sizeof(int);

    private MetadataPieces(IReadOnlyList<Piece> pieces) => Pieces = pieces;

    /// <summary>The pieces in order.</summary>
    public IReadOnlyList<Piece> Pieces { get; }

    /// <summary>One piece.</summary>
    /// <param name="PlainLength">Its bytes before compression.</param>
    /// <param name="Crc">CRC-32 of those.</param>
    /// <param name="Deflated">Whole raw-deflate blocks, none of them final.</param>
    internal readonly record struct Piece(int PlainLength, uint Crc, ReadOnlyMemory<byte> Deflated);

    /// <summary>Compresses the pieces of a text.</summary>
    public static MetadataPieces Of(IEnumerable<ReadOnlyMemory<byte>> texts) =>
        new([.. texts.Select(text => new Piece(text.Length, Crc32.HashToUInt32(text.Span), Deflate(text.Span)))]);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Written by another version.</exception>
    public static MetadataPieces FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        if (span.Length < 1 + sizeof(int) || span[0] != FormatVersion)
        {
            throw new InvalidDataException("Stored metadata are of an unknown format; rebuild the derived data.");
        }
        var pieces = new Piece[BinaryPrimitives.ReadInt32LittleEndian(span[1..])];
        var at = 1 + sizeof(int);
        for (var i = 0; i < pieces.Length; i++)
        {
            var head = span[at..];
            var length = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
            pieces[i] = new(
                BinaryPrimitives.ReadInt32LittleEndian(head), BinaryPrimitives.ReadUInt32LittleEndian(head[4..]),
                bytes.Slice(at + PieceHead, length));
            at += PieceHead + length;
        }
        return new MetadataPieces(pieces);
    }

    /// <summary>The form kept with an instance; a version byte first.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[1 + sizeof(int) + Pieces.Sum(piece => PieceHead + piece.Deflated.Length)];
        bytes[0] = FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), Pieces.Count);
        var at = 1 + sizeof(int);
        foreach (var piece in Pieces)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), piece.PlainLength);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at + 4), piece.Crc);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at + 8), piece.Deflated.Length);
            piece.Deflated.Span.CopyTo(bytes.AsSpan(at + PieceHead));
            at += PieceHead + piece.Deflated.Length;
        }
        return bytes;
    }

    private static byte[] Deflate(ReadOnlySpan<byte> text)
    {
        var output = new MemoryStream();
        using var deflater = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true);
        deflater.Write(text);
        deflater.Flush();
        // Taken before the compressor is disposed: that would add the final block.
        return output.ToArray();
    }
}

/// <summary>
/// Writes a JSON array of instances from their <see cref="MetadataPieces"/>, gzipped without compressing anything anew, or plain.
/// </summary>
internal static class MetadataWriter
{
    private static readonly byte[] GzipHead = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255];
    private static readonly byte[] FinalBlock = [1, 0, 0, 0xFF, 0xFF];

    /// <summary>One gzip member: header, pieces and stored blocks, trailer.</summary>
    /// <param name="instances">The instances in order.</param>
    /// <param name="escapedBase">The DICOMweb base, JSON-escaped UTF-8.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask WriteGzipAsync(
        IAsyncEnumerable<MetadataPieces> instances, ReadOnlyMemory<byte> escapedBase, Stream output, CancellationToken cancellationToken)
    {
        await output.WriteAsync(GzipHead, cancellationToken);
        var (crc, length) = (0u, 0u);
        var baseCrc = Crc32.HashToUInt32(escapedBase.Span);
        await foreach (var (text, piece) in Sequence(instances, escapedBase).WithCancellation(cancellationToken))
        {
            if (piece is { } deflated)
            {
                await output.WriteAsync(deflated.Deflated, cancellationToken);
                crc = Crc32Combination.Combine(crc, deflated.Crc, deflated.PlainLength);
                length += (uint)deflated.PlainLength;
                continue;
            }
            await output.WriteAsync(Stored(text.Span), cancellationToken);
            crc = Crc32Combination.Combine(crc, text.Equals(escapedBase) ? baseCrc : Crc32.HashToUInt32(text.Span), text.Length);
            length += (uint)text.Length;
        }
        var trailer = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), length);
        await output.WriteAsync(FinalBlock, cancellationToken);
        await output.WriteAsync(trailer, cancellationToken);
    }

    /// <summary>The same text, inflated.</summary>
    public static async ValueTask WritePlainAsync(
        IAsyncEnumerable<MetadataPieces> instances, ReadOnlyMemory<byte> escapedBase, Stream output, CancellationToken cancellationToken)
    {
        await foreach (var (text, piece) in Sequence(instances, escapedBase).WithCancellation(cancellationToken))
        {
            await output.WriteAsync(piece is { } deflated ? Inflate(deflated) : text, cancellationToken);
        }
    }

    private static async IAsyncEnumerable<(ReadOnlyMemory<byte> Text, MetadataPieces.Piece? Piece)> Sequence(
        IAsyncEnumerable<MetadataPieces> instances, ReadOnlyMemory<byte> escapedBase)
    {
        var first = true;
        await foreach (var instance in instances)
        {
            yield return (Encoding.ASCII.GetBytes(first ? "[" : ","), null);
            first = false;
            for (var i = 0; i < instance.Pieces.Count; i++)
            {
                if (i > 0)
                {
                    yield return (escapedBase, null);
                }
                yield return (default, instance.Pieces[i]);
            }
        }
        yield return (Encoding.ASCII.GetBytes(first ? "[]" : "]"), null);
    }

    /// <summary>Text as it is, in blocks of at most 65,535 bytes (RFC 1951 §3.2.4).</summary>
    private static byte[] Stored(ReadOnlySpan<byte> text)
    {
        const int Head = 5;
        var count = (text.Length + ushort.MaxValue - 1) / ushort.MaxValue;
        var blocks = new byte[(count * Head) + text.Length];
        var at = 0;
        while (!text.IsEmpty)
        {
            var length = Math.Min(text.Length, ushort.MaxValue);
            BinaryPrimitives.WriteUInt16LittleEndian(blocks.AsSpan(at + 1), (ushort)length);
            BinaryPrimitives.WriteUInt16LittleEndian(blocks.AsSpan(at + 3), (ushort)~length);
            text[..length].CopyTo(blocks.AsSpan(at + Head));
            text = text[length..];
            at += Head + length;
        }
        return blocks;
    }

    private static byte[] Inflate(MetadataPieces.Piece piece)
    {
        var closed = new MemoryStream([.. piece.Deflated.Span, .. FinalBlock]);
        using var inflater = new DeflateStream(closed, CompressionMode.Decompress);
        var text = new byte[piece.PlainLength];
        inflater.ReadExactly(text);
        return text;
    }
}
