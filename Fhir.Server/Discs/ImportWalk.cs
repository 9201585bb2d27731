using Fhir.Server.Dicom;
using Fhir.Server.Storage;

namespace Fhir.Server.Discs;

/// <summary>
/// Goes through files and folders and tells, by what is inside and never by the name, what is DICOM. PS3.10 §8 wants short upper-case
/// names on discs; real ones have any.
/// </summary>
public sealed class ImportWalk(IReadOnlyList<string> sources)
{
    /// <summary>Enough to tell whether a file could be DICOM.</summary>
    private const int FirstBytes = 512;

    /// <summary>Media Storage Directory Storage: the DICOMDIR. PS3.3 §F</summary>
    private const string DirectoryClass = "1.2.840.10008.1.3.10";

    /// <summary>Sources that are not there.</summary>
    public IReadOnlyList<string> Missing => [.. sources.Where(source => !Path.Exists(source))];

    /// <summary>How many entries there will be, without opening any.</summary>
    public int Count(CancellationToken cancellationToken = default) => sources.Sum(source => DiscTree.Paths(source, cancellationToken).Count());

    /// <summary>One entry for each file, and for each folder that cannot be read; looked at when asked for.</summary>
    public IEnumerable<DiscEntry> Entries(CancellationToken cancellationToken = default) =>
        from source in sources
        from found in DiscTree.Paths(source, cancellationToken)
        select found.Verdict ?? Look(found.Path, cancellationToken);

    private static DiscEntry Look(string path, CancellationToken cancellationToken)
    {
        try
        {
            // Pipes and devices have no length either, and reading one could take for ever.
            if (new FileInfo(path).Length == 0)
            {
                return new DiscSkip(path, "empty");
            }
            using var file = new FileStream(path, new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite });
            var first = new byte[FirstBytes];
            var read = file.ReadAtLeast(first, FirstBytes, throwOnEndOfStream: false);
            return Part10Reader.LooksLikeDicom(first.AsSpan(0, read)) ? Read(path, file, cancellationToken)
                : first.AsSpan(0, read).StartsWith("PK\u0003\u0004"u8) ? new DiscSkip(path, "a ZIP archive; unpack it first")
                : new DiscSkip(path, "not DICOM");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DiscFailure(path, "the file cannot be read");
        }
    }

    private static DiscEntry Read(string path, FileStream file, CancellationToken cancellationToken)
    {
        if (!Part10Reader.Read(file, cancellationToken: cancellationToken).TryGet(out var dicom, out var problem))
        {
            return new DiscFailure(path, problem.Text);
        }
        if (dicom.SopClassUid == DirectoryClass)
        {
            return new DiscSkip(path, "directory of the disc");
        }
        return dicom.SopInstanceUid is { } uid && DicomUid.IsValid(uid)
            ? new DiscInstance(path, dicom.Length, uid, PersonOf(dicom.Dataset))
            : new DiscFailure(path, "SOP Instance UID (0008,0018) is missing or not a UID.");
    }

    private static MatchingKeys PersonOf(DicomDataset data) => new()
    {
        PatientId = data.GetString(DicomTag.PatientID),
        PatientName = data.GetString(DicomTag.PatientName),
        PatientBirthDate = data.GetString(DicomTag.PatientBirthDate),
        PatientSex = data.GetString(DicomTag.PatientSex),
    };
}
