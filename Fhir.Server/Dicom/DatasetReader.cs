using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>
/// Reads elements, items and fragments, PS3.5 §7. A method answers false when the reading cannot go on; <see cref="Problem"/> then says why.
/// Lengths are checked against what is left before anything is allocated.
/// </summary>
internal sealed partial class DatasetReader(ByteSource source, DicomReadOptions options, ReadWarnings warnings, CancellationToken cancellationToken)
{
    /// <summary>So many elements may be out of order: each moves those behind it, and a file full of them would take hours.</summary>
    internal const int StraysLimit = 2000;

    private int elementsLeft = options.ElementLimit;
    private long bytesLeft = options.HeaderLimit;
    private int strays;

    /// <summary>Why the reading stopped.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>The pixels of the data set itself, not those of an icon within it.</summary>
    public FoundPixels? Pixels { get; private set; }

    /// <summary>Reads the file meta, all of group 0002. PS3.10 §7.1.</summary>
    public bool ReadMeta(DicomDataset meta)
    {
        var layout = Layout.ExplicitLittle;
        if (ElementHeader.Read(source.Peek(8), layout) is { Vr: DicomVr.None } && LayoutGuess.FitsImplicit(source.Peek(64), source.Length))
        {
            layout = Layout.ImplicitLittle;
            warnings.Add("The file meta is written without value representations.");
        }

        long? end = null;
        while (source.Peek(4) is { Length: 4 } four && Layout.ExplicitLittle.Tag(four).Group == 0x0002)
        {
            if (!ReadElement(meta, source.Length, layout, 0))
            {
                return false;
            }

            end ??= meta.GetInt64(DicomTag.FileMetaInformationGroupLength) is { } length ? source.Position + length : null;
        }

        if (end is not null && end != source.Position)
        {
            // The elements say themselves where they end.
            warnings.Add("The file meta is not as long as it says.");
        }

        return true;
    }

    /// <summary>Reads the elements of a data set up to the end of its source.</summary>
    public bool ReadDataset(DicomDataset dataset, Layout layout) => ReadElements(dataset, source.Length, false, layout, 0);

    private bool ReadElements(DicomDataset dataset, long end, bool untilDelimiter, Layout layout, int depth)
    {
        layout = depth > 0 ? Settle(layout, end) : layout;
        while (source.Position < end)
        {
            if (end - source.Position < 8)
            {
                return depth == 0 ? SkipTrailing(end) : Fail("An item ends within an element");
            }

            if (source.Peek(4) is not { Length: 4 } four)
            {
                return Fail("The file ends before its length");
            }

            var tag = layout.Tag(four);
            if (tag.Group == 0xFFFE)
            {
                if (tag == DicomTag.ItemDelimitationItem && untilDelimiter)
                {
                    source.Skip(8);
                    return true;
                }

                if (untilDelimiter && tag.Element is 0xE000 or 0xE0DD)
                {
                    warnings.Add("An item of undefined length has no delimiter.");
                    return true;
                }

                if (tag == DicomTag.Item)
                {
                    if (!DropItem(dataset, end, layout, depth))
                    {
                        return false;
                    }

                    continue;
                }

                warnings.Add("There is a delimiter where nothing is to be delimited.");
                source.Skip(8);
                if (!Count())
                {
                    return false;
                }

                continue;
            }

            if (depth == 0 && tag.Value == 0 && IsZero(end))
            {
                return SkipTrailing(end);
            }

            if (!ReadElement(dataset, end, layout, depth))
            {
                return false;
            }
        }

        if (untilDelimiter && end == source.Length)
        {
            warnings.Add("An item of undefined length has no delimiter.");
        }

        return true;
    }

    private bool ReadElement(DicomDataset dataset, long end, Layout layout, int depth)
    {
        var header = ElementHeader.Read(source.Peek(ElementHeader.MaxSize), layout);
        if (header.Size > 0 && header.Vr == DicomVr.None && layout.IsExplicit && !Mend(ref header, layout, end))
        {
            return Fail("An element has no valid value representation");
        }

        if (header.Size == 0 || source.Position + header.Size > end)
        {
            return Fail("The data end within the header of an element");
        }

        if (!Count())
        {
            return false;
        }

        var start = source.Position;
        source.Skip(header.Size);
        var left = end - source.Position;
        var vr = VrOf(dataset, header, layout);
        if (header.IsUndefined)
        {
            return ReadUndefined(dataset, header.Tag, header.Vr, vr, end, layout, depth);
        }

        long length = header.Length;
        if (length > left)
        {
            if (!IsPixels(header.Tag))
            {
                source.Seek(start);
                return Fail("An element is longer than the data that are left");
            }

            warnings.Add("The pixel data are cut off.");
            length = left;
        }

        return vr == DicomVr.SQ
            ? ReadSequence(dataset, header, length, layout, depth)
            : ReadValue(dataset, header.Tag, vr, length, layout, depth);
    }

    private bool ReadValue(DicomDataset dataset, DicomTag tag, DicomVr vr, long length, Layout layout, int depth)
    {
        if (depth == 0 && IsPixels(tag) && Pixels is null)
        {
            Pixels = new FoundPixels(tag, source.Position, length, layout.IsBigEndian);
        }

        if ((length & 1) != 0)
        {
            warnings.Add("A value has an odd length.");
        }

        var isTable = tag == DicomTag.ExtendedOffsetTable || tag == DicomTag.ExtendedOffsetTableLengths;
        var limit = vr.IsBulk && !isTable ? options.BulkThreshold : options.ValueLimit;
        if (length > limit || (IsPixels(tag) && length > 0))
        {
            if (!source.IsMemory || length > int.MaxValue)
            {
                Keep(dataset, new DicomElement(tag, vr, new BulkValue(source.Position, length)));
                source.Skip(length);
                return true;
            }
        }
        else if (!source.IsMemory && (bytesLeft -= length) < 0)
        {
            Problem = Problem.TooLarge("The header of the file is larger than this server reads.");
            return false;
        }

        if (source.Take((int)length) is not { } value)
        {
            return Fail("The file ends within a value");
        }

        if (layout.IsBigEndian)
        {
            ByteOrder.Turn(value.Span, vr.UnitSize);
        }

        if (vr.IsFreeText && !System.Text.Ascii.IsValid(value.Span) && dataset.CharacterSet.IsDefault)
        {
            warnings.Add("There is text beyond ASCII, but no character set that covers it is declared.");
        }

        Keep(dataset, new DicomElement(tag, vr, value));
        return true;
    }

    private void Keep(DicomDataset dataset, DicomElement element)
    {
        if (dataset.Count > 0 && dataset.Elements[^1].Tag >= element.Tag)
        {
            warnings.Add("The elements are not in the order of their tags.");
            strays++;
            if (dataset.Contains(element.Tag))
            {
                warnings.Add("An element occurs twice; the first is kept.");
                return;
            }
        }

        dataset.Add(element);
        if (element.Tag == DicomTag.SpecificCharacterSet && dataset.CharacterSet.Warning is { } warning)
        {
            warnings.Add(warning);
        }
    }

    private static DicomVr VrOf(DicomDataset dataset, ElementHeader header, Layout layout)
    {
        if (header.Vr is not (DicomVr.None or DicomVr.UN))
        {
            return header.Vr;
        }

        // A writer that did not know an element of the standard wrote UN; here it is known. PS3.5 §6.2.2.
        var known = DicomDictionary.VrOf(header.Tag, dataset);
        return layout.IsBigEndian && header.Vr == DicomVr.UN ? DicomVr.UN : known;
    }

    private static bool IsPixels(DicomTag tag) =>
        tag == DicomTag.PixelData || tag == DicomTag.FloatPixelData || tag == DicomTag.DoubleFloatPixelData;

    private bool Count()
    {
        if (((options.ElementLimit - elementsLeft) & 0xFFF) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (strays > StraysLimit)
        {
            return Fail("Too many elements are not in the order of their tags");
        }

        if (--elementsLeft >= 0)
        {
            return true;
        }

        Problem = Problem.TooLarge("The file has more elements than this server reads.");
        return false;
    }

    private bool Fail(string what)
    {
        Problem = Problem.Invalid($"{what} (at byte {source.Position} of {source.Length}).");
        return false;
    }
}
