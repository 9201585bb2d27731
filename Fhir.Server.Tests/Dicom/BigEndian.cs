using System.Buffers.Binary;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Writes a loaded data set high byte first, which our writer does not do. Element by element in place, so every offset stays right.</summary>
internal static class BigEndian
{
    public static byte[] Turned(DicomFile file)
    {
        using var target = new MemoryStream();
        var meta = Part10Writer.Meta(file.SopClassUid!, file.SopInstanceUid ?? "1.2", DicomTransferSyntax.ExplicitLittleEndian);
        Part10Writer.Write(target, new DicomDataset(), meta.Add(DicomTag.TransferSyntaxUID, DicomVr.UI, DicomTransferSyntax.ExplicitLittleEndian), DicomWriteOptions.Default);
        var head = System.Text.Encoding.Latin1.GetString(target.ToArray())
            .Replace(DicomTransferSyntax.ExplicitLittleEndian + "\0", DicomTransferSyntax.ExplicitBigEndian + "\0", StringComparison.Ordinal);
        using var whole = new MemoryStream();
        whole.Write(System.Text.Encoding.Latin1.GetBytes(head));
        Write(whole, file.Dataset);
        return whole.ToArray();
    }

    private static void Write(MemoryStream target, DicomDataset dataset)
    {
        foreach (var element in dataset)
        {
            var value = element.Value.ToArray();
            ByteOrder.Turn(value, element.Vr.UnitSize);
            if (element.Items is { } items)
            {
                using var inner = new MemoryStream();
                foreach (var item in items)
                {
                    using var body = new MemoryStream();
                    Write(body, item);
                    Tag(inner, DicomTag.Item);
                    Long(inner, (uint)body.Length);
                    inner.Write(body.ToArray());
                }

                value = inner.ToArray();
            }

            Tag(target, element.Tag);
            target.Write(System.Text.Encoding.ASCII.GetBytes(element.Vr.Code));
            if (element.Vr.HasLongLength)
            {
                target.Write([0, 0]);
                Long(target, (uint)value.Length);
            }
            else
            {
                target.Write([(byte)(value.Length >> 8), (byte)value.Length]);
            }

            target.Write(value);
        }
    }

    private static void Tag(MemoryStream target, DicomTag tag)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16BigEndian(four, tag.Group);
        BinaryPrimitives.WriteUInt16BigEndian(four[2..], tag.Element);
        target.Write(four);
    }

    private static void Long(MemoryStream target, uint value)
    {
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, value);
        target.Write(four);
    }
}
