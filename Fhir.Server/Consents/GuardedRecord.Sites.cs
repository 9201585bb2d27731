using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>A site: what a client that speaks for itself, bound to an Organization, sends for.</summary>
/// <param name="Organization">The id of the Organization.</param>
/// <param name="Namespaces">The namespaces of patient identifiers it may assert; the first is meant where a file names none of them.</param>
public sealed record Site(string Organization, IReadOnlyList<string> Namespaces)
{
    /// <summary>Where its studies wait that match nobody; it alone reads there.</summary>
    public RecordId Unclaimed => RecordId.UnclaimedOf(Organization);
}

/// <summary>Verified links: the only thing that says whose study it is that a site sends.</summary>
public sealed partial class GuardedRecord
{
    private const int LongestValue = 64;

    /// <summary>The site the caller is; null for anybody else. A user at a site is not the site.</summary>
    public Site? Site => Caller.Authorisation is { Organization: { } organization, User: null, FhirUser: null } own ? new Site(organization, own.Namespaces) : null;

    /// <summary>
    /// The record a verified link leads to, for routing; null when there is none, and when the caller may not route by this namespace: a site routes by those
    /// registered to it, who sees everything by any.
    /// </summary>
    public async ValueTask<VerifiedLink?> FindLinkAsync(string @namespace, string value, CancellationToken cancellationToken) =>
        SeesEverything || Site?.Namespaces.Contains(@namespace) == true ? await stores.Resources.FindLinkAsync(@namespace, value, cancellationToken) : null;

    /// <summary>
    /// Whether a record is linked to the site the caller is: it knows the patient by a verified identifier of its own. There it may add studies and resources,
    /// and see what it added.
    /// </summary>
    public async ValueTask<bool> IsLinkedAsync(RecordId record, CancellationToken cancellationToken) => Site is { Namespaces.Count: > 0 } site
        && (await stores.Resources.LinksAsync(record, cancellationToken)).Any(link => site.Namespaces.Contains(link.Namespace));

    /// <summary>
    /// Says that an identifier means a record: studies that come with it go there from now on. Saying it again is well. <c>Forbidden</c> for who does not see
    /// everything, <c>Conflict</c> when it means another record, <c>NotFound</c> when there is no such record.
    /// </summary>
    public async ValueTask<Outcome<VerifiedLink>> LinkAsync(RecordId record, string @namespace, string value, string how, CancellationToken cancellationToken)
    {
        if (!(await OverseeAsync("link", record.Value, cancellationToken)).TryGet(out _, out var problem))
        {
            return problem;
        }
        if (NotToBeLinked(record, @namespace, value) is { } fault)
        {
            return fault;
        }
        var link = new VerifiedLink(@namespace, value, record, how, Caller.User ?? Caller.Client);
        var outcome = await stores.Resources.CommitAsync(
            new RecordCommit(record)
            {
                Preconditions = [new Precondition.RecordExists(), new Precondition.LinkAbsent(@namespace, value)],
                Links = [link],
                Audit = [log.Entry(Caller, record, "link", @namespace)],
            },
            cancellationToken);
        if (outcome.Problem is not { } failure)
        {
            return link;
        }
        return failure.Kind switch
        {
            ProblemKind.NotFound => new Problem(ProblemKind.NotFound, $"There is no patient {record}."),
            ProblemKind.Conflict when await stores.Resources.FindLinkAsync(@namespace, value, cancellationToken) is { } known && known.Record == record => known,
            ProblemKind.Conflict => Problem.Conflict("This identifier means another record. Unlink it there first, if that is wrong."),
            _ => failure,
        };
    }

    /// <summary>
    /// Takes a link back: nothing more comes by it. What has come stays. <c>Forbidden</c> for who does not see everything, <c>NotFound</c> when there is none.
    /// </summary>
    public async ValueTask<Outcome<Done>> UnlinkAsync(string @namespace, string value, CancellationToken cancellationToken)
    {
        if (!(await OverseeAsync("unlink", @namespace, cancellationToken)).TryGet(out _, out var problem))
        {
            return problem;
        }
        if (await stores.Resources.FindLinkAsync(@namespace, value, cancellationToken) is not { } link)
        {
            return Problem.NotFound();
        }
        var outcome = await stores.Resources.CommitAsync(
            new RecordCommit(link.Record) { RemovedLinks = [link], Audit = [log.Entry(Caller, link.Record, "unlink", @namespace)] }, cancellationToken);
        return outcome.Match<Outcome<Done>>(_ => new Done(), failure => failure);
    }

    /// <summary>The verified links of a record. <c>Forbidden</c> for who does not see everything.</summary>
    public async ValueTask<Outcome<IReadOnlyList<VerifiedLink>>> LinksAsync(RecordId record, CancellationToken cancellationToken) =>
        (await OverseeAsync("links", record.Value, cancellationToken)).TryGet(out _, out var problem)
            ? ToOutcome(await stores.Resources.LinksAsync(record, cancellationToken))
            : problem;

    private static Problem? NotToBeLinked(RecordId record, string @namespace, string value) =>
        !RecordId.IsWellFormed(record.Value) || record.IsReserved ? new Problem(ProblemKind.NotFound, $"There is no patient {record}.")
        : !IsNamespace(@namespace) ? Problem.Invalid("A namespace is a URI, as urn:oid:1.2.3 or https://hospital.example/mrn.")
        : value.Length is 0 or > LongestValue || value != value.Trim() || value.Any(char.IsControl) ? Problem.Invalid("An identifier has 1 to 64 characters, as in Patient ID (0010,0020).")
        : null;

    /// <summary>Whether a text can be a namespace of patient identifiers: an absolute URI without blanks.</summary>
    public static bool IsNamespace(string text) => Uri.TryCreate(text, UriKind.Absolute, out _) && !text.Any(char.IsWhiteSpace);
}
