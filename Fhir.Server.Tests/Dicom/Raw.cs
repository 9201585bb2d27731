using System.Buffers.Binary;
using System.Text;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Files put together byte by byte, as no decent writer would.</summary>
internal static class Raw
{
    public const uint Undefined = 0xFFFFFFFF;

    public static readonly byte[] SequenceEnd = [0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];
    public static readonly byte[] ItemEnd = [0xFE, 0xFF, 0x0D, 0xE0, 0, 0, 0, 0];

    public static DicomFile File(params ReadOnlySpan<byte[]> parts) => Bytes(parts).Read();

    /// <summary>File meta for Explicit VR Little Endian, and behind it the parts.</summary>
    public static byte[] Bytes(params ReadOnlySpan<byte[]> parts) => [.. Meta(DicomTransferSyntax.ExplicitLittleEndian), .. Joined(parts)];

    public static byte[] Meta(string syntax)
    {
        using var target = new MemoryStream();
        var meta = Part10Writer.Meta("1.2.840.10008.5.1.4.1.1.7", Made.Instance, DicomTransferSyntax.ExplicitLittleEndian);
        Assert.That(Part10Writer.Write(target, new DicomDataset(), meta, DicomWriteOptions.Default).IsSuccess);
        var padded = syntax.Length % 2 == 0 ? syntax : syntax + "\0";
        var text = Encoding.Latin1.GetString(target.ToArray());
        var old = $"UI{(char)20}\0{DicomTransferSyntax.ExplicitLittleEndian}\0";
        return Encoding.Latin1.GetBytes(text.Replace(old, $"UI{(char)padded.Length}\0{padded}", StringComparison.Ordinal));
    }

    public static byte[] Joined(params ReadOnlySpan<byte[]> parts)
    {
        var whole = new List<byte>();
        foreach (var part in parts)
        {
            whole.AddRange(part);
        }

        return [.. whole];
    }

    public static byte[] Explicit(ushort group, ushort element, string vr, string value) =>
        Explicit(group, element, vr, Encoding.Latin1.GetBytes(value.Length % 2 == 0 ? value : value + " "));

    /// <summary>An element with a 16-bit length, or a 32-bit one where its representation has that.</summary>
    public static byte[] Explicit(ushort group, ushort element, string vr, byte[] value, uint? length = null)
    {
        var isLong = DicomVrTraits.TryParse(vr, out var known) && known.HasLongLength;
        var head = new byte[isLong ? 12 : 8];
        Tag(head, group, element);
        Encoding.ASCII.GetBytes(vr).CopyTo(head, 4);
        if (isLong)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(8), length ?? (uint)value.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(6), (ushort)(length ?? (uint)value.Length));
        }

        return [.. head, .. value];
    }

    public static byte[] Implicit(ushort group, ushort element, byte[] value, uint? length = null)
    {
        var head = new byte[8];
        Tag(head, group, element);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(4), length ?? (uint)value.Length);
        return [.. head, .. value];
    }

    public static byte[] Item(byte[] content, bool isOpen = false) =>
        isOpen ? [.. Implicit(0xFFFE, 0xE000, content, Undefined), .. ItemEnd] : Implicit(0xFFFE, 0xE000, content);

    private static void Tag(Span<byte> head, ushort group, ushort element)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(head, group);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], element);
    }
}
