using System.Buffers;
using System.IO.Compression;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>
/// Inflates a deflated data set into memory. PS3.5 §A.5. It is gone through twice: once to learn how large it becomes, in a small buffer, and
/// again when there is room for it, into memory of just that size.
/// </summary>
internal static class Inflation
{
    private const int BufferLength = 64 << 10;

    /// <summary><c>Invalid</c> when it is damaged, <c>TooLarge</c> above the limit, <c>Unavailable</c> without room in the budget.</summary>
    public static Outcome<InflatedBytes> Inflate(Stream stream, long offset, DicomReadOptions options, CancellationToken cancellationToken)
    {
        try
        {
            if (!Measure(stream, offset, options.InflatedLimit, cancellationToken).TryGet(out var length, out var problem)
                || !(options.Budget ?? InflationBudget.Shared).Take(length, cancellationToken).TryGet(out var lease, out problem))
            {
                return problem;
            }

            var bytes = new InflatedBytes(GC.AllocateUninitializedArray<byte>(length), lease);
            using var inflated = Open(stream, offset);
            for (var filled = 0; filled < length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = inflated.Read(bytes.Whole, filled, Math.Min(BufferLength, length - filled));
                if (read == 0)
                {
                    bytes.LetGo();
                    return Problem.Invalid("The file is shorter than when it was read.");
                }

                filled += read;
            }

            return bytes;
        }
        catch (InvalidDataException)
        {
            return Problem.Invalid("The deflated data set is damaged.");
        }
    }

    private static Outcome<int> Measure(Stream stream, long offset, int limit, CancellationToken cancellationToken)
    {
        using var inflated = Open(stream, offset);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var length = 0L;
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var read = inflated.Read(buffer);
                if (read == 0)
                {
                    return (int)length;
                }

                length += read;
                if (length > limit)
                {
                    return Problem.TooLarge("The deflated data set is larger than this server reads.");
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Stream Open(Stream stream, long offset)
    {
        stream.Position = offset;
        var first = stream.ReadByte();
        var second = stream.ReadByte();

        // The standard wants it raw; some writers put the header of zlib before it, which ends in a check of 31.
        var isZlib = first == 0x78 && second >= 0 && ((first << 8) | second) % 31 == 0;
        stream.Position = offset;
        return isZlib
            ? new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true)
            : new DeflateStream(stream, CompressionMode.Decompress, leaveOpen: true);
    }
}
