using System.Buffers.Binary;
using System.Numerics;
using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Grey;

/// <summary>A table of an image: values below its first are mapped like it, values above its last like that. PS3.3 §C.11.1.1.1.</summary>
internal sealed class LookupTable : IEquatable<LookupTable>
{
    private readonly ushort[] entries;

    public LookupTable(int first, int bits, ushort[] entries)
    {
        (First, Bits, this.entries) = (first, bits, entries);
        Highest = BrightestOf(bits, entries);
    }

    /// <summary>The first value that is mapped.</summary>
    public int First { get; }

    /// <summary>Bits of an entry.</summary>
    public int Bits { get; }

    /// <summary>How many entries.</summary>
    public int Count => entries.Length;

    /// <summary>The entry that stands for white.</summary>
    public double Highest { get; }

    /// <summary>What a value is mapped to.</summary>
    public ushort this[double value] => Entry((int)Math.Clamp(Math.Floor(value - First + 0.5), 0, entries.Length - 1));

    /// <summary>An entry by its number, or the nearest.</summary>
    public ushort Entry(int index) => entries[Math.Clamp(index, 0, entries.Length - 1)];

    /// <summary>Reads the first of <c>(0028,3002)</c> and <c>(0028,3006)</c> of an item; null when it has no usable table.</summary>
    /// <param name="item">The item.</param>
    /// <param name="isSigned">The first value that is mapped may be negative.</param>
    public static LookupTable? Read(DicomDataset item, bool isSigned)
    {
        if (Descriptor.Read(item, DicomTag.LUTDescriptor, isSigned) is not { } descriptor || item.Find(DicomTag.LUTData) is not { Value.IsEmpty: false } data)
        {
            return null;
        }

        var entries = EntriesOf(data.Value.Span, descriptor);
        return entries.Length == 0 ? null : new LookupTable(descriptor.First, descriptor.Bits, entries);
    }

    public bool Equals(LookupTable? other) =>
        other is not null && First == other.First && Bits == other.Bits && entries.AsSpan().SequenceEqual(other.entries);

    public override bool Equals(object? obj) => Equals(obj as LookupTable);

    public override int GetHashCode() => HashCode.Combine(First, Bits, entries.Length, entries[^1]);

    /// <summary>Entries in words, or, when there are as many bytes as entries, in bytes. A short table ends earlier.</summary>
    internal static ushort[] EntriesOf(ReadOnlySpan<byte> data, Descriptor descriptor)
    {
        var isBytes = descriptor.Bits <= 8 && data.Length < descriptor.Count * 2;
        var entries = new ushort[Math.Min(descriptor.Count, isBytes ? data.Length : data.Length / 2)];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = isBytes ? data[i] : BinaryPrimitives.ReadUInt16LittleEndian(data[(i * 2)..]);
        }

        return entries;
    }

    /// <summary>Some tables declare 16 bits and use 12, or declare 8 and use 16: then the entries are the better witness.</summary>
    private static double BrightestOf(int bits, ushort[] entries)
    {
        var most = 0;
        foreach (var entry in entries)
        {
            most = Math.Max(most, entry);
        }

        var declared = (1 << bits) - 1;
        return most > declared || most <= declared / 4 ? Math.Max(1, (1 << (32 - BitOperations.LeadingZeroCount((uint)most))) - 1) : declared;
    }
}

/// <summary>What precedes a table. PS3.3 §C.11.1.1.1.</summary>
/// <param name="Count">Entries.</param>
/// <param name="First">First value that is mapped.</param>
/// <param name="Bits">Bits of an entry, 8 to 16.</param>
internal readonly record struct Descriptor(int Count, int First, int Bits)
{
    private const int Most = 65536;

    /// <summary>Reads one; null when there is none that makes sense.</summary>
    public static Descriptor? Read(DicomDataset holder, DicomTag tag, bool isSigned)
    {
        var values = holder.GetDoubles(tag);
        if (values.Count < 3)
        {
            return null;
        }

        var (count, first, bits) = ((int)values[0], (int)values[1], (int)values[2]);
        first = isSigned && first > short.MaxValue ? first - Most : !isSigned && first < 0 ? first + Most : first;
        // 0 means 65536, and what is negative was written as SS though meant as US. Other numbers are no length.
        count = count <= 0 ? count + Most : count;
        return bits is < 1 or > 16 || count is < 1 or > Most ? null : new Descriptor(count, first, bits);
    }
}
