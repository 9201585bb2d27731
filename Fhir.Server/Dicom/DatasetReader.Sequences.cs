using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <content>Sequences of items, and fragments. PS3.5 §7.5 and §A.4.</content>
internal sealed partial class DatasetReader
{
    private bool ReadSequence(DicomDataset dataset, ElementHeader header, long length, Layout layout, int depth)
    {
        // In UN the items are implicit and little endian whatever the file is. PS3.5 §6.2.2 note 2, CP-246.
        var inside = header.Vr == DicomVr.UN ? Layout.ImplicitLittle : layout;
        if (length >= 8)
        {
            inside = Turned(inside);
            if (source.Peek(4) is { Length: 4 } four && inside.Tag(four).Group != 0xFFFE)
            {
                warnings.Add("A sequence does not begin with an item; its bytes are kept as they are.");
                return ReadValue(dataset, header.Tag, DicomVr.UN, length, Layout.ImplicitLittle, depth);
            }
        }

        var (start, bytesBefore) = (source.Position, bytesLeft);
        if (ReadItems(dataset, header.Tag, start + length, false, inside, depth))
        {
            return true;
        }

        if (Problem is not { Kind: ProblemKind.Invalid })
        {
            return false;
        }

        // Its length tells where it ends, so what is behind it can be read all the same.
        Problem = null;
        bytesLeft = bytesBefore;
        source.Seek(start);
        warnings.Add("A sequence is damaged; its bytes are kept as they are.");
        return ReadValue(dataset, header.Tag, DicomVr.UN, length, Layout.ImplicitLittle, depth);
    }

    private bool ReadUndefined(DicomDataset dataset, DicomTag tag, DicomVr written, DicomVr vr, long end, Layout layout, int depth)
    {
        if (written is DicomVr.OB or DicomVr.OW || IsPixels(tag))
        {
            return ReadFragments(dataset, tag, written == DicomVr.OW ? DicomVr.OW : DicomVr.OB, end, layout, depth);
        }

        if (written != DicomVr.UN)
        {
            return written is DicomVr.SQ or DicomVr.None || vr == DicomVr.SQ
                ? ReadItems(dataset, tag, end, true, Turned(layout), depth)
                : Fail("An element that is no sequence has no length");
        }

        return ReadItems(dataset, tag, end, true, Turned(Layout.ImplicitLittle), depth);
    }

    private bool ReadItems(DicomDataset dataset, DicomTag tag, long end, bool untilDelimiter, Layout layout, int depth)
    {
        if (depth >= options.DepthLimit)
        {
            Problem = Problem.TooLarge("Sequences are nested more deeply than this server reads.");
            return false;
        }

        var items = new List<DicomDataset>();
        while (source.Position < end)
        {
            var header = ElementHeader.Read(source.Peek(8), layout);
            if (header.Size == 0 || source.Position + 8 > end)
            {
                return Fail("A sequence ends within an item");
            }

            if (header.Tag == DicomTag.SequenceDelimitationItem)
            {
                source.Skip(8);
                if (untilDelimiter)
                {
                    Keep(dataset, new DicomElement(tag, items));
                    return true;
                }

                continue;
            }

            if (header.Tag != DicomTag.Item)
            {
                return Fail("There is something other than an item in a sequence");
            }

            if (!Count())
            {
                return false;
            }

            var start = source.Position;
            source.Skip(8);
            if (!header.IsUndefined && header.Length > end - source.Position)
            {
                return Fail("An item is longer than its sequence");
            }

            var item = new DicomDataset(dataset) { Offset = start };
            items.Add(item);
            if (!ReadElements(item, header.IsUndefined ? end : source.Position + header.Length, header.IsUndefined, layout, depth + 1))
            {
                return false;
            }
        }

        if (untilDelimiter)
        {
            warnings.Add("A sequence of undefined length has no delimiter.");
        }

        Keep(dataset, new DicomElement(tag, items));
        return true;
    }

    private bool ReadFragments(DicomDataset dataset, DicomTag tag, DicomVr vr, long end, Layout layout, int depth)
    {
        var start = source.Position;
        ReadOnlyMemory<byte>? table = null;
        var places = new List<BulkValue>();
        var values = source.IsMemory ? new List<ReadOnlyMemory<byte>>() : null;
        while (true)
        {
            var header = ElementHeader.Read(source.Peek(8), layout);
            if (header.Size == 0 || source.Position + 8 > end)
            {
                warnings.Add("The pixel data have no end.");
                source.Seek(end);
                break;
            }

            if (header.Tag == DicomTag.SequenceDelimitationItem)
            {
                source.Skip(8);
                break;
            }

            if (header.Tag != DicomTag.Item || header.IsUndefined)
            {
                return Fail("There is something other than a fragment in encapsulated pixel data");
            }

            if (!Count())
            {
                return false;
            }

            source.Skip(8);
            var length = Math.Min(header.Length, end - source.Position);
            if (length < header.Length)
            {
                warnings.Add("The pixel data are cut off.");
            }

            if (table is null)
            {
                if (!ReadOffsetTable(length, out table))
                {
                    return false;
                }

                continue;
            }

            places.Add(new BulkValue(source.Position, length));
            if (values is null)
            {
                source.Skip(length);
            }
            else if (source.Take((int)length) is { } value)
            {
                values.Add(value);
            }
        }

        if (depth == 0 && IsPixels(tag) && Pixels is null)
        {
            Pixels = new FoundPixels(tag, start, source.Position - start, false);
            FragmentPlaces = places;
        }

        Keep(dataset, new DicomElement(tag, vr, new DicomFragments(table ?? default, values is null ? places : [], values)));
        return true;
    }

    /// <summary>Where the fragments of <see cref="Pixels"/> are, also when their bytes are in memory.</summary>
    public IReadOnlyList<BulkValue>? FragmentPlaces { get; private set; }

    private bool ReadOffsetTable(long length, out ReadOnlyMemory<byte>? table)
    {
        table = ReadOnlyMemory<byte>.Empty;
        if (length > options.ElementLimit * 4L || (bytesLeft -= length) < 0)
        {
            warnings.Add("The offset table is too long to be one.");
            source.Skip(length);
            return true;
        }

        table = source.Take((int)length);
        return table is not null || Fail("The file ends within the offset table");
    }
}
