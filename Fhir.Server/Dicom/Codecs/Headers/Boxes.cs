using System.Buffers.Binary;

namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>The boxes JP2 and JPEG XL files are made of: length, type, content. ISO/IEC 15444-1 §I.4.</summary>
internal static class Boxes
{
    /// <summary>Where the content of the first box of a type begins; -1 when there is none.</summary>
    public static int Find(ReadOnlySpan<byte> stream, ReadOnlySpan<byte> type)
    {
        for (long at = 0; at + 8 <= stream.Length;)
        {
            var box = stream[(int)at..];
            long length = BinaryPrimitives.ReadUInt32BigEndian(box);
            var header = 8;
            if (length == 1)
            {
                if (box.Length < 16)
                {
                    return -1;
                }

                (length, header) = (BinaryPrimitives.ReadInt64BigEndian(box[8..]), 16);
            }

            if (box[4..8].SequenceEqual(type))
            {
                return (int)at + header;
            }

            // 0: the box goes on to the end.
            if (length < header || length > stream.Length)
            {
                return -1;
            }

            at += length;
        }

        return -1;
    }
}
