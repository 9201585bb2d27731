using System.Buffers.Binary;
using System.Text;

namespace Fhir.Server.Rendering.Colour;

/// <summary>
/// A colour space of three primaries and a curve: its ICC profile, and the way from sRGB, which pixels are taken for that say
/// nothing else. PS3.18 §8.3.5.1.5, ICC.1:2001-04.
/// </summary>
public sealed class ColourSpace
{
    private const int CurveLength = 1024;
    private const int EncodedLevels = 1 << 12;
    private const double Gamma22 = 563 / 256.0;
    private const double Gamma18 = 461 / 256.0;

    // Primaries in the connection space (XYZ, D50), column by column: red, green, blue.
    private static readonly double[] SrgbPrimaries = [0.43607, 0.22249, 0.01392, 0.38515, 0.71687, 0.09708, 0.14307, 0.06061, 0.71410];

    private readonly string name;
    private readonly double[] primaries;
    private readonly double? gamma;
    private readonly Lazy<byte[]> profile;
    private readonly Lazy<byte[]> encoded;

    private ColourSpace(string name, double[] primaries, double? gamma)
    {
        (this.name, this.primaries, this.gamma) = (name, primaries, gamma);
        profile = new(Build);
        encoded = new(() => [.. Enumerable.Range(0, EncodedLevels).Select(i => (byte)Math.Round(255 * Encode(i / (EncodedLevels - 1.0))))]);
    }

    /// <summary>IEC 61966-2-1.</summary>
    public static ColourSpace Srgb { get; } = new("sRGB IEC61966-2.1", SrgbPrimaries, null);

    /// <summary>Adobe RGB (1998).</summary>
    public static ColourSpace AdobeRgb { get; } = new(
        "Compatible with Adobe RGB (1998)", [0.60974, 0.31111, 0.01947, 0.20528, 0.62567, 0.06087, 0.14919, 0.06322, 0.74457], Gamma22);

    /// <summary>ROMM RGB, ISO 22028-2; its curve without the straight beginning.</summary>
    public static ColourSpace RommRgb { get; } = new(
        "ROMM RGB", [0.79767, 0.28804, 0, 0.13519, 0.71188, 0, 0.03134, 0.00009, 0.82491], Gamma18);

    /// <summary>Display P3.</summary>
    public static ColourSpace DisplayP3 { get; } = new(
        "Display P3", [0.51512, 0.24120, -0.00105, 0.29198, 0.69225, 0.04189, 0.15710, 0.06657, 0.78407], null);

    /// <summary>Its ICC profile, version 2.</summary>
    public ReadOnlyMemory<byte> Profile => profile.Value;

    /// <summary>Whether a profile from elsewhere is one of RGB that a picture may carry.</summary>
    public static bool IsProfileOfRgb(ReadOnlySpan<byte> profile) => profile.Length >= 132
        && BinaryPrimitives.ReadUInt32BigEndian(profile) == profile.Length
        && profile.Slice(36, 4).SequenceEqual("acsp"u8) && profile.Slice(16, 4).SequenceEqual("RGB "u8);

    /// <summary>Whether a profile from elsewhere calls itself sRGB.</summary>
    public static bool IsNamedSrgb(ReadOnlySpan<byte> profile) => profile.IndexOf("sRGB"u8) >= 0 || profile.IndexOf("s\0R\0G\0B"u8) >= 0;

    /// <summary>Turns pixels of sRGB, red, green and blue, into those of this space.</summary>
    public void FromSrgb(Span<byte> rgb)
    {
        if (this == Srgb)
        {
            return;
        }

        var matrix = Times(Inverse(primaries), SrgbPrimaries);
        Span<double> linear = stackalloc double[256];
        for (var i = 0; i < 256; i++)
        {
            linear[i] = Srgb.Decode(i / 255.0);
        }

        var curve = encoded.Value;
        for (var i = 0; i + 2 < rgb.Length; i += 3)
        {
            var (red, green, blue) = (linear[rgb[i]], linear[rgb[i + 1]], linear[rgb[i + 2]]);
            for (var row = 0; row < 3; row++)
            {
                var value = (matrix[row] * red) + (matrix[3 + row] * green) + (matrix[6 + row] * blue);
                rgb[i + row] = curve[(int)Math.Round(Math.Clamp(value, 0, 1) * (EncodedLevels - 1))];
            }
        }
    }

    private double Decode(double value) => gamma is { } power ? Math.Pow(value, power)
        : value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);

    private double Encode(double value) => gamma is { } power ? Math.Pow(value, 1 / power)
        : value <= 0.0031308 ? value * 12.92 : (1.055 * Math.Pow(value, 1 / 2.4)) - 0.055;

    /// <summary>Of matrices column by column.</summary>
    private static double[] Times(double[] left, double[] right) => [.. Enumerable.Range(0, 9)
        .Select(i => Enumerable.Range(0, 3).Sum(k => left[(k * 3) + (i % 3)] * right[(i / 3 * 3) + k]))];

    private static double[] Inverse(double[] m)
    {
        double Minor(int a, int b, int c, int d) => (m[a] * m[d]) - (m[b] * m[c]);
        var determinant = (m[0] * Minor(4, 5, 7, 8)) - (m[3] * Minor(1, 2, 7, 8)) + (m[6] * Minor(1, 2, 4, 5));
        double[] adjugate =
        [
            Minor(4, 5, 7, 8), -Minor(1, 2, 7, 8), Minor(1, 2, 4, 5),
            -Minor(3, 5, 6, 8), Minor(0, 2, 6, 8), -Minor(0, 2, 3, 5),
            Minor(3, 4, 6, 7), -Minor(0, 1, 6, 7), Minor(0, 1, 3, 4),
        ];
        return [.. adjugate.Select(one => one / determinant)];
    }

    private byte[] Build()
    {
        var curve = Curve();
        (string Name, byte[] Data)[] tags =
        [
            ("desc", Description()), ("cprt", Text("No rights are reserved.")), ("wtpt", Xyz(0.9642, 1, 0.8249)),
            ("rXYZ", Xyz(primaries[0], primaries[1], primaries[2])), ("gXYZ", Xyz(primaries[3], primaries[4], primaries[5])),
            ("bXYZ", Xyz(primaries[6], primaries[7], primaries[8])), ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
        ];
        var distinct = tags.Select(tag => tag.Data).Distinct().ToList();
        var starts = new Dictionary<byte[], int>();
        var at = 132 + (12 * tags.Length);
        foreach (var data in distinct)
        {
            starts[data] = at;
            at += (data.Length + 3) & ~3;
        }

        var bytes = new byte[at];
        Header(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(128), tags.Length);
        for (var i = 0; i < tags.Length; i++)
        {
            var entry = bytes.AsSpan(132 + (12 * i));
            Encoding.ASCII.GetBytes(tags[i].Name, entry);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], starts[tags[i].Data]);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], tags[i].Data.Length);
        }

        distinct.ForEach(data => data.CopyTo(bytes, starts[data]));
        return bytes;
    }

    private static void Header(Span<byte> bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length);
        BinaryPrimitives.WriteInt32BigEndian(bytes[8..], 0x02100000);
        "mntrRGB XYZ "u8.CopyTo(bytes[12..]);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[24..], 2026);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[26..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[28..], 1);
        "acsp"u8.CopyTo(bytes[36..]);
        Xyz(0.9642, 1, 0.8249).AsSpan(8).CopyTo(bytes[68..]);
    }

    private byte[] Description()
    {
        var text = Encoding.ASCII.GetBytes(name);
        var data = new byte[12 + text.Length + 1 + 78];
        "desc"u8.CopyTo(data);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8), text.Length + 1);
        text.CopyTo(data, 12);
        return data;
    }

    private static byte[] Text(string text) => [.. "text\0\0\0\0"u8, .. Encoding.ASCII.GetBytes(text), 0];

    private static byte[] Xyz(double x, double y, double z)
    {
        var data = new byte[20];
        "XYZ "u8.CopyTo(data);
        foreach (var (value, i) in new[] { x, y, z }.Select((value, i) => (value, i)))
        {
            BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8 + (4 * i)), (int)Math.Round(value * 65536));
        }

        return data;
    }

    private byte[] Curve()
    {
        var count = gamma is null ? CurveLength : 1;
        var data = new byte[12 + (2 * count)];
        "curv"u8.CopyTo(data);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(8), count);
        for (var i = 0; i < count; i++)
        {
            var value = gamma is { } power ? power * 256 : Decode(i / (CurveLength - 1.0)) * 65535;
            BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(12 + (2 * i)), (ushort)Math.Round(value));
        }

        return data;
    }
}
