using System.Globalization;
using System.Text;

namespace Fhir.Server.Dicom;

/// <summary>The printed table: sorted tags, their representations, and the line where the words are.</summary>
internal sealed class DictionaryTable
{
    private readonly byte[] text;
    private readonly List<uint> tags = new(5400);
    private readonly List<VrChoice> vrs = new(5400);
    private readonly List<int> lines = new(5400);
    private readonly List<Mask> masks = new(100);

    private DictionaryTable(byte[] text) => this.text = text;

    public static DictionaryTable Load()
    {
        var table = new DictionaryTable(Bytes("dicom-tags.tsv"));
        table.Index();
        return table;
    }

    public static Dictionary<string, DicomUidEntry> LoadUids()
    {
        var found = new Dictionary<string, DicomUidEntry>(500);
        foreach (var line in Encoding.UTF8.GetString(Bytes("dicom-uids.tsv")).Split('\n').Skip(1))
        {
            if (line.Split('\t') is [var uid, var name, var kind, ..])
            {
                found[uid] = new DicomUidEntry(uid, name, kind);
            }
        }

        return found;
    }

    public VrChoice VrOf(DicomTag tag) => IndexOf(tag) switch
    {
        >= 0 and var index => vrs[index],
        _ => MaskOf(tag)?.Vr ?? (VrChoice)DicomVr.UN,
    };

    public DicomTagEntry? Find(DicomTag tag)
    {
        var index = IndexOf(tag);
        var line = index >= 0 ? lines[index] : MaskOf(tag)?.Line ?? -1;
        if (line < 0)
        {
            return null;
        }

        var end = text.AsSpan(line).IndexOf((byte)'\n');
        var parts = Encoding.UTF8.GetString(text.AsSpan(line, end < 0 ? text.Length - line : end)).Split('\t');
        return new DicomTagEntry(tag, parts[1], parts[2], parts[3], parts[5].TrimEnd('\r'), parts[4].Length > 0);
    }

    public Dictionary<string, DicomTag> ReadKeywords()
    {
        var found = new Dictionary<string, DicomTag>(tags.Count);
        for (var i = 0; i < tags.Count; i++)
        {
            var rest = text.AsSpan(lines[i]);
            var end = rest.IndexOf((byte)'\n');
            rest = end < 0 ? rest : rest[..end];
            var keyword = rest[(rest.LastIndexOf((byte)'\t') + 1)..].TrimEnd((byte)'\r');
            if (!keyword.IsEmpty)
            {
                found.TryAdd(Encoding.UTF8.GetString(keyword), new DicomTag(tags[i]));
            }
        }

        return found;
    }

    private static byte[] Bytes(string name)
    {
        var assembly = typeof(DictionaryTable).Assembly;
        var resource = Array.Find(assembly.GetManifestResourceNames(), n => n.EndsWith(name, StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var stream = assembly.GetManifestResourceStream(resource)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private void Index()
    {
        var at = text.AsSpan().IndexOf((byte)'\n') + 1;
        while (at + 12 < text.Length)
        {
            var line = text.AsSpan(at);
            var end = line.IndexOf((byte)'\n');
            line = end < 0 ? line : line[..end];
            var vr = line[9..];
            vr = vr[..vr.IndexOf((byte)'\t')];
            if (uint.TryParse(line[..8], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var tag))
            {
                tags.Add(tag);
                vrs.Add(Read(vr));
                lines.Add(at);
            }
            else
            {
                masks.Add(Mask.Of(line[..8], Read(vr), at));
            }

            at += line.Length + 1;
        }
    }

    private static VrChoice Read(ReadOnlySpan<byte> vr) => vr.Length switch
    {
        2 => (VrChoice)(vr[0] | (vr[1] << 8)),
        8 when vr[0] == 'O' => VrChoice.ObOrOw,
        8 when vr[6] == 'S' => VrChoice.UsOrSs,
        4 => (VrChoice)DicomVr.UN,
        _ => VrChoice.LutData,
    };

    private int IndexOf(DicomTag tag) => tags.BinarySearch(tag.Value);

    private Mask? MaskOf(DicomTag tag)
    {
        foreach (var mask in masks)
        {
            if ((tag.Value & mask.Bits) == mask.Value)
            {
                return mask;
            }
        }

        return null;
    }

    private sealed record Mask(uint Bits, uint Value, VrChoice Vr, int Line)
    {
        public static Mask Of(ReadOnlySpan<byte> pattern, VrChoice vr, int line)
        {
            var (bits, value) = (0u, 0u);
            foreach (var digit in pattern)
            {
                var isX = digit is (byte)'x' or (byte)'X';
                bits = (bits << 4) | (isX ? 0u : 0xFu);
                value = (value << 4) | (isX ? 0u : Convert.ToUInt32(((char)digit).ToString(), 16));
            }

            return new Mask(bits, value, vr, line);
        }
    }
}
