using System.Buffers.Binary;
using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Dicom;

/// <summary>Finds the frames of an instance: native ones by counting, encapsulated ones by tables or by their beginnings. PS3.5 §A.4.</summary>
internal sealed class FrameFinder(DicomDataset dataset, ByteSource source, ReadWarnings warnings)
{
    /// <summary>More frames are not told apart: what lists them must stay small, and the largest whole slides have fewer.</summary>
    private const int FrameLimit = 1_000_000;

    private const string NotTold = "It cannot be told which fragments belong to which frame.";

    private readonly bool isCountGiven = dataset.GetInt32(DicomTag.NumberOfFrames) is > 0;
    private int frameCount = Math.Clamp(dataset.GetInt32(DicomTag.NumberOfFrames) ?? 1, 1, FrameLimit);

    public PixelDataLocation Find(FoundPixels found, IReadOnlyList<BulkValue>? fragments)
    {
        if (fragments is not null)
        {
            return new PixelDataLocation(found.Tag, found.Offset, found.Length, true, false, null, Encapsulated(fragments));
        }

        var bits = NativeFrameBits(dataset, found.Tag);
        if (bits <= 0)
        {
            warnings.Add("The header does not say how large a frame is.");
            return new PixelDataLocation(found.Tag, found.Offset, found.Length, false, found.IsBigEndian, null, null);
        }

        var frames = FrameTable.Native(found.Offset, found.Length, bits, frameCount);
        if ((Int128)bits * frameCount > (Int128)found.Length * 8)
        {
            warnings.Add("There are fewer pixels than the header says.");
        }

        long? bytes = bits % 8 == 0 ? bits / 8 : null;
        if (bytes is null && frameCount > 1)
        {
            warnings.Add("Frames begin within bytes.");
        }

        return new PixelDataLocation(found.Tag, found.Offset, found.Length, false, found.IsBigEndian, bytes, frames);
    }

    /// <summary>Bits of one native frame; 0 when the header does not say.</summary>
    public static long NativeFrameBits(DicomDataset dataset, DicomTag tag)
    {
        var rows = dataset.GetInt32(DicomTag.Rows) ?? 0;
        var columns = dataset.GetInt32(DicomTag.Columns) ?? 0;
        var samples = PixelLayout.SamplesOf(dataset);
        var allocated = tag == DicomTag.FloatPixelData ? 32 : tag == DicomTag.DoubleFloatPixelData ? 64
            : dataset.GetInt32(DicomTag.BitsAllocated) ?? 0;
        if (rows is <= 0 or > 0xFFFF || columns is <= 0 or > 0xFFFF || samples is <= 0 or > 16 || allocated is <= 0 or > 64)
        {
            return 0;
        }

        // Two pixels share their colour: four samples where there would be six. PS3.3 §C.7.6.3.1.2.
        var bits = (long)rows * columns * samples * allocated;
        return dataset.GetString(DicomTag.PhotometricInterpretation) switch
        {
            "YBR_FULL_422" or "YBR_PARTIAL_422" when samples == 3 => bits / 3 * 2,
            "YBR_PARTIAL_420" when samples == 3 => bits / 2,
            _ => bits,
        };
    }

    private FrameTable? Encapsulated(IReadOnlyList<BulkValue> fragments)
    {
        if (fragments.Count == 0)
        {
            warnings.Add("There are no fragments in the pixel data.");
            return null;
        }

        if (ByExtendedTable(fragments) is { } extended)
        {
            return extended;
        }

        if (ByBasicTable(fragments) is { } basic)
        {
            return basic;
        }

        if (frameCount == 1)
        {
            return FrameTable.Encapsulated(fragments, [0]);
        }

        if (fragments.Count == frameCount)
        {
            return FrameTable.Encapsulated(fragments, Enumerable.Range(0, frameCount).ToArray());
        }

        if (ByCodestreams(fragments) is { } split)
        {
            return split;
        }

        warnings.Add(NotTold);
        return null;
    }

    /// <summary>(7FE0,0001) and (7FE0,0002): each frame one fragment, with its true length. PS3.3 §C.7.6.3.1.8.</summary>
    private FrameTable? ByExtendedTable(IReadOnlyList<BulkValue> fragments)
    {
        var offsets = dataset.Find(DicomTag.ExtendedOffsetTable)?.Value ?? default;
        var lengths = dataset.Find(DicomTag.ExtendedOffsetTableLengths)?.Value ?? default;
        if (offsets.Length != frameCount * 8L || lengths.Length != offsets.Length || fragments.Count != frameCount)
        {
            return null;
        }

        var frames = new BulkValue[frameCount];
        for (var i = 0; i < frames.Length; i++)
        {
            var offset = BinaryPrimitives.ReadUInt64LittleEndian(offsets.Span[(i * 8)..]);
            var length = BinaryPrimitives.ReadUInt64LittleEndian(lengths.Span[(i * 8)..]);
            var fragment = fragments[i];
            if (offset != (ulong)(fragment.Offset - fragments[0].Offset) || length > (ulong)fragment.Length)
            {
                warnings.Add("The extended offset table does not fit the fragments.");
                return null;
            }

            frames[i] = fragment with { Length = (long)length };
        }

        return FrameTable.Encapsulated(frames, Enumerable.Range(0, frameCount).ToArray());
    }

    private FrameTable? ByBasicTable(IReadOnlyList<BulkValue> fragments)
    {
        var table = (dataset.Find(DicomTag.PixelData)?.Fragments?.OffsetTable ?? default).Span;
        if (table.IsEmpty)
        {
            return null;
        }

        var starts = new int[table.Length / 4];
        var fragment = 0;
        for (var i = 0; i < starts.Length; i++)
        {
            var wanted = fragments[0].Offset + BinaryPrimitives.ReadUInt32LittleEndian(table[(i * 4)..]);
            while (fragment < fragments.Count && fragments[fragment].Offset < wanted)
            {
                fragment++;
            }

            if (fragment == fragments.Count || fragments[fragment].Offset != wanted || (i > 0 && starts[i - 1] == fragment))
            {
                warnings.Add("The basic offset table does not fit the fragments.");
                return null;
            }

            starts[i] = fragment;
        }

        // A table is the better witness when the header gives no number of frames.
        frameCount = isCountGiven ? frameCount : Math.Max(starts.Length, 1);
        if (starts.Length != frameCount || table.Length % 4 != 0 || starts[0] != 0)
        {
            warnings.Add("The basic offset table does not fit the number of frames.");
            return null;
        }

        return FrameTable.Encapsulated(fragments, starts);
    }

    /// <summary>Frames of JPEG and JPEG 2000 begin with a mark; one at the beginning of a fragment begins a frame.</summary>
    private FrameTable? ByCodestreams(IReadOnlyList<BulkValue> fragments)
    {
        if (fragments.Count < frameCount)
        {
            return null;
        }

        var starts = new List<int>(frameCount);
        for (var i = 0; i < fragments.Count && starts.Count <= frameCount; i++)
        {
            source.Seek(fragments[i].Offset);
            if (fragments[i].Length >= 4 && source.Peek(4) is [0xFF, 0xD8, 0xFF, _] or [0xFF, 0x4F, 0xFF, 0x51])
            {
                starts.Add(i);
            }
        }

        if (starts.Count != frameCount || starts[0] != 0)
        {
            return null;
        }

        warnings.Add("Frames were told apart by how they begin; there is no offset table.");
        return FrameTable.Encapsulated(fragments, starts);
    }
}
