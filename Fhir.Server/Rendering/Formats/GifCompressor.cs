namespace Fhir.Server.Rendering.Formats;

/// <summary>The LZW of GIF with codes of up to twelve bits, in blocks of 255 bytes. See appendix F of the specification of GIF89a.</summary>
internal sealed class GifCompressor
{
    private const int Clear = 256;
    private const int End = 257;
    private const int CodeLimit = 4096;
    private const int LargestWidth = 12;

    /// <summary>Four times what it may hold, so that looking for a place is short.</summary>
    private const int TableLength = CodeLimit * 4;

    private readonly int[] keys = new int[TableLength];
    private readonly ushort[] codes = new ushort[TableLength];
    private readonly byte[] block = new byte[256];
    private uint bits;
    private int bitCount;
    private int width;
    private int next;

    /// <summary>Writes the indices of one frame, at least one.</summary>
    public void Write(Stream target, ReadOnlySpan<byte> indices)
    {
        target.WriteByte(8);
        (bits, bitCount, block[0]) = (0, 0, 0);
        Forget();
        Emit(target, Clear);
        int prefix = indices[0];
        foreach (var index in indices[1..])
        {
            var key = ((prefix << 8) | index) + 1;
            var place = PlaceOf(key);
            if (keys[place] == key)
            {
                prefix = codes[place];
                continue;
            }

            Emit(target, prefix);
            prefix = index;
            if (next < CodeLimit)
            {
                (keys[place], codes[place]) = (key, (ushort)next++);
                continue;
            }

            Emit(target, Clear);
            Forget();
        }

        Emit(target, prefix);
        Emit(target, End);
        Finish(target);
    }

    private int PlaceOf(int key)
    {
        var place = (int)((uint)key * 2654435761u >> 18);
        while (keys[place] != 0 && keys[place] != key)
        {
            place = (place + 1) & (TableLength - 1);
        }

        return place;
    }

    private void Forget()
    {
        Array.Clear(keys);
        (width, next) = (9, End + 1);
    }

    /// <summary>A code, after which codes are longer when the one that comes to be next needs it.</summary>
    private void Emit(Stream target, int code)
    {
        bits |= (uint)code << bitCount;
        bitCount += width;
        while (bitCount >= 8)
        {
            Put(target, (byte)bits);
            bits >>= 8;
            bitCount -= 8;
        }

        if (next == 1 << width && width < LargestWidth)
        {
            width++;
        }
    }

    /// <summary>The first byte of a block says how many follow.</summary>
    private void Put(Stream target, byte value)
    {
        block[++block[0]] = value;
        if (block[0] == 255)
        {
            target.Write(block);
            block[0] = 0;
        }
    }

    private void Finish(Stream target)
    {
        if (bitCount > 0)
        {
            Put(target, (byte)bits);
        }

        if (block[0] > 0)
        {
            target.Write(block.AsSpan(0, block[0] + 1));
        }

        target.WriteByte(0);
    }
}
