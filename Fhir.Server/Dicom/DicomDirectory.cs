using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>A DICOMDIR: what a disc says is on it. PS3.3 Annex F. It is a hint only; discs are often wrong about themselves.</summary>
public sealed class DicomDirectory
{
    /// <summary>Media Storage Directory Storage.</summary>
    public const string SopClass = "1.2.840.10008.1.3.10";

    /// <summary>The name of the disc, (0004,1130); null when it has none.</summary>
    public required string? FileSetId { get; init; }

    /// <summary>The records nothing is above of, mostly patients, in their order.</summary>
    public required IReadOnlyList<DicomDirectoryRecord> Roots { get; init; }

    /// <summary>What was odd, in short sentences without patient data.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>All records, each before those below it.</summary>
    public IEnumerable<DicomDirectoryRecord> Records
    {
        get
        {
            var waiting = new Stack<DicomDirectoryRecord>(Roots.Reverse());
            while (waiting.TryPop(out var record))
            {
                yield return record;
                for (var i = record.Children.Count - 1; i >= 0; i--)
                {
                    waiting.Push(record.Children[i]);
                }
            }
        }
    }

    /// <summary>The records that name a file.</summary>
    public IEnumerable<DicomDirectoryRecord> Files => Records.Where(record => record.FileId.Count > 0);

    /// <summary>Reads a DICOMDIR from the beginning of a seekable stream.</summary>
    public static Outcome<DicomDirectory> Read(Stream stream, DicomReadOptions? options = null, CancellationToken cancellationToken = default) =>
        Part10Reader.Read(stream, options, cancellationToken).Match(Read, problem => problem);

    /// <summary>Takes a file that was read for a DICOMDIR.</summary>
    public static Outcome<DicomDirectory> Read(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (file.Dataset.Find(DicomTag.DirectoryRecordSequence) is not { } sequence)
        {
            return Problem.Invalid("The file is not a DICOMDIR: it has no directory records.");
        }

        var warnings = new ReadWarnings(file.Warnings);
        if (file.SopClassUid is not SopClass)
        {
            warnings.Add("The file does not say that it is a DICOMDIR.");
        }

        var tree = new DirectoryTree(sequence.Items ?? [], warnings);
        return new DicomDirectory
        {
            FileSetId = file.Dataset.GetString(DicomTag.FileSetID), Warnings = warnings.Texts,
            Roots = tree.Build(file.Dataset.GetInt64(DicomTag.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity) ?? 0),
        };
    }
}
