namespace Fhir.Server.Dicom;

/// <content>What real files do although they should not.</content>
internal sealed partial class DatasetReader
{
    /// <summary>Items written without representations inside a file that is written with them, or the reverse.</summary>
    private Layout Settle(Layout layout, long end)
    {
        var left = end - source.Position;
        if (left < 8 || source.Peek(ElementHeader.MaxSize) is not { Length: >= 8 } first || layout.Tag(first).Group == 0xFFFE)
        {
            return layout;
        }

        var hasVr = ((DicomVr)(first[4] | (first[5] << 8))).IsKnown;
        if (hasVr == layout.IsExplicit)
        {
            return layout;
        }

        var ahead = source.Peek((int)Math.Min(left, 512));
        var fitsImplicit = LayoutGuess.FitsImplicit(ahead, left);
        if (layout.IsExplicit && fitsImplicit)
        {
            warnings.Add("An item is written without value representations in a file that has them.");
            return Layout.ImplicitLittle;
        }

        var explicitly = layout with { IsExplicit = true };
        if (layout.IsExplicit || fitsImplicit || !LayoutGuess.FitsExplicit(ahead, explicitly))
        {
            return layout;
        }

        warnings.Add("An item is written with value representations where there should be none.");
        return explicitly;
    }

    /// <summary>The byte order of the items of a sequence, told from the tag of the first.</summary>
    private Layout Turned(Layout layout)
    {
        var turned = layout with { IsBigEndian = !layout.IsBigEndian };
        if (source.Peek(4) is not { Length: 4 } four || layout.Tag(four).Group == 0xFFFE || turned.Tag(four) != DicomTag.Item)
        {
            return layout;
        }

        warnings.Add("A sequence is written in another byte order than the file.");
        return turned;
    }

    /// <summary>Reads past an item that is in no sequence: it says nothing of what it belongs to.</summary>
    private bool DropItem(DicomDataset dataset, long end, Layout layout, int depth)
    {
        var header = ElementHeader.Read(source.Peek(8), layout);
        if (header.Size == 0 || depth >= options.DepthLimit || !Count() || (!header.IsUndefined && header.Length > end - source.Position - 8))
        {
            return Problem is null && Fail("There is an item outside a sequence");
        }

        warnings.Add("There is an item outside a sequence; it is left out.");
        source.Skip(8);
        return ReadElements(
            new DicomDataset(dataset), header.IsUndefined ? end : source.Position + header.Length, header.IsUndefined, layout, depth + 1);
    }

    /// <summary>
    /// The two letters are no representation. Of the three ways the length can be written the first is taken after which a
    /// higher tag, a delimiter, or the end follows.
    /// </summary>
    private bool Mend(ref ElementHeader header, Layout layout, long end)
    {
        var ahead = source.Peek(4096);
        var left = end - source.Position;
        var tag = header.Tag;
        var isUpper = ahead[4] is >= (byte)'A' and <= (byte)'Z' && ahead[5] is >= (byte)'A' and <= (byte)'Z';
        ReadOnlySpan<(int At, int Size)> ways = ahead[6] == 0 && ahead[7] == 0 && (isUpper || ahead[4] != 0 || ahead[5] == 0)
            ? [(8, 12), (6, 8), (4, 8)] : [(6, 8), (4, 8), (8, 12)];
        foreach (var (at, size) in ways)
        {
            if (ahead.Length < size)
            {
                continue;
            }

            var length = at == 6 ? layout.Short(ahead[6..]) : layout.Long(ahead[at..]);
            if (length != ElementHeader.Undefined && Continues(ahead, size + (long)length, left, layout, tag))
            {
                warnings.Add("An element has no valid value representation; it is taken from the dictionary.");
                header = new ElementHeader(tag, DicomVr.None, length, size);
                return true;
            }
        }

        return false;
    }

    private static bool Continues(ReadOnlySpan<byte> ahead, long next, long left, Layout layout, DicomTag tag)
    {
        if (next >= left)
        {
            return next == left;
        }

        if (next + 6 > ahead.Length)
        {
            return false;
        }

        var after = layout.Tag(ahead[(int)next..]);
        var vr = (DicomVr)(ahead[(int)next + 4] | (ahead[(int)next + 5] << 8));
        return after.Group == 0xFFFE || (after > tag && vr.IsKnown);
    }

    private bool IsZero(long end)
    {
        var ahead = source.Peek((int)Math.Min(end - source.Position, 4096));
        return !ahead.ContainsAnyExcept((byte)0);
    }

    private bool SkipTrailing(long end)
    {
        // Padding, or the beginning of an element that was cut off?
        if (source.Peek((int)Math.Min(end - source.Position, 8)).ContainsAnyExcept((byte)0, (byte)' ', (byte)'\n'))
        {
            return Fail("The file ends within the header of an element");
        }

        warnings.Add("There are bytes after the last element.");
        source.Seek(end);
        return true;
    }
}
