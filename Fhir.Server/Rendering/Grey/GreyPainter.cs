using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Samples become bytes to be seen.</summary>
internal static class GreyPainter
{
    /// <summary>By a table of all containers.</summary>
    public static void Paint(GreySamples samples, byte[] table, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(table.Length, 1 << samples.Bits.Allocated);
        ref var entries = ref MemoryMarshal.GetArrayDataReference(table);
        if (samples.Kind == SampleKind.Bytes)
        {
            var bytes = samples.Bytes[..target.Length];
            for (var i = 0; i < bytes.Length; i++)
            {
                target[i] = Unsafe.Add(ref entries, bytes[i]);
            }

            return;
        }

        // The table has an entry for every word, so none can lie outside it.
        var words = MemoryMarshal.Cast<byte, ushort>(samples.Bytes)[..target.Length];
        for (var i = 0; i < words.Length; i++)
        {
            target[i] = Unsafe.Add(ref entries, words[i]);
        }
    }

    /// <summary>One after the other, for samples too wide for a table.</summary>
    public static void Paint(GreySamples samples, GreyPipeline pipeline, Span<byte> target)
    {
        var values = new double[Math.Min(WideSamples.Piece, target.Length)];
        for (var first = 0; first < target.Length; first += values.Length)
        {
            var piece = values.AsSpan(0, Math.Min(values.Length, target.Length - first));
            WideSamples.Take(samples.Kind, samples.Bits, samples.Bytes, first, piece);
            pipeline.Apply(piece, target.Slice(first, piece.Length));
        }
    }
}
