using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Formats;

/// <summary>Writes PNG: each row as its difference from the one above, deflated fast. See https://www.w3.org/TR/png-3/</summary>
public static class PngWriter
{
    private const byte UpFilter = 2;
    private const byte Grey = 0;
    private const byte Rgb = 2;

    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes a picture.</summary>
    public static void Write(Stream target, Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        Write(target, picture.Width, picture.Height, picture.Pixels, 8, picture.IsColour);
    }

    /// <summary>Writes grey of 16 bits.</summary>
    public static void Write(Stream target, int width, int height, ReadOnlySpan<ushort> grey)
    {
        var swapped = ArrayPool<byte>.Shared.Rent(grey.Length * 2);
        try
        {
            BinaryPrimitives.ReverseEndianness(grey, MemoryMarshal.Cast<byte, ushort>(swapped.AsSpan(0, grey.Length * 2)));
            Write(target, width, height, swapped.AsSpan(0, grey.Length * 2), 16, false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(swapped);
        }
    }

    private static void Write(Stream target, int width, int height, ReadOnlySpan<byte> pixels, byte depth, bool isColour)
    {
        ArgumentNullException.ThrowIfNull(target);
        target.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], height);
        (header[8], header[9]) = (depth, isColour ? Rgb : Grey);
        header[10..].Clear();
        PngChunks.Write(target, "IHDR"u8, header);
        using (var chunks = new PngChunks(target))
        {
            using var deflate = new ZLibStream(chunks, CompressionLevel.Fastest, leaveOpen: true);
            WriteRows(deflate, pixels, width * (isColour ? 3 : 1) * (depth / 8), height);
        }

        PngChunks.Write(target, "IEND"u8, []);
    }

    private static void WriteRows(ZLibStream target, ReadOnlySpan<byte> pixels, int stride, int height)
    {
        // Several rows at a time: calls into the compressor cost.
        var rowsAtOnce = Math.Max(1, (1 << 15) / (stride + 1));
        var buffer = ArrayPool<byte>.Shared.Rent(rowsAtOnce * (stride + 1));
        try
        {
            var at = 0;
            for (var row = 0; row < height; row++)
            {
                buffer[at] = UpFilter;
                var current = pixels.Slice(row * stride, stride);
                Difference(current, row == 0 ? default : pixels.Slice((row - 1) * stride, stride), buffer.AsSpan(at + 1, stride));
                at += stride + 1;
                if (row == height - 1 || (row + 1) % rowsAtOnce == 0)
                {
                    target.Write(buffer, 0, at);
                    at = 0;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static void Difference(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, Span<byte> target)
    {
        if (above.IsEmpty)
        {
            row.CopyTo(target);
            return;
        }

        var i = 0;
        for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            (new Vector<byte>(row[i..]) - new Vector<byte>(above[i..])).CopyTo(target[i..]);
        }

        for (; i < row.Length; i++)
        {
            target[i] = (byte)(row[i] - above[i]);
        }
    }
}
