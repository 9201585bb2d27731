using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Makes the DICOMDIR of a file-set. The same instances in the same order always give the same bytes. PS3.3 Annex F.</summary>
public sealed class DicomDirectoryBuilder
{
    private readonly string fileSetId;
    private readonly List<DirectoryNode> patients = [];
    private readonly List<DirectoryNode> nameless = [];
    private readonly Dictionary<string, DirectoryNode> known = [];
    private readonly HashSet<string> names = [];

    /// <summary>A DICOMDIR without files.</summary>
    /// <param name="fileSetId">The name of the disc, (0004,1130): at most 16 of A–Z, 0–9, space and underscore.</param>
    /// <exception cref="ArgumentException">The name is longer or has other characters.</exception>
    public DicomDirectoryBuilder(string fileSetId = "")
    {
        ArgumentNullException.ThrowIfNull(fileSetId);
        if (fileSetId.Length > 16 || fileSetId.Any(c => !(IsOfFileId(c) || c == ' ')))
        {
            throw new ArgumentException("A disc is named by at most 16 capital letters, digits, spaces and underscores.", nameof(fileSetId));
        }

        this.fileSetId = fileSetId;
    }

    /// <summary>How many files are listed.</summary>
    public int Count => names.Count;

    /// <summary>Lists a file.</summary>
    /// <param name="instance">Its header.</param>
    /// <param name="transferSyntax">How it is written on the disc.</param>
    /// <param name="fileId">Folders and name: 1 to 8 components of 1 to 8 of A–Z, 0–9 and underscore. PS3.10 §8.2 and §8.5.</param>
    public Outcome<Done> Add(DicomDataset instance, string transferSyntax, params IReadOnlyList<string> fileId)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(fileId);
        if (fileId.Count is 0 or > 8 || fileId.Any(part => part.Length is 0 or > 8 || part.Any(c => !IsOfFileId(c))))
        {
            return Problem.Invalid("A file on a disc is named by 1 to 8 parts of 1 to 8 capital letters, digits and underscores.");
        }

        if (instance.GetString(DicomTag.SOPClassUID) is not { } sopClass || instance.GetString(DicomTag.SOPInstanceUID) is not { } sopInstance
            || instance.GetString(DicomTag.StudyInstanceUID) is not { } study || instance.GetString(DicomTag.SeriesInstanceUID) is not { } series)
        {
            return Problem.Invalid("A data set without its UIDs cannot be listed in a DICOMDIR.");
        }

        if (!names.Add(string.Join('\\', fileId)))
        {
            return Problem.Conflict("Two files of a disc cannot have one name.");
        }

        var patient = Patient(instance);
        var inStudy = patient.Child(study, "STUDY", (record, number) => DirectoryKeys.Study(record, instance, number), instance);
        var inSeries = inStudy.Child(series, "SERIES", (record, number) => DirectoryKeys.Series(record, instance, number), instance);
        var type = DirectoryRecordTypes.Of(sopClass, instance);
        var leaf = inSeries.Child(null, type, (record, number) => DirectoryKeys.Leaf(record, instance, type, number), instance);
        leaf.Record.Add(DicomTag.ReferencedFileID, DicomVr.CS, [.. fileId]).Add(DicomTag.ReferencedSOPClassUIDInFile, DicomVr.UI, sopClass)
            .Add(DicomTag.ReferencedSOPInstanceUIDInFile, DicomVr.UI, sopInstance).Add(DicomTag.ReferencedTransferSyntaxUIDInFile, DicomVr.UI, transferSyntax);
        return default(Done);
    }

    /// <summary>Writes the DICOMDIR, Explicit VR Little Endian. A file-set without files has none.</summary>
    public Outcome<Done> Write(Stream target, DicomWriteOptions? options = null)
    {
        if (patients.Count == 0)
        {
            return Problem.Invalid("A disc without DICOM files has no DICOMDIR.");
        }

        options ??= DicomWriteOptions.Default;
        var meta = Part10Writer.Meta(
            DicomDirectory.SopClass, DicomUid.FromSeed(string.Join('\n', Nodes().Select(node => node.Record.GetString(DicomTag.ReferencedSOPInstanceUIDInFile)))),
            DicomTransferSyntax.ExplicitLittleEndian);
        NameTheNameless();
        var nodes = Nodes().ToList();
        nodes.ForEach(node => node.PutOffsets(null, null));
        var dataset = new DicomDataset().Add(DicomTag.FileSetID, DicomVr.CS, fileSetId)
            .AddNumbers(DicomTag.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity, DicomVr.UL, 0)
            .AddNumbers(DicomTag.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity, DicomVr.UL, 0)
            .AddNumbers(DicomTag.FileSetConsistencyFlag, DicomVr.US, 0)
            .AddSequence(DicomTag.DirectoryRecordSequence, [.. nodes.Select(node => node.Record)]);
        if (!new DirectoryOffsets(dataset, meta, options).Put(nodes, patients))
        {
            return Problem.TooLarge("A DICOMDIR cannot be longer than 4 GB.");
        }

        return Part10Writer.Write(target, dataset, meta, options);
    }

    private IEnumerable<DirectoryNode> Nodes() => patients.SelectMany(patient => patient.WithDescendants());

    private DirectoryNode Patient(DicomDataset instance)
    {
        // Who has no ID is told from others by name and birth date.
        var id = instance.GetString(DicomTag.PatientID);
        var key = id ?? $"\n{instance.GetString(DicomTag.PatientName)}\n{instance.GetString(DicomTag.PatientBirthDate)}";
        if (known.TryGetValue(key, out var patient))
        {
            return patient;
        }

        patient = new DirectoryNode("PATIENT", instance);
        DirectoryKeys.Patient(patient.Record, instance);
        patients.Add(patient);
        if (id is null)
        {
            nameless.Add(patient);
        }

        return known[key] = patient;
    }

    /// <summary>Who has no ID gets one that no patient of the disc has, which is only known when all are.</summary>
    private void NameTheNameless()
    {
        var given = new HashSet<string>();
        foreach (var patient in nameless)
        {
            var number = patients.IndexOf(patient) + 1;
            while (known.ContainsKey($"UNKNOWN{number}") || !given.Add($"UNKNOWN{number}"))
            {
                number++;
            }

            patient.Record.Add(DicomTag.PatientID, DicomVr.LO, $"UNKNOWN{number}");
        }
    }

    private static bool IsOfFileId(char c) => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_';
}
