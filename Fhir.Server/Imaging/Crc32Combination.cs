namespace Fhir.Server.Imaging;

/// <summary>The CRC-32 of two texts joined, from the CRC-32 of each and the length of the second (RFC 1952 §8).</summary>
internal static class Crc32Combination
{
    private const uint Polynomial = 0xEDB88320;
    private const int Bits = 32;

    // Row n: the matrix that moves a CRC over 2^n zero bytes. Made once.
    private static readonly uint[][] ZeroBytes = MakeZeroBytes();

    /// <summary>CRC of first + second.</summary>
    public static uint Combine(uint first, uint second, long secondLength)
    {
        for (var n = 0; secondLength > 0; n++, secondLength >>= 1)
        {
            if ((secondLength & 1) != 0)
            {
                first = Times(ZeroBytes[n], first);
            }
        }
        return first ^ second;
    }

    private static uint[][] MakeZeroBytes()
    {
        var oneBit = new uint[Bits];
        oneBit[0] = Polynomial;
        for (var i = 1; i < Bits; i++)
        {
            oneBit[i] = 1u << (i - 1);
        }
        var matrices = new uint[63][];
        matrices[0] = Square(Square(Square(oneBit)));
        for (var n = 1; n < matrices.Length; n++)
        {
            matrices[n] = Square(matrices[n - 1]);
        }
        return matrices;
    }

    private static uint[] Square(uint[] matrix) => [.. matrix.Select(column => Times(matrix, column))];

    private static uint Times(uint[] matrix, uint vector)
    {
        var sum = 0u;
        for (var i = 0; vector != 0; i++, vector >>= 1)
        {
            if ((vector & 1) != 0)
            {
                sum ^= matrix[i];
            }
        }
        return sum;
    }
}
