using Fhir.Server.Outcomes;

namespace Fhir.Server.Discs;

/// <summary>What the server did with a file it took.</summary>
public enum ImportVerdict
{
    /// <summary>It is new.</summary>
    Stored,

    /// <summary>An equal one was there.</summary>
    AlreadyThere,

    /// <summary>Another one of the same UID is served, and this is kept beside it.</summary>
    KeptBeside,
}

/// <summary>A file that did not get into the record.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Reason">Why not; without patient data.</param>
public sealed record ImportNote(string Path, string Reason);

/// <summary>What became of an import, file by file.</summary>
public sealed partial class ImportReport
{
    private readonly List<ImportNote> refused = [];
    private readonly List<ImportNote> skipped = [];
    private readonly DiscPeople people = new();

    /// <summary>Id of the patient; null when it did not come to that.</summary>
    public string? Patient { get; internal set; }

    /// <summary>The patient was made by this import.</summary>
    public bool IsNewPatient { get; internal set; }

    /// <summary>Files looked at, and folders that could not be read.</summary>
    public int Seen { get; private set; }

    /// <summary>New in the record.</summary>
    public int Stored { get; private set; }

    /// <summary>In the record before, as they are.</summary>
    public int AlreadyThere { get; private set; }

    /// <summary>Kept as a second copy beside the served one.</summary>
    public int KeptBeside { get; private set; }

    /// <summary>Refused by the server, or not to be read.</summary>
    public IReadOnlyList<ImportNote> Refused => refused;

    /// <summary>Nothing for the record.</summary>
    public IReadOnlyList<ImportNote> Skipped => skipped;

    /// <summary>Different people the files speak of; more than one is worth a look.</summary>
    public int People => people.Count;

    /// <summary>Bytes the server has acknowledged.</summary>
    public long Bytes { get; private set; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; internal set; }

    /// <summary>Why it stopped before the end; null when it did not.</summary>
    public Problem? Stopped { get; private set; }

    /// <summary>The operator broke it off.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Files of which it is known what became of them.</summary>
    public int Settled => Stored + AlreadyThere + KeptBeside + refused.Count + skipped.Count;

    /// <summary>0: all is in the record; 1: something is not; 2: the arguments made no sense.</summary>
    public int ExitCode => Stopped is { Kind: ProblemKind.Invalid } ? 2 : Stopped is not null || IsCancelled || refused.Count > 0 ? 1 : 0;

    internal void See(DiscEntry entry)
    {
        Seen++;
        switch (entry)
        {
            case DiscSkip skip:
                skipped.Add(new(skip.Path, skip.Reason));
                break;
            case DiscFailure failure:
                Refuse(failure.Path, failure.Reason);
                break;
            case DiscInstance instance:
                people.Add(instance.Person);
                break;
        }
    }

    internal void Take(long length, ImportVerdict verdict)
    {
        Bytes += length;
        _ = verdict switch
        {
            ImportVerdict.AlreadyThere => AlreadyThere++,
            ImportVerdict.KeptBeside => KeptBeside++,
            _ => Stored++,
        };
    }

    internal void Refuse(string path, string reason) => refused.Add(new(path, reason));

    internal void Stop(Problem problem) => Stopped = problem;

    internal void Cancel() => IsCancelled = true;
}
