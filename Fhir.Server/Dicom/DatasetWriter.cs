using System.Buffers;
using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Writes elements in little endian. Encapsulated values always end with a delimiter. PS3.5 §7.</summary>
internal sealed class DatasetWriter(Stream target, bool isExplicit, DicomWriteOptions options)
{
    private readonly DatasetLengths lengths = new(isExplicit, options);

    /// <summary>Bytes a data set will take.</summary>
    public long LengthOf(DicomDataset dataset) => lengths.Of(dataset);

    /// <summary>Writes; the problem, if any, is one of the source. Group lengths that were read are left out: they would be wrong.</summary>
    public Problem? Write(DicomDataset dataset)
    {
        var group = -1;
        foreach (var element in dataset)
        {
            if (element.Tag.IsGroupLength)
            {
                continue;
            }

            if (options.GroupLengths && element.Tag.Group != group)
            {
                group = element.Tag.Group;
                WriteGroupLength(dataset, (ushort)group);
            }

            if (Write(element) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Bytes that <see cref="Write(DicomElement)"/> writes.</summary>
    public long LengthOf(DicomElement element) => lengths.HeaderSize(element) + lengths.OfValue(element);

    /// <summary>Writes one element.</summary>
    public Problem? Write(DicomElement element)
    {
        WriteHeader(element);
        return element.Items is { } items ? WriteItems(items)
            : element.Fragments is { } fragments ? WriteFragments(fragments)
            : WriteValue(element);
    }

    private void WriteGroupLength(DicomDataset dataset, ushort group)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)lengths.OfGroup(dataset, group));
        Write(new DicomElement(new DicomTag(group, 0), DicomVr.UL, length));
    }

    /// <summary>Writes what stands before the value of an element.</summary>
    public void WriteHeader(DicomElement element)
    {
        Span<byte> head = stackalloc byte[12];
        head.Clear();
        var vr = DatasetLengths.WrittenVr(element);
        var isOpen = element.Fragments is not null || (element.Items is not null && options.UndefinedLengths);
        var length = isOpen ? ElementHeader.Undefined : (uint)lengths.OfValue(element);
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
            WriteItemHeader(0xE000, options.UndefinedLengths ? ElementHeader.Undefined : LengthOf(item));
            if (Write(item) is { } problem)
            {
                return problem;
            }

            if (options.UndefinedLengths)
            {
                WriteItemHeader(0xE00D, 0);
            }
        }

        if (options.UndefinedLengths)
        {
            WriteItemHeader(0xE0DD, 0);
        }

        return null;
    }

    private Problem? WriteFragments(DicomFragments fragments)
    {
        WriteItemHeader(0xE000, DatasetLengths.Even(fragments.OffsetTable.Length));
        target.Write(fragments.OffsetTable.Span);
        Pad(fragments.OffsetTable.Length, 0);
        for (var i = 0; i < fragments.Count; i++)
        {
            var length = fragments.LengthOf(i);
            WriteItemHeader(0xE000, DatasetLengths.Even(length));
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
        else if (Copy(bulk, options.SourceIsBigEndian ? element.Vr.UnitSize : 1) is { } problem)
        {
            return problem;
        }

        Pad(element.Length, element.Vr.Padding);
        return null;
    }

    private Problem? Copy(BulkValue bulk, int unit)
    {
        var source = options.Source!;
        source.Position = bulk.Offset;
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
}
