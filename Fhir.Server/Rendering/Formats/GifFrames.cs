using System.Buffers;
using System.Buffers.Binary;

namespace Fhir.Server.Rendering.Formats;

/// <summary>Writes the blocks of a GIF89a. See https://www.w3.org/Graphics/GIF/spec-gif89a.txt</summary>
internal sealed class GifFrames
{
    private const byte HasColours = 0x80;
    private const byte Of256 = 0x07;
    private readonly GifCompressor compressor = new();
    private readonly GifColours colours = new();
    private readonly byte[] table = new byte[GifColours.TableLength];

    /// <summary>Writes a frame, with what goes before the first and behind the last.</summary>
    public void Write(Stream target, Picture picture, TimeSpan duration, bool isFirst, bool isLast, bool moves)
    {
        if (isFirst)
        {
            Begin(target, picture, moves);
        }

        Control(target, duration);
        Span<byte> descriptor = [0x2C, 0, 0, 0, 0, 0, 0, 0, 0, picture.IsColour ? (byte)(HasColours | Of256) : (byte)0];
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[5..], (ushort)picture.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[7..], (ushort)picture.Height);
        target.Write(descriptor);
        if (picture.IsColour)
        {
            WriteColours(target, picture);
        }
        else
        {
            compressor.Write(target, picture.Pixels);
        }

        if (isLast)
        {
            target.WriteByte(0x3B);
        }
    }

    /// <summary>The screen; for grey the greys as they are; to begin anew without end.</summary>
    private static void Begin(Stream target, Picture picture, bool moves)
    {
        target.Write("GIF89a"u8);
        Span<byte> screen = [0, 0, 0, 0, picture.IsColour ? (byte)0x70 : (byte)(HasColours | 0x70 | Of256), 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(screen, (ushort)picture.Width);
        BinaryPrimitives.WriteUInt16LittleEndian(screen[2..], (ushort)picture.Height);
        target.Write(screen);
        if (!picture.IsColour)
        {
            Span<byte> greys = stackalloc byte[GifColours.TableLength];
            for (var i = 0; i < 256; i++)
            {
                greys.Slice(i * 3, 3).Fill((byte)i);
            }

            target.Write(greys);
        }

        if (moves)
        {
            target.Write([0x21, 0xFF, 0x0B]);
            target.Write("NETSCAPE2.0"u8);
            target.Write([3, 1, 0, 0, 0]);
        }
    }

    private static void Control(Stream target, TimeSpan duration)
    {
        Span<byte> control = [0x21, 0xF9, 4, 0x04, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(control[4..], (ushort)Math.Round(duration.TotalMilliseconds / 10));
        target.Write(control);
    }

    private void WriteColours(Stream target, Picture picture)
    {
        var indices = ArrayPool<byte>.Shared.Rent(picture.Width * picture.Height);
        try
        {
            var used = indices.AsSpan(0, picture.Width * picture.Height);
            colours.Reduce(picture.Pixels, table, used);
            target.Write(table);
            compressor.Write(target, used);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(indices);
        }
    }
}
