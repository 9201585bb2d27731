using System.Buffers.Binary;
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
    /// <param name="transferSyntax">Implicit or Explicit VR Little Endian, or an encapsulated one that fits the fragments.</param>
    /// <param name="source">The file of values that were not loaded; needed only when there are some.</param>
    /// <param name="sourceIsBigEndian">That file is written high byte first.</param>
    public static Outcome<Done> Write(
        Stream target, DicomDataset dataset, string transferSyntax, Stream? source = null, bool sourceIsBigEndian = false)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(dataset);
        var syntax = DicomTransferSyntax.Of(transferSyntax);
        if (syntax.IsBigEndian || syntax.IsDeflated)
        {
            return Problem.Unsupported("This server writes neither big endian nor deflated data sets.");
        }

        if (dataset.GetString(DicomTag.SOPClassUID) is not { } sopClass || dataset.GetString(DicomTag.SOPInstanceUID) is not { } instance)
        {
            return Problem.Invalid("A data set without SOP Class UID and SOP Instance UID cannot be a file.");
        }

        var body = new DatasetWriter(target, syntax.IsExplicit, source, sourceIsBigEndian);
        if (body.Check(dataset, syntax.IsEncapsulated) is { } problem)
        {
            return problem;
        }

        WriteMeta(target, sopClass, instance, transferSyntax);
        return body.Write(dataset) is { } broken ? broken : default(Done);
    }

    internal static void WriteMeta(Stream target, string sopClass, string instance, string transferSyntax)
    {
        var meta = new DicomDataset()
            .AddBytes(DicomTag.FileMetaInformationVersion, DicomVr.OB, new byte[] { 0, 1 })
            .Add(DicomTag.MediaStorageSOPClassUID, DicomVr.UI, sopClass)
            .Add(DicomTag.MediaStorageSOPInstanceUID, DicomVr.UI, instance)
            .Add(DicomTag.TransferSyntaxUID, DicomVr.UI, transferSyntax)
            .Add(DicomTag.ImplementationClassUID, DicomVr.UI, ImplementationClassUid)
            .Add(DicomTag.ImplementationVersionName, DicomVr.SH, ImplementationVersionName);
        Span<byte> head = stackalloc byte[144];
        head.Clear();
        "DICM"u8.CopyTo(head[128..]);
        ReadOnlySpan<byte> groupLength = [2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0];
        groupLength.CopyTo(head[132..]);
        var writer = new DatasetWriter(target, isExplicit: true, null, false);
        BinaryPrimitives.WriteUInt32LittleEndian(head[140..], (uint)writer.LengthOf(meta));
        target.Write(head);
        writer.Write(meta);
    }
}
