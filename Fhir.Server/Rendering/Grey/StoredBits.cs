using Fhir.Server.Dicom.Codecs;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Which bits of a container are the stored value; what lies beside them, such as an embedded overlay, is left out. PS3.5 §8.1.1.</summary>
/// <param name="Allocated">Bits of the container: 8, 16, 32 or 64.</param>
/// <param name="Stored">Bits of the value.</param>
/// <param name="Shift">Where the lowest of them is.</param>
/// <param name="IsSigned">The highest is a sign.</param>
internal readonly record struct StoredBits(int Allocated, int Stored, int Shift, bool IsSigned)
{
    /// <summary>The lowest value.</summary>
    public double Lowest => IsSigned ? -Math.ScaleB(1, Stored - 1) : 0;

    /// <summary>The highest value.</summary>
    public double Highest => Math.ScaleB(1, IsSigned ? Stored - 1 : Stored) - 1;

    /// <summary>What a layout says, or the nearest that can be.</summary>
    public static StoredBits Of(PixelLayout layout)
    {
        var most = layout.BitsAllocated;
        var stored = layout.BitsStored is var bits && bits >= 1 && bits <= most ? bits : most;
        var high = layout.HighBit >= stored - 1 && layout.HighBit < most ? layout.HighBit : stored - 1;
        return new StoredBits(most, stored, high - stored + 1, layout.IsSigned && stored > 1);
    }

    /// <summary>The bits of the value within a container of at most 16 bits.</summary>
    public int CodeOf(int container) => (container >> Shift) & ((1 << Stored) - 1);

    /// <summary>The value of such bits.</summary>
    public double ValueOf(int code) => IsSigned && (code >> (Stored - 1)) != 0 ? code - (1 << Stored) : code;

    /// <summary>The value of a container of any size.</summary>
    public double ValueOf(ulong container)
    {
        var code = container >> Shift;
        var unused = 64 - Stored;
        return IsSigned ? (long)(code << unused) >> unused : code << unused >> unused;
    }
}
