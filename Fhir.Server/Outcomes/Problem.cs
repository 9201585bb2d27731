namespace Fhir.Server.Outcomes;

/// <summary>The few ways a request can fail by itself. A bug is none of these: it throws.</summary>
public enum ProblemKind
{
    /// <summary>The request cannot be understood: 400.</summary>
    Invalid,

    /// <summary>Understood, but against a rule: 422.</summary>
    Unprocessable,

    /// <summary>Nobody knows who is asking: 401.</summary>
    Unauthenticated,

    /// <summary>Known, and not allowed: 403.</summary>
    Forbidden,

    /// <summary>Never was, or may not be seen: 404.</summary>
    NotFound,

    /// <summary>This door does not do that: 405.</summary>
    NotAllowed,

    /// <summary>Was here and has been deleted: 410.</summary>
    Gone,

    /// <summary>Another state of things stands in the way: 409.</summary>
    Conflict,

    /// <summary>If-Match or another condition does not hold: 412.</summary>
    PreconditionFailed,

    /// <summary>None of the wanted representations can be made: 406.</summary>
    NotAcceptable,

    /// <summary>The content type of the request is not understood: 415.</summary>
    Unsupported,

    /// <summary>A limit on size was passed: 413.</summary>
    TooLarge,

    /// <summary>The byte range lies outside the content: 416.</summary>
    RangeNotSatisfiable,

    /// <summary>Would take more work than one request may cost: 422 with code <c>too-costly</c>.</summary>
    TooCostly,

    /// <summary>Too many requests: 429.</summary>
    TooMany,

    /// <summary>Not now, later: 503.</summary>
    Unavailable,

    /// <summary>No room left to store: 507.</summary>
    NoSpace,
}

/// <summary>Why a request could not be answered.</summary>
/// <param name="Kind">The kind of failure; a door turns it into its status.</param>
/// <param name="Text">One sentence for the caller. Never patient data, never a stack trace.</param>
/// <param name="RetryAfter">When to try again; only with <see cref="ProblemKind.TooMany"/>,
/// <see cref="ProblemKind.Unavailable"/> and <see cref="ProblemKind.NoSpace"/>.</param>
/// <param name="Expression">FHIRPath of the element at fault, when one is.
/// See https://hl7.org/fhir/R4/operationoutcome-definitions.html#OperationOutcome.issue.expression</param>
/// <param name="Further">Further faults of the same request; empty when there is only this one.</param>
public sealed record Problem(
    ProblemKind Kind, string Text, TimeSpan? RetryAfter = null, string? Expression = null, IReadOnlyList<Problem>? Further = null)
{
    /// <summary>The challenge that goes with it in WWW-Authenticate (RFC 6750 §3); null for that of its kind, or none.</summary>
    public string? Challenge { get; init; }

    public static Problem Invalid(string text, string? expression = null) => new(ProblemKind.Invalid, text, Expression: expression);

    public static Problem Unprocessable(string text, string? expression = null) => new(ProblemKind.Unprocessable, text, Expression: expression);

    public static Problem Forbidden(string text) => new(ProblemKind.Forbidden, text);

    /// <summary>Known, and the token was not granted it (RFC 6750 §3.1).</summary>
    public static Problem InsufficientScope(string text) => new(ProblemKind.Forbidden, text) { Challenge = "Bearer error=\"insufficient_scope\"" };

    /// <summary>Nothing was shown that says who is asking.</summary>
    public static Problem NobodyKnown() => new(ProblemKind.Unauthenticated, "Show an access token of this server, in the Authorization header.") { Challenge = "Bearer" };

    /// <summary>A token was shown that is not known, has expired or was revoked: which, is not told.</summary>
    public static Problem InvalidToken() =>
        new(ProblemKind.Unauthenticated, "The access token is not, or no longer, valid.") { Challenge = "Bearer error=\"invalid_token\"" };

    public static Problem NotAllowed(string text) => new(ProblemKind.NotAllowed, text);

    public static Problem Conflict(string text) => new(ProblemKind.Conflict, text);

    public static Problem PreconditionFailed(string text) => new(ProblemKind.PreconditionFailed, text);

    public static Problem NotAcceptable(string text) => new(ProblemKind.NotAcceptable, text);

    public static Problem Unsupported(string text) => new(ProblemKind.Unsupported, text);

    public static Problem TooLarge(string text) => new(ProblemKind.TooLarge, text);

    public static Problem TooCostly(string text) => new(ProblemKind.TooCostly, text);

    /// <summary>The same words for what never was and what may not be seen.</summary>
    public static Problem NotFound() => new(ProblemKind.NotFound, "Nothing is known here by that address.");

    /// <summary>What was deleted, told to those who could see it.</summary>
    public static Problem Gone() => new(ProblemKind.Gone, "It was here and has been deleted.");

    public static Problem Unavailable(string text, TimeSpan retryAfter) => new(ProblemKind.Unavailable, text, retryAfter);

    public static Problem NoSpace(string text, TimeSpan retryAfter) => new(ProblemKind.NoSpace, text, retryAfter);
}
