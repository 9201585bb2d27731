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

    /// <summary>Who shows an access token: what it stands for is <see cref="Caller.Authorisation"/>.</summary>
    Token,

    /// <summary>Nobody: let in only where the public may come. Reaches nothing.</summary>
    Anonymous,
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

    /// <summary>Nobody in particular, on a route that is for the public.</summary>
    public static Caller Anonymous { get; } = new(CallerKind.Anonymous, "anonymous", null, Reach.Nothing, MayWrite: false);

    /// <summary>What the token stands for; null for callers without one.</summary>
    public Authorisation? Authorisation { get; private init; }

    /// <summary>The records the caller may reach by right, as long as this value is used; see <see cref="Authorisation.Records"/>.</summary>
    public IReadOnlyList<AuthorisedRecord> Records { get; private init; } = [];

    /// <summary>
    /// The <see cref="Access.Capability.Id"/> of the capability by which the caller comes, in the name of whoever had it made; null for a caller who comes
    /// by themselves. It reads, and does nothing else.
    /// </summary>
    public string? Capability { get; init; }

    /// <summary>Whether nothing bounds the caller: open mode and commands. A token always has its scopes.</summary>
    public bool IsUnbounded => Reach.IsEverything && Kind is not (CallerKind.Token or CallerKind.Anonymous);

    /// <summary>To whom page links, jobs and the like belong: nobody else can use them. Of a token all that bounds what it sees.</summary>
    public string Asker => Authorisation is { } own
        ? string.Join('\n', Kind, Client, User, own.Id, own.Patient, own.Scopes)
        : string.Join('\n', Kind, Client, User);

    /// <summary>The caller a token stands for at a moment.</summary>
    /// <param name="authorisation">What it stands for.</param>
    /// <param name="now">The moment: rights that have not begun, or have ended, do not count.</param>
    /// <param name="reach">A bound around everything else, as of a capability; null for none.</param>
    public static Caller Of(Authorisation authorisation, DateTimeOffset now, Reach? reach = null)
    {
        ArgumentNullException.ThrowIfNull(authorisation);
        const ScopeLetters Writing = ScopeLetters.Create | ScopeLetters.Update | ScopeLetters.Delete;
        return new Caller(
            CallerKind.Token, authorisation.Client, authorisation.FhirUser ?? authorisation.User, reach ?? Reach.Everything,
            authorisation.Scopes.Resources.Any(scope => (scope.Letters & Writing) != 0))
        {
            Authorisation = authorisation,
            Records = [.. authorisation.Records.Where(record => (record.From is null || record.From <= now) && (record.Until is null || record.Until > now))],
        };
    }

    /// <summary>Whether a scope allows an interaction with any type.</summary>
    public bool AllowsAny(ScopeLetters letter) => Authorisation is null || IsWithinCapability(letter) && Authorisation.Scopes.Resources.Any(scope => (scope.Letters & letter) != 0);

    /// <summary>
    /// Whether a scope allows an interaction with a type, whatever it then reaches. Who may read studies may read where they are: their
    /// Endpoints. Callers without a token have no scopes, and are bounded otherwise.
    /// </summary>
    public bool Allows(ScopeLetters letter, string type) => Authorisation is null
        || IsWithinCapability(letter) && Authorisation.Scopes.Resources.Any(scope => (scope.Letters & letter) != 0
            && (scope.Covers(type) || (type == "Endpoint" && letter is ScopeLetters.Read or ScopeLetters.Search && scope.Covers("ImagingStudy"))));

    /// <summary>A capability reads, whatever the scopes of its token are.</summary>
    private bool IsWithinCapability(ScopeLetters letter) => Capability is null || letter is ScopeLetters.Read or ScopeLetters.Search;
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
