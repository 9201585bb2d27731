using System.Buffers;

namespace Fhir.Server.Rendering;

/// <summary>Pixels ready to be seen, row by row from the top: grey of one byte, or red, green and blue. Give it back with Dispose.</summary>
public sealed class Picture : IDisposable
{
    private byte[]? rented;

    internal Picture(int width, int height, bool isColour)
    {
        (Width, Height, IsColour) = (width, height, isColour);
        rented = ArrayPool<byte>.Shared.Rent(width * height * Channels);
    }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>Three bytes a pixel, not one.</summary>
    public bool IsColour { get; }

    /// <summary>Bytes a pixel.</summary>
    public int Channels => IsColour ? 3 : 1;

    /// <summary>All pixels.</summary>
    public Span<byte> Pixels => (rented ?? throw new ObjectDisposedException(nameof(Picture))).AsSpan(0, Width * Height * Channels);

    /// <summary>One row.</summary>
    public Span<byte> Row(int row) => Pixels.Slice(row * Width * Channels, Width * Channels);

    /// <summary>The same in three bytes a pixel; this one is given back.</summary>
    internal Picture ToColour()
    {
        if (IsColour)
        {
            return this;
        }

        var colour = new Picture(Width, Height, true);
        var from = Pixels;
        var to = colour.Pixels;
        for (var i = 0; i < from.Length; i++)
        {
            to.Slice(i * 3, 3).Fill(from[i]);
        }

        Dispose();
        return colour;
    }

    internal void Invert()
    {
        foreach (ref var sample in Pixels)
        {
            sample = (byte)~sample;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref rented, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
