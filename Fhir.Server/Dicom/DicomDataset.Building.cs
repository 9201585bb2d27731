using System.Buffers.Binary;

namespace Fhir.Server.Dicom;

/// <content>Making data sets by hand. Odd lengths are padded as PS3.5 §6.2 wants.</content>
public sealed partial class DicomDataset
{
    /// <summary>
    /// Adds text, several values joined by backslashes, in the character set declared so far. When that cannot say it, the text of
    /// the data set is written anew in UTF-8, and so declared.
    /// </summary>
    public DicomDataset Add(DicomTag tag, DicomVr vr, params ReadOnlySpan<string> values)
    {
        if (!vr.IsText)
        {
            throw new ArgumentException($"{vr.Code} is not text.", nameof(vr));
        }

        var text = string.Join('\\', values!);
        if (CharacterSet.Encode(vr, text) is not { } bytes)
        {
            UseUtf8();
            bytes = System.Text.Encoding.UTF8.GetBytes(text);
        }

        return AddBytes(tag, vr, bytes);
    }

    /// <summary>Adds text with the representation the dictionary gives.</summary>
    public DicomDataset Add(DicomTag tag, params ReadOnlySpan<string> values) => Add(tag, DicomDictionary.VrOf(tag), values);

    /// <summary>Adds numbers: binary ones as they are, IS and DS as text.</summary>
    public DicomDataset AddNumbers(DicomTag tag, DicomVr vr, params ReadOnlySpan<double> values)
    {
        if (vr is DicomVr.IS or DicomVr.DS)
        {
            var texts = new string[values.Length];
            for (var i = 0; i < texts.Length; i++)
            {
                texts[i] = values[i].ToString("G10", System.Globalization.CultureInfo.InvariantCulture);
            }

            return Add(tag, vr, texts);
        }

        var size = vr.IsNumber ? vr.UnitSize : throw new ArgumentException($"{vr.Code} is not a number.", nameof(vr));
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++)
        {
            WriteNumber(vr, bytes.AsSpan(i * size), values[i]);
        }

        return Add(new DicomElement(tag, vr, bytes));
    }

    /// <summary>Adds tags as values, representation AT.</summary>
    public DicomDataset AddTags(DicomTag tag, params ReadOnlySpan<DicomTag> values)
    {
        var bytes = new byte[values.Length * 4];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 4), values[i].Group);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan((i * 4) + 2), values[i].Element);
        }

        return Add(new DicomElement(tag, DicomVr.AT, bytes));
    }

    /// <summary>Adds bytes in little endian.</summary>
    public DicomDataset AddBytes(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> value)
    {
        if ((value.Length & 1) != 0)
        {
            var padded = new byte[value.Length + 1];
            value.CopyTo(padded);
            padded[^1] = vr.Padding;
            value = padded;
        }

        return Add(new DicomElement(tag, vr, value));
    }

    /// <summary>Adds a sequence.</summary>
    public DicomDataset AddSequence(DicomTag tag, params IReadOnlyList<DicomDataset> items) => Add(new DicomElement(tag, items));

    /// <summary>Adds encapsulated pixel data, one fragment a frame, with a basic offset table. PS3.5 §A.4.</summary>
    public DicomDataset AddEncapsulated(IReadOnlyList<ReadOnlyMemory<byte>> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        var table = new byte[frames.Count * 4];
        var offset = 0L;
        for (var i = 0; i < frames.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(i * 4), (uint)offset);
            offset += 8 + frames[i].Length + (frames[i].Length & 1);
        }

        var fits = offset <= uint.MaxValue;
        return Add(new DicomElement(DicomTag.PixelData, DicomVr.OB, new DicomFragments(fits ? table : default, [], frames)));
    }

    private static void WriteNumber(DicomVr vr, Span<byte> target, double value)
    {
        switch (vr)
        {
            case DicomVr.US: BinaryPrimitives.WriteUInt16LittleEndian(target, (ushort)value); break;
            case DicomVr.SS: BinaryPrimitives.WriteInt16LittleEndian(target, (short)value); break;
            case DicomVr.UL: BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)value); break;
            case DicomVr.SL: BinaryPrimitives.WriteInt32LittleEndian(target, (int)value); break;
            case DicomVr.UV: BinaryPrimitives.WriteUInt64LittleEndian(target, (ulong)value); break;
            case DicomVr.SV: BinaryPrimitives.WriteInt64LittleEndian(target, (long)value); break;
            case DicomVr.FL: BinaryPrimitives.WriteSingleLittleEndian(target, (float)value); break;
            default: BinaryPrimitives.WriteDoubleLittleEndian(target, value); break;
        }
    }
}
