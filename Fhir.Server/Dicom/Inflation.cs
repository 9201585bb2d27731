using System.IO.Compression;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Inflates a deflated data set into memory. PS3.5 §A.5.</summary>
internal static class Inflation
{
    public static Outcome<ArraySegment<byte>> Inflate(Stream stream, long offset, int limit, CancellationToken cancellationToken)
    {
        try
        {
            stream.Position = offset;
            var first = stream.ReadByte();
            var second = stream.ReadByte();

            // The standard wants it raw; some writers put the header of zlib before it, which ends in a check of 31.
            var isZlib = first == 0x78 && second >= 0 && ((first << 8) | second) % 31 == 0;
            stream.Position = offset;
            using Stream inflated = isZlib
                ? new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true)
                : new DeflateStream(stream, CompressionMode.Decompress, leaveOpen: true);
            return ReadAll(inflated, limit, cancellationToken);
        }
        catch (InvalidDataException)
        {
            return Problem.Invalid("The deflated data set is damaged.");
        }
    }

    private static Outcome<ArraySegment<byte>> ReadAll(Stream inflated, int limit, CancellationToken cancellationToken)
    {
        var bytes = new byte[64 << 10];
        var filled = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (filled == bytes.Length)
            {
                if (filled >= limit)
                {
                    return Problem.TooLarge("The deflated data set is larger than this server reads.");
                }

                Array.Resize(ref bytes, (int)Math.Min(bytes.Length * 2L, limit));
            }

            var read = inflated.Read(bytes, filled, bytes.Length - filled);
            if (read == 0)
            {
                return new ArraySegment<byte>(bytes, 0, filled);
            }

            filled += read;
        }
    }
}
