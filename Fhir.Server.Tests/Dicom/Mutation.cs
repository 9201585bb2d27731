namespace Fhir.Server.Tests.Dicom;

/// <summary>Spoils inputs in the ways that find faults, always alike for the same seed.</summary>
internal sealed class Mutation(int seed, byte[][] words)
{
    private static readonly byte[] Telling = [0, 1, 0x1B, 0x20, 0x5C, 0x7F, 0x80, 0xE0, 0xFE, 0xFF];
    private readonly Random random = new(seed);

    public byte[] Of(IReadOnlyList<byte[]> seeds)
    {
        var bytes = seeds[random.Next(seeds.Count)].ToList();
        for (var changes = random.Next(1, 6); changes > 0 && bytes.Count > 0; changes--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = random.Next(bytes.Count);
        var count = Math.Min(random.Next(1, 24), bytes.Count - at);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] = (byte)random.Next(256);
                break;
            case 1:
                bytes[at] = Telling[random.Next(Telling.Length)];
                break;
            case 2:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 3:
                bytes.RemoveRange(at, count);
                break;
            case 4:
                bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - count + 1), count));
                break;
            case 5:
                bytes.InsertRange(at, words[random.Next(words.Length)]);
                break;
            case 6:
                for (var i = 0; i < Math.Min(4, bytes.Count - at); i++)
                {
                    bytes[at + i] = Telling[random.Next(Telling.Length)];
                }

                break;
            default:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
        }
    }
}
