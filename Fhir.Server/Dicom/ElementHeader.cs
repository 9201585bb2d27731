using System.Buffers.Binary;

namespace Fhir.Server.Dicom;

/// <summary>How the elements of a data set are written. PS3.5 §7.1.</summary>
internal readonly record struct Layout(bool IsExplicit, bool IsBigEndian)
{
    public static readonly Layout ExplicitLittle = new(true, false);
    public static readonly Layout ImplicitLittle = new(false, false);
    public static readonly Layout ExplicitBig = new(true, true);

    public ushort Short(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint Long(ReadOnlySpan<byte> bytes) =>
        IsBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public DicomTag Tag(ReadOnlySpan<byte> bytes) => new(Short(bytes), Short(bytes[2..]));
}

/// <summary>What stands before a value: tag, representation and length. PS3.5 §7.1.2, §7.1.3 and §7.5.</summary>
/// <param name="Vr"><c>None</c> when it is not written, or no representation.</param>
/// <param name="Size">Bytes of the header itself; 0 when there were too few to read it.</param>
internal readonly record struct ElementHeader(DicomTag Tag, DicomVr Vr, uint Length, int Size)
{
    public const uint Undefined = 0xFFFFFFFF;
    public const int MaxSize = 12;

    public bool IsUndefined => Length == Undefined;

    public static ElementHeader Read(ReadOnlySpan<byte> bytes, Layout layout)
    {
        if (bytes.Length < 8)
        {
            return default;
        }

        var tag = layout.Tag(bytes);
        if (!layout.IsExplicit || tag.Group == 0xFFFE)
        {
            return new ElementHeader(tag, DicomVr.None, layout.Long(bytes[4..]), 8);
        }

        var vr = (DicomVr)(bytes[4] | (bytes[5] << 8));
        if (!vr.IsKnown)
        {
            return new ElementHeader(tag, DicomVr.None, 0, 8);
        }

        if (!vr.HasLongLength)
        {
            return new ElementHeader(tag, vr, layout.Short(bytes[6..]), 8);
        }

        return bytes.Length < 12 ? default : new ElementHeader(tag, vr, layout.Long(bytes[8..]), 12);
    }
}
