using System.Buffers.Binary;
using System.Globalization;

namespace Fhir.Server.Dicom;

/// <content>Values as .NET has them. What is absent, empty, unreadable or not loaded is null or an empty list.</content>
public sealed partial class DicomDataset
{
    /// <summary>The first value as text without padding; null when absent or empty. Numbers and tags become text too.</summary>
    public string? GetString(DicomTag tag) => GetStrings(tag) is [{ Length: > 0 } first, ..] ? first : null;

    /// <summary>All values as text without padding; an empty value among others is an empty string.</summary>
    public IReadOnlyList<string> GetStrings(DicomTag tag) => Find(tag) is { } element ? GetStrings(element) : [];

    /// <summary>All values of an element of this data set as text.</summary>
    public IReadOnlyList<string> GetStrings(DicomElement element)
    {
        ArgumentNullException.ThrowIfNull(element);
        if (element.Value.IsEmpty)
        {
            return [];
        }

        if (element.Vr.IsText)
        {
            return CharacterSet.DecodeValues(element.Vr, element.Value.Span);
        }

        var bytes = element.Value.Span;
        var size = element.Vr == DicomVr.AT ? 4 : element.Vr.UnitSize;
        if (!element.Vr.IsNumber && element.Vr != DicomVr.AT)
        {
            return [];
        }

        var values = new string[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var one = bytes.Slice(i * size, size);
            values[i] = element.Vr switch
            {
                DicomVr.AT => ReadTag(one).ToString(),
                DicomVr.UV => BinaryPrimitives.ReadUInt64LittleEndian(one).ToString(CultureInfo.InvariantCulture),
                DicomVr.FL => BinaryPrimitives.ReadSingleLittleEndian(one).ToString(CultureInfo.InvariantCulture),
                DicomVr.FD => BinaryPrimitives.ReadDoubleLittleEndian(one).ToString(CultureInfo.InvariantCulture),
                _ => ReadInteger(element.Vr, one).ToString(CultureInfo.InvariantCulture),
            };
        }

        return values;
    }

    /// <summary>The first value as a whole number.</summary>
    public int? GetInt32(DicomTag tag) => GetInt64(tag) is { } value and >= int.MinValue and <= int.MaxValue ? (int)value : null;

    /// <summary>The first value as a whole number.</summary>
    public long? GetInt64(DicomTag tag)
    {
        if (Find(tag) is not { } element)
        {
            return null;
        }

        var size = element.Vr.UnitSize;
        if (element.Vr.IsNumber && element.Vr is not (DicomVr.FL or DicomVr.FD or DicomVr.UV))
        {
            return element.Value.Length < size ? null : ReadInteger(element.Vr, element.Value.Span[..size]);
        }

        return GetDouble(tag) is { } value && Math.Abs(value) < 9e15 && Math.Floor(value) == value ? (long)value : null;
    }

    /// <summary>The first value as a number.</summary>
    public double? GetDouble(DicomTag tag) => GetDoubles(tag) is [var first, ..] ? first : null;

    /// <summary>All values as numbers; empty when one of them is none.</summary>
    public IReadOnlyList<double> GetDoubles(DicomTag tag)
    {
        var texts = GetStrings(tag);
        var values = new double[texts.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (!TryNumber(texts[i], out values[i]))
            {
                return [];
            }
        }

        return values;
    }

    /// <summary>A decimal comma is met where a point belongs. PS3.5 §6.2.</summary>
    private static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        || (text.AsSpan().Count(',') == 1 && !text.Contains('.')
            && double.TryParse(text.Replace(',', '.'), NumberStyles.Float, CultureInfo.InvariantCulture, out value));

    /// <summary>The first person name. PS3.5 §6.2.1.</summary>
    public DicomPersonName? GetPersonName(DicomTag tag) => GetString(tag) is { } text ? DicomPersonName.Parse(text) : null;

    /// <summary>The items of a sequence; empty when there is none.</summary>
    public IReadOnlyList<DicomDataset> Items(DicomTag tag) => Find(tag)?.Items ?? [];

    /// <summary>Who defined a private element; null when nobody says. PS3.5 §7.8.1.</summary>
    public string? PrivateCreator(DicomTag tag) => tag.IsPrivate && tag.Element > 0xFF ? GetString(tag.CreatorTag) : null;

    /// <summary>A private element by its creator, group and the low byte of its element number. PS3.5 §7.8.1.</summary>
    public DicomElement? FindPrivate(string creator, ushort group, byte element)
    {
        for (var block = 0x10; block <= 0xFF; block++)
        {
            if (IsBlockOf(creator, group, block) && Find(new DicomTag(group, (ushort)((block << 8) | element))) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>The first block of a group that this creator has reserved; null when it has none. PS3.5 §7.8.1.</summary>
    public byte? BlockOf(string creator, ushort group)
    {
        for (var block = 0x10; block <= 0xFF; block++)
        {
            if (IsBlockOf(creator, group, block))
            {
                return (byte)block;
            }
        }

        return null;
    }

    /// <summary>Puts a private tag without a block into its creator's, which is reserved when there is none; false when the group is full.</summary>
    internal bool TryReserve(string creator, ref DicomTag tag)
    {
        if (BlockOf(creator.Trim(), tag.Group) is not { } block)
        {
            block = 0x10;
            while (Contains(new DicomTag(tag.Group, block)))
            {
                if (block++ == 0xFF)
                {
                    return false;
                }
            }

            Add(new DicomTag(tag.Group, block), DicomVr.LO, creator);
        }

        tag = new DicomTag(tag.Group, (ushort)((block << 8) | (tag.Element & 0xFF)));
        return true;
    }

    private bool IsBlockOf(string creator, ushort group, int block) =>
        Find(new DicomTag(group, (ushort)block)) is { } reserved && GetString(reserved.Tag) == creator;

    internal static DicomTag ReadTag(ReadOnlySpan<byte> four) =>
        new(BinaryPrimitives.ReadUInt16LittleEndian(four), BinaryPrimitives.ReadUInt16LittleEndian(four[2..]));

    internal static long ReadInteger(DicomVr vr, ReadOnlySpan<byte> bytes) => vr switch
    {
        DicomVr.US => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        DicomVr.SS => BinaryPrimitives.ReadInt16LittleEndian(bytes),
        DicomVr.UL => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        DicomVr.SL => BinaryPrimitives.ReadInt32LittleEndian(bytes),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes),
    };
}
