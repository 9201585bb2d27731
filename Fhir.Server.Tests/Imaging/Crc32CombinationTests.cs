using System.IO.Hashing;
using CsCheck;
using Fhir.Server.Imaging;

namespace Fhir.Server.Tests.Imaging;

/// <summary>A CRC-32 put together from parts is that of one pass.</summary>
[TestFixture]
public sealed class Crc32CombinationTests
{
    [Test]
    public void Parts_of_any_length_combine_to_the_checksum_of_the_whole() =>
        Gen.Byte.Array[0, 3000].Array[0, 8].Sample(
            parts =>
            {
                var crc = parts.Aggregate(0u, (sum, part) => Crc32Combination.Combine(sum, Crc32.HashToUInt32(part), part.Length));
                return crc == Crc32.HashToUInt32([.. parts.SelectMany(part => part)]);
            },
            iter: 500);

    [Test]
    public void A_second_part_of_gigabytes_is_no_harder()
    {
        // A gigabyte of zeros in one step and in a thousand steps.
        var (mega, zeros) = (new byte[1 << 20], 0u);
        var one = Crc32.HashToUInt32(mega);
        for (var i = 0; i < 1024; i++)
        {
            zeros = Crc32Combination.Combine(zeros, one, mega.Length);
        }
        var first = Crc32.HashToUInt32("first"u8);
        var stepwise = first;
        for (var i = 0; i < 1024; i++)
        {
            stepwise = Crc32Combination.Combine(stepwise, one, mega.Length);
        }
        Assert.That(Crc32Combination.Combine(first, zeros, 1L << 30), Is.EqualTo(stepwise));
    }
}
