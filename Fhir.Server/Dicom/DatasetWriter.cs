using System.Buffers;
using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Writes elements in little endian with defined lengths; only encapsulated values end with a delimiter. PS3.5 §7.</summary>
internal sealed class DatasetWriter(Stream target, bool isExplicit, Stream? source, bool sourceIsBigEndian)
{
    private readonly Dictionary<DicomDataset, long> lengths = [];

    /// <summary>Why this data set cannot be written so; null when it can.</summary>
    public Problem? Check(DicomDataset dataset, bool encapsulated, int depth = 0)
    {
        foreach (var element in dataset)
        {
            if (source is null && (element.Bulk is not null || element.Fragments is { Values: null, Count: > 0 }))
            {
                return Problem.Invalid("A value was not loaded, and its source is not at hand.");
            }

            if (depth == 0 && element.Tag == DicomTag.PixelData && !element.IsEmpty && element.Fragments is not null != encapsulated)
            {
                return Problem.Invalid("The pixel data do not fit the transfer syntax.");
            }

            if (element.Tag.Group is 0x0002 or 0xFFFE or 0)
            {
                return Problem.Invalid("The data set holds elements that do not belong in one.");
            }

            foreach (var item in element.Items ?? [])
            {
                if (Check(item, encapsulated, depth + 1) is { } problem)
                {
                    return problem;
                }
            }
        }

        return LengthOf(dataset) is var length && depth == 0 && dataset.Elements.Any(e => ValueLength(e) > 0xFFFFFFFE)
            ? Problem.TooLarge($"A value is too long for DICOM; the data set would take {length} bytes.") : null;
    }

    public long LengthOf(DicomDataset dataset)
    {
        if (lengths.TryGetValue(dataset, out var known))
        {
            return known;
        }

        var length = 0L;
        foreach (var element in dataset)
        {
            if (!element.Tag.IsGroupLength)
            {
                length += LengthOf(element);
            }
        }

        return lengths[dataset] = length;
    }

    /// <summary>Writes; the problem, if any, is one of the source. Group lengths are left out: retired, and they would be wrong.</summary>
    public Problem? Write(DicomDataset dataset)
    {
        foreach (var element in dataset)
        {
            if (!element.Tag.IsGroupLength && Write(element) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Writes one element.</summary>
    public Problem? Write(DicomElement element)
    {
        WriteHeader(element);
        return element.Items is { } items ? WriteItems(items)
            : element.Fragments is { } fragments ? WriteFragments(fragments)
            : WriteValue(element);
    }

    /// <summary>Bytes that <see cref="Write(DicomElement)"/> writes.</summary>
    public long LengthOf(DicomElement element) => HeaderSize(element) + ValueLength(element);

    private static DicomVr WrittenVr(DicomElement element)
    {
        // Longer than 16 bits can say: UN has 32. PS3.5 §6.2.2 note 7 (CP-1066).
        var vr = element.Vr == DicomVr.None ? DicomVr.UN : element.Vr;
        return !vr.HasLongLength && element.Length > 0xFFFE ? DicomVr.UN : vr;
    }

    private int HeaderSize(DicomElement element) => isExplicit && WrittenVr(element).HasLongLength ? 12 : 8;

    private long ValueLength(DicomElement element)
    {
        if (element.Items is { } items)
        {
            return items.Sum(item => 8 + LengthOf(item));
        }

        if (element.Fragments is not { } fragments)
        {
            return Even(element.Length);
        }

        var length = 8 + Even(fragments.OffsetTable.Length) + 8;
        for (var i = 0; i < fragments.Count; i++)
        {
            length += 8 + Even(fragments.LengthOf(i));
        }

        return length;
    }

    /// <summary>Writes what stands before the value of an element.</summary>
    public void WriteHeader(DicomElement element)
    {
        Span<byte> head = stackalloc byte[12];
        head.Clear();
        var vr = WrittenVr(element);
        var length = element.Fragments is not null ? ElementHeader.Undefined : (uint)ValueLength(element);
        BinaryPrimitives.WriteUInt16LittleEndian(head, element.Tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], element.Tag.Element);
        if (!isExplicit)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head[4..], length);
            target.Write(head[..8]);
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(head[4..], (ushort)vr);
        if (vr.HasLongLength)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head[8..], length);
            target.Write(head);
            return;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(head[6..], (ushort)length);
        target.Write(head[..8]);
    }

    private Problem? WriteItems(IReadOnlyList<DicomDataset> items)
    {
        foreach (var item in items)
        {
            WriteItemHeader(0xE000, LengthOf(item));
            if (Write(item) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private Problem? WriteFragments(DicomFragments fragments)
    {
        WriteItemHeader(0xE000, Even(fragments.OffsetTable.Length));
        target.Write(fragments.OffsetTable.Span);
        for (var i = 0; i < fragments.Count; i++)
        {
            var length = fragments.LengthOf(i);
            WriteItemHeader(0xE000, Even(length));
            if (fragments.Values is { } values)
            {
                target.Write(values[i].Span);
            }
            else if (Copy(fragments.Locations[i], 1) is { } problem)
            {
                return problem;
            }

            Pad(length, 0);
        }

        WriteItemHeader(0xE0DD, 0);
        return null;
    }

    private Problem? WriteValue(DicomElement element)
    {
        if (element.Bulk is not { } bulk)
        {
            target.Write(element.Value.Span);
        }
        else if (Copy(bulk, sourceIsBigEndian ? element.Vr.UnitSize : 1) is { } problem)
        {
            return problem;
        }

        Pad(element.Length, element.Vr.Padding);
        return null;
    }

    private Problem? Copy(BulkValue bulk, int unit)
    {
        source!.Position = bulk.Offset;
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            for (var left = bulk.Length; left > 0;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(left, 64 << 10));
                if (source.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length)
                {
                    return Problem.Invalid("The source of a value is shorter than when it was read.");
                }

                ByteOrder.Turn(part, unit);
                target.Write(part);
                left -= part.Length;
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteItemHeader(ushort element, long length)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(head, 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], element);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], (uint)length);
        target.Write(head);
    }

    private void Pad(long length, byte padding)
    {
        if ((length & 1) != 0)
        {
            target.WriteByte(padding);
        }
    }

    private static long Even(long length) => length + (length & 1);
}
