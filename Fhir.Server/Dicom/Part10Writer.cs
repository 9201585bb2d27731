using System.Buffers.Binary;
using System.IO.Compression;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Writes DICOM files. PS3.10 §7.</summary>
public static class Part10Writer
{
    /// <summary>Who wrote the file, for (0002,0012). PS3.7 §D.3.3.2.</summary>
    public const string ImplementationClassUid = "2.25.187346020593847561029384756102938475";

    /// <summary>Who wrote the file, for (0002,0013).</summary>
    public const string ImplementationVersionName = "PHRIMAGING";

    /// <summary>Writes preamble, file meta and data set; the same input always gives the same bytes.</summary>
    /// <param name="target">Where to; need not be seekable.</param>
    /// <param name="dataset">What; needs SOP Class UID and SOP Instance UID.</param>
    /// <param name="transferSyntax">Implicit or Explicit VR Little Endian, deflated or not, or an encapsulated one that fits the fragments.</param>
    /// <param name="source">The file of values that were not loaded; needed only when there are some.</param>
    /// <param name="sourceIsBigEndian">That file is written high byte first.</param>
    public static Outcome<Done> Write(
        Stream target, DicomDataset dataset, string transferSyntax, Stream? source = null, bool sourceIsBigEndian = false) =>
        Write(target, dataset, transferSyntax, new DicomWriteOptions { Source = source, SourceIsBigEndian = sourceIsBigEndian });

    /// <summary>Writes a file with the liberties the standard leaves.</summary>
    public static Outcome<Done> Write(Stream target, DicomDataset dataset, string transferSyntax, DicomWriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        return dataset.GetString(DicomTag.SOPClassUID) is { } sopClass && dataset.GetString(DicomTag.SOPInstanceUID) is { } instance
            ? Write(target, dataset, Meta(sopClass, instance, transferSyntax), options)
            : Problem.Invalid("A data set without SOP Class UID and SOP Instance UID cannot be a file.");
    }

    /// <summary>Writes a file whose data set need not say what it is, such as a DICOMDIR.</summary>
    internal static Outcome<Done> Write(Stream target, DicomDataset dataset, DicomDataset meta, DicomWriteOptions options)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        var syntax = DicomTransferSyntax.Of(meta.GetString(DicomTag.TransferSyntaxUID)!);
        if (syntax.IsBigEndian)
        {
            return Problem.Unsupported("This server does not write big endian, which is retired.");
        }

        if (new WriteCheck(syntax, options).Check(dataset) is { } problem)
        {
            return problem;
        }

        WriteMeta(target, meta);
        return (syntax.IsDeflated ? Deflate(target, dataset, options) : new DatasetWriter(target, syntax.IsExplicit, options).Write(dataset)) is { } broken
            ? broken : default(Done);
    }

    /// <summary>Group 0002 but for its length. PS3.10 Table 7.1-1.</summary>
    internal static DicomDataset Meta(string sopClass, string instance, string transferSyntax) => new DicomDataset()
        .AddBytes(DicomTag.FileMetaInformationVersion, DicomVr.OB, new byte[] { 0, 1 })
        .Add(DicomTag.MediaStorageSOPClassUID, DicomVr.UI, sopClass)
        .Add(DicomTag.MediaStorageSOPInstanceUID, DicomVr.UI, instance)
        .Add(DicomTag.TransferSyntaxUID, DicomVr.UI, transferSyntax)
        .Add(DicomTag.ImplementationClassUID, DicomVr.UI, ImplementationClassUid)
        .Add(DicomTag.ImplementationVersionName, DicomVr.SH, ImplementationVersionName);

    /// <summary>Where the data set begins in a file with this file meta.</summary>
    internal static long DataSetOffset(DicomDataset meta) => 144 + new DatasetLengths(true, DicomWriteOptions.Default).Of(meta);

    internal static void WriteMeta(Stream target, string sopClass, string instance, string transferSyntax) =>
        WriteMeta(target, Meta(sopClass, instance, transferSyntax));

    private static void WriteMeta(Stream target, DicomDataset meta)
    {
        Span<byte> head = stackalloc byte[144];
        head.Clear();
        "DICM"u8.CopyTo(head[128..]);
        ReadOnlySpan<byte> groupLength = [2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0];
        groupLength.CopyTo(head[132..]);
        var writer = new DatasetWriter(target, isExplicit: true, DicomWriteOptions.Default);
        BinaryPrimitives.WriteUInt32LittleEndian(head[140..], (uint)writer.LengthOf(meta));
        target.Write(head);
        writer.Write(meta);
    }

    /// <summary>Raw deflate, and a NUL behind it when its length is odd. PS3.5 §A.5.</summary>
    private static Problem? Deflate(Stream target, DicomDataset dataset, DicomWriteOptions options)
    {
        var counted = new CountingStream(target);
        using (var deflate = new DeflateStream(counted, CompressionLevel.Optimal, leaveOpen: true))
        {
            if (new DatasetWriter(deflate, isExplicit: true, options).Write(dataset) is { } problem)
            {
                return problem;
            }
        }

        if ((counted.Written & 1) != 0)
        {
            target.WriteByte(0);
        }

        return null;
    }
}
