namespace Fhir.Server.Dicom;

/// <summary>One record of a DICOMDIR: a patient, a study, a series, or a file. PS3.3 §F.5.</summary>
public sealed class DicomDirectoryRecord
{
    private readonly List<DicomDirectoryRecord> children = [];

    internal DicomDirectoryRecord(DicomDataset dataset, string type, IReadOnlyList<string> fileId)
    {
        (Dataset, Type, FileId) = (dataset, type, fileId);
    }

    /// <summary>Such as <c>PATIENT</c> or <c>SR DOCUMENT</c>; empty when it does not say.</summary>
    public string Type { get; }

    /// <summary>Its keys.</summary>
    public DicomDataset Dataset { get; }

    /// <summary>
    /// Folders and name of its file as the disc spells them, (0004,1500); empty when it has none. Never a way out of the disc's own folder,
    /// but neither a promise that such a file is there.
    /// </summary>
    public IReadOnlyList<string> FileId { get; }

    /// <summary>SOP Class of its file, (0004,1510).</summary>
    public string? SopClassUid => Dataset.GetString(DicomTag.ReferencedSOPClassUIDInFile);

    /// <summary>SOP Instance of its file, (0004,1511).</summary>
    public string? SopInstanceUid => Dataset.GetString(DicomTag.ReferencedSOPInstanceUIDInFile);

    /// <summary>Transfer syntax of its file, (0004,1512).</summary>
    public string? TransferSyntax => Dataset.GetString(DicomTag.ReferencedTransferSyntaxUIDInFile);

    /// <summary>The records below it, in their order.</summary>
    public IReadOnlyList<DicomDirectoryRecord> Children => children;

    internal void Add(DicomDirectoryRecord child) => children.Add(child);

    /// <summary>0 for a patient, 1 for a study, 2 for a series, 3 for all that is below one. PS3.3 Table F.4-1.</summary>
    internal int Level => Type switch { "PATIENT" => 0, "STUDY" => 1, "SERIES" => 2, _ => 3 };
}
