using System.Runtime.CompilerServices;
using static Fhir.Server.Hosting.Demo.Solids;

namespace Fhir.Server.Hosting.Demo;

/// <summary>The phased array that films <see cref="EchoHeart"/> over one beat, as a sector with a scale of depth beside it.</summary>
internal static class EchoScan
{
    public const int Frames = 40, Columns = 320, Rows = 240;

    /// <summary>The pixel at the transducer.</summary>
    public const int ApexColumn = 160, ApexRow = 5;

    /// <summary>In ms; the frames last a second, which is a beat.</summary>
    public const int FrameTime = 25;

    /// <summary>In mm.</summary>
    public const double Spacing = 0.65, Depth = 150;

    /// <summary>The sine of the angle at which the sector ends; beams lie evenly by their sines.</summary>
    public const double Reach = 0.64;

    private const int Beams = 121, Samples = 226;
    private const double SampleStep = Depth / (Samples - 1), BeamStep = 2 * Reach / (Beams - 1), Nearest = 3;

    /// <summary>All frames, one after the other.</summary>
    public static byte[] Film()
    {
        var film = new byte[Frames * Rows * Columns];
        Parallel.For(0, Frames, frame => Convert(Listen(frame), film.AsSpan(frame * Rows * Columns, Rows * Columns)));
        return film;
    }

    /// <summary>What comes back along each beam, compressed to be seen, from 0 to 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double[] Listen(int frame)
    {
        var phase = (double)frame / Frames;
        var heart = new EchoHeart(EchoBeat.Contraction(phase), EchoBeat.Opening(phase));
        var lines = new double[Beams * Samples];
        for (var beam = 0; beam < Beams; beam++)
        {
            var sine = (beam * BeamStep) - Reach;
            var direction = new Place(sine, 0, Math.Sqrt(1 - (sine * sine)));
            var gain = (0.75 + (0.25 * HashNoise.Smooth(new(beam, 0, 0), 17, 94))) * (1 - (0.6 * Step(0.5, Reach, Math.Abs(sine))));
            for (var sample = 1; sample < Samples; sample++)
            {
                var away = sample * SampleStep;
                var place = direction * away;
                var rest = heart.AtRest(place);
                var echo = heart.EchoAt(place, rest, direction) * gain * (1 - (away / 240));
                lines[(beam * Samples) + sample] = Compress((echo * Speckle(rest)) + (0.0022 * Hiss(beam, sample, frame) * (1 + (away / 100))));
            }
        }
        return lines;
    }

    /// <summary>The sum of many small echoes, which is as often weak as strong; finer along the beam than across.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Speckle(in Place matter)
    {
        var away = matter.Length;
        var lattice = new Place(away / 1.6, matter.X / (away + 1e-9) / 0.019, 0.5);
        var (real, imaginary) = (HashNoise.Smooth(lattice, 1, 95), HashNoise.Smooth(lattice, 1, 96));
        return 1.9 * Math.Sqrt((real * real) + (imaginary * imaginary));
    }

    /// <summary>Of the amplifier.</summary>
    private static double Hiss(int beam, int sample, int frame) => Math.Abs(HashNoise.Grain(beam, sample, frame + 3000));

    /// <summary>The fourth root of an echo, nearly what a logarithm would make of it; the weakest are black.</summary>
    private static double Compress(double echo) => Math.Clamp(((Math.Sqrt(Math.Sqrt(echo)) * 1.42) - 0.31) * 255, 0, 255);

    /// <summary>From beams to pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Convert(double[] lines, Span<byte> picture)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
            {
                var (x, z) = ((column - ApexColumn) * Spacing, (row - ApexRow) * Spacing);
                var away = Math.Sqrt((x * x) + (z * z));
                if (z > 0 && away is > Nearest and < Depth && Math.Abs(x) < Reach * away)
                {
                    picture[(row * Columns) + column] = (byte)Math.Round(Between(lines, ((x / away) + Reach) / BeamStep, away / SampleStep));
                }
            }
        }
        Measure(picture);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Between(double[] lines, double beam, double sample)
    {
        var (i, j) = (Math.Min((int)beam, Beams - 2), Math.Min((int)sample, Samples - 2));
        var at = (i * Samples) + j;
        return Lerp(Lerp(lines[at], lines[at + 1], sample - j), Lerp(lines[at + Samples], lines[at + Samples + 1], sample - j), beam - i);
    }

    /// <summary>A mark for each cm of depth, a longer one for five; and what is grey between black and white.</summary>
    private static void Measure(Span<byte> picture)
    {
        for (var mark = 0; mark * 10 <= Depth; mark++)
        {
            var row = ApexRow + (int)Math.Round(mark * 10 / Spacing);
            picture.Slice((row * Columns) + Columns - 4, mark % 5 == 0 ? 4 : 2).Fill(200);
        }
        for (var row = 0; row < 64; row++)
        {
            picture.Slice(((row + 10) * Columns) + 6, 6).Fill((byte)(255 - (row * 4)));
        }
    }
}
