namespace Fhir.Server.Dicom;

/// <summary>A DICOM file as read: its header, and where its pixels are. PS3.10 §7.</summary>
public sealed partial class DicomFile
{
    /// <summary>Group 0002; empty when the file has none.</summary>
    public required DicomDataset FileMeta { get; init; }

    /// <summary>The data set without its big values.</summary>
    public required DicomDataset Dataset { get; init; }

    /// <summary>The transfer syntax in force: the declared one, or the one found when the declaration is missing or wrong.</summary>
    public required DicomTransferSyntax Syntax { get; init; }

    /// <summary>The UID of <see cref="Syntax"/>.</summary>
    public string TransferSyntax => Syntax.Uid;

    /// <summary>Where the data set begins, after the file meta.</summary>
    public required long DataSetOffset { get; init; }

    /// <summary>Length of the file in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>What was odd, in short sentences without patient data.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Where the pixels are; null when there are none.</summary>
    public PixelDataLocation? PixelData { get; init; }

    /// <summary>The data set was deflated: offsets count in <see cref="Inflated"/>, and every value is loaded.</summary>
    public bool IsDeflated => Syntax.IsDeflated;

    /// <summary>The inflated data set; empty when the file is not deflated.</summary>
    public ReadOnlyMemory<byte> Inflated { get; init; }

    /// <summary>SOP Class of the instance; from the file meta when the data set does not say.</summary>
    public string? SopClassUid => Dataset.GetString(DicomTag.SOPClassUID) ?? FileMeta.GetString(DicomTag.MediaStorageSOPClassUID);

    /// <summary>UID of the instance; from the file meta when the data set does not say.</summary>
    public string? SopInstanceUid => Dataset.GetString(DicomTag.SOPInstanceUID) ?? FileMeta.GetString(DicomTag.MediaStorageSOPInstanceUID);
}
