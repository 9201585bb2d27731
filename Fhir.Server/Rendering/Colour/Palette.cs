using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering.Grey;

namespace Fhir.Server.Rendering.Colour;

/// <summary>Colours by number. Transparency (0028,1204) is not applied. PS3.3 §C.7.6.3.1.5, §C.7.6.3.1.6 and §C.7.9.</summary>
internal sealed class Palette
{
    private readonly byte[][] colours;

    private Palette(int first, byte[][] colours)
    {
        (First, this.colours) = (first, colours);
    }

    /// <summary>The value the first colour is for.</summary>
    public int First { get; }

    /// <summary>How many colours.</summary>
    public int Count => colours[0].Length;

    /// <summary>The colour of a value as 0xBBGGRR; of one outside, the nearest.</summary>
    public uint this[double value]
    {
        get
        {
            var index = (int)Math.Clamp(value - First, 0, Count - 1);
            return colours[0][index] | ((uint)colours[1][index] << 8) | ((uint)colours[2][index] << 16);
        }
    }

    /// <summary>Has the data set any palette?</summary>
    public static bool IsIn(DicomDataset dataset) =>
        dataset.Contains(RenderingTags.RedPaletteData) || dataset.Contains(RenderingTags.SegmentedRedPaletteData);

    /// <summary>Reads the three tables.</summary>
    public static Outcome<Palette> Read(DicomDataset dataset, bool isSigned)
    {
        var (tables, first, bits) = (new ushort[3][], 0, 0);
        for (uint colour = 0; colour < 3; colour++)
        {
            if (Descriptor.Read(dataset, RenderingTags.RedPaletteDescriptor.Plus(colour), isSigned) is not { } descriptor
                || TableOf(dataset, colour, descriptor) is not { Length: > 0 } table)
            {
                return Problem.Invalid("The palette of the image is missing or damaged.");
            }

            (tables[colour], bits) = (table, descriptor.Bits);
            first = colour == 0 ? descriptor.First : first;
        }

        var count = tables.Min(table => table.Length);
        var shift = ShiftOf(tables, bits);
        return new Palette(first, Array.ConvertAll(tables, table => Array.ConvertAll(table[..count], entry => (byte)(entry >> shift))));
    }

    private static ushort[]? TableOf(DicomDataset dataset, uint colour, Descriptor descriptor)
    {
        if (dataset.Find(RenderingTags.SegmentedRedPaletteData.Plus(colour)) is { Value.IsEmpty: false } segmented)
        {
            return SegmentedTable.Expand(segmented.Value.Span, descriptor.Bits, descriptor.Count);
        }

        return dataset.Find(RenderingTags.RedPaletteData.Plus(colour)) is { Value.IsEmpty: false } plain
            ? LookupTable.EntriesOf(plain.Value.Span, descriptor) : null;
    }

    /// <summary>Entries of 16 bits are cut to 8, unless all fit in 8 whatever the descriptor says; larger ones betray 16.</summary>
    private static int ShiftOf(ushort[][] tables, int bits)
    {
        var most = tables.Max(table => table.Max());
        return most <= byte.MaxValue ? 0 : bits is > 8 and < 16 && most < 1 << bits ? bits - 8 : 8;
    }
}
