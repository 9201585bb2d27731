namespace Fhir.Server.Tests;

/// <summary>A file of the corpus, as its index describes it.</summary>
/// <param name="Name">Path within the corpus.</param>
/// <param name="FullPath">Path on this machine.</param>
/// <param name="Modality">Such as CT; <c>-</c> when it has none.</param>
/// <param name="TransferSyntax">UID, or <c>(none)</c>.</param>
/// <param name="Size">Rows x columns x frames, or <c>-</c>.</param>
public sealed record CorpusFile(string Name, string FullPath, string Modality, string TransferSyntax, string Size)
{
    public Stream Open() => File.OpenRead(FullPath);

    public override string ToString() => Name;
}

/// <summary>
/// Real files for tests that need some. They are not part of this repository: the folder is named by PHR_CORPUS, or is
/// one beside it. Tests that need it are skipped, with the reason, where it is absent.
/// </summary>
public static class Corpus
{
    /// <summary>The folder, or null.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Skips the test when there is no corpus.</summary>
    public static void RequireOrSkip()
    {
        if (Folder is null)
        {
            Assert.Ignore("There is no corpus: set PHR_CORPUS to a folder of DICOM files with an INDEX.tsv.");
        }
    }

    /// <summary>All files of the index; empty when there is no corpus.</summary>
    public static IReadOnlyList<CorpusFile> Files() => Folder is null ? [] :
    [
        .. File.ReadLines(Path.Combine(Folder, "INDEX.tsv")).Skip(1).Select(line => line.Split('\t'))
            .Where(columns => columns.Length > 4)
            .Select(columns => new CorpusFile(columns[0], Path.Combine(Folder, columns[0]), columns[1], columns[3], columns[4]))
            .Where(file => File.Exists(file.FullPath)),
    ];

    /// <summary>One file; the test is skipped when there is no corpus.</summary>
    public static CorpusFile Get(string name)
    {
        RequireOrSkip();
        return Files().Single(file => file.Name == name);
    }

    /// <summary>Every file that can be read, and what was read; its source is closed.</summary>
    public static IEnumerable<(CorpusFile File, Fhir.Server.Dicom.DicomFile Read)> Read()
    {
        foreach (var file in Files())
        {
            using var stream = file.Open();
            var outcome = Fhir.Server.Dicom.Part10Reader.Read(stream);
            if (outcome.IsSuccess)
            {
                yield return (file, outcome.Value);
            }
        }
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PHR_CORPUS") is { Length: > 0 } named)
        {
            return File.Exists(Path.Combine(named, "INDEX.tsv")) ? named : null;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = Path.Combine(folder.FullName, "shared", "dicom");
            if (File.Exists(Path.Combine(found, "INDEX.tsv")))
            {
                return found;
            }
        }

        return null;
    }
}
