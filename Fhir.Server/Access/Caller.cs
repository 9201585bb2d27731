namespace Fhir.Server.Access;

/// <summary>By which way a caller came to be known.</summary>
public enum CallerKind
{
    /// <summary>Nobody is asked who they are: <c>Access:Mode=Open</c>, on loopback alone.</summary>
    Open,

    /// <summary>A command of this program that holds the operator key of the store.</summary>
    Operator,

    /// <summary>A caller who may reach named records, studies or series and nothing else.</summary>
    Restricted,
}

/// <summary>Who is asking: what a request was turned into before any door opens.</summary>
/// <param name="Kind">How the caller is known.</param>
/// <param name="Client">The OAuth client, or a fixed word for open mode and commands. Appears in audit.</param>
/// <param name="User">The user behind the client; null when there is none.</param>
/// <param name="Reach">The most this caller may reach. Consent can only take away from it.</param>
/// <param name="MayWrite">Whether the caller may change anything at all within its reach.</param>
public sealed record Caller(CallerKind Kind, string Client, string? User, Reach Reach, bool MayWrite)
{
    /// <summary>The caller of open mode: everything is allowed.</summary>
    public static Caller Open { get; } = new(CallerKind.Open, "open", null, Reach.Everything, MayWrite: true);

    /// <summary>The caller of a command that showed the operator key.</summary>
    public static Caller Operator { get; } = new(CallerKind.Operator, "command-line", null, Reach.Everything, MayWrite: true);
}

/// <summary>The outermost bound of what a caller may reach: everything, or named records, each whole or by study and series.</summary>
public sealed class Reach
{
    private Reach(bool isEverything, IReadOnlyList<ReachedRecord> records)
    {
        IsEverything = isEverything;
        Records = records;
    }

    /// <summary>No bound.</summary>
    public static Reach Everything { get; } = new(true, []);

    /// <summary>Nothing at all.</summary>
    public static Reach Nothing { get; } = new(false, []);

    /// <summary>True when there is no bound.</summary>
    public bool IsEverything { get; }

    /// <summary>The records that may be reached; empty with <see cref="Everything"/> and <see cref="Nothing"/>.</summary>
    public IReadOnlyList<ReachedRecord> Records { get; }

    /// <summary>Bounded to the given records.</summary>
    public static Reach Of(params IReadOnlyList<ReachedRecord> records) => new(false, records);
}

/// <summary>One record within a <see cref="Reach"/>.</summary>
/// <param name="Record">The record id (= <c>Patient.id</c>).</param>
/// <param name="Studies">The studies that may be reached; null for the whole record.</param>
public sealed record ReachedRecord(string Record, IReadOnlyList<ReachedStudy>? Studies = null);

/// <summary>One study within a <see cref="ReachedRecord"/>.</summary>
/// <param name="StudyInstanceUid">The Study Instance UID (0020,000D).</param>
/// <param name="Series">The Series Instance UIDs that may be reached; null for all of the study.</param>
public sealed record ReachedStudy(string StudyInstanceUid, IReadOnlyList<string>? Series = null);
