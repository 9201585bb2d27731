using System.Buffers.Binary;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>
/// Where each frame begins: in the basic offset table of 32 bits, in the extended one where those do not reach, or in neither. Before
/// the frames are known their places are zeros. PS3.5 §A.4, PS3.3 §C.7.6.3.1.8.
/// </summary>
internal sealed class OffsetTable
{
    private readonly List<int> lengths = [];
    private bool isBasic;
    private bool isExtended;

    /// <summary>Decides for a kind by the bytes of all fragments, or at most so many.</summary>
    public void Choose(long length, bool isKnown) => (isBasic, isExtended) = (isKnown && length <= uint.MaxValue, isKnown && length > uint.MaxValue);

    public void Add(int length) => lengths.Add(length);

    /// <summary>The content of the first item; empty when there is no basic table.</summary>
    public byte[] Basic(int count)
    {
        var table = new byte[isBasic ? count * 4 : 0];
        foreach (var (frame, offset) in isBasic ? Offsets() : [])
        {
            BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(frame * 4), (uint)offset);
        }

        return table;
    }

    /// <summary>The elements of an extended table, when it is one.</summary>
    public IEnumerable<DicomElement> Elements(int count)
    {
        if (!isExtended)
        {
            return [];
        }

        var (offsets, sizes) = (new byte[count * 8], new byte[count * 8]);
        foreach (var (frame, offset) in Offsets())
        {
            BinaryPrimitives.WriteInt64LittleEndian(offsets.AsSpan(frame * 8), offset);
            BinaryPrimitives.WriteInt64LittleEndian(sizes.AsSpan(frame * 8), lengths[frame]);
        }

        return [new(DicomTag.ExtendedOffsetTable, DicomVr.OV, offsets), new(DicomTag.ExtendedOffsetTableLengths, DicomVr.OV, sizes)];
    }

    private IEnumerable<(int Frame, long Offset)> Offsets()
    {
        var offset = 0L;
        for (var frame = 0; frame < lengths.Count; frame++)
        {
            yield return (frame, offset);
            offset += 8 + lengths[frame] + (lengths[frame] & 1);
        }
    }
}
