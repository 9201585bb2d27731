using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>Whether the scopes of a token allow what is asked at all, before anything is looked for. A refusal tells nothing of what is kept.</summary>
public sealed partial class GuardedRecord
{
    private static readonly string[] Letters = ["create", "read", "update", "delete", "search"];

    /// <summary>What the caller may see to do one thing.</summary>
    private Visibility To(ScopeLetters letter) => sight.To(letter);

    /// <summary>True in open mode, and for commands.</summary>
    private bool SeesEverything => Caller.IsUnbounded;

    /// <summary>Whether the caller may read resources of a type, so that what it wrote can be given back as it is now.</summary>
    public bool MayReadBack(string type) => Caller.Allows(ScopeLetters.Read, type);

    /// <summary>The refusal of who has no scope for a thing; null when there is one.</summary>
    private async ValueTask<Problem?> LacksScopeAsync(ScopeLetters letter, string type, string action, string what, CancellationToken cancellationToken) =>
        Caller.Allows(letter, type) ? null : await RefuseScopeAsync(letter, type, action, what, cancellationToken);

    private ValueTask<Problem> RefuseScopeAsync(ScopeLetters letter, string? type, string action, string what, CancellationToken cancellationToken) => log.RefusedAsync(
        log.Entry(Caller, RecordId.Shared, action, what),
        Problem.InsufficientScope($"The token has no scope to {Letters[int.Log2((int)letter)]} {type ?? "anything"}."), cancellationToken);

    /// <summary>Whether scopes cover all types a search names: those searched, those its chains and its order lead over.</summary>
    private async ValueTask<Problem?> LacksScopeAsync(SearchQuery query, string what, CancellationToken cancellationToken)
    {
        if (Caller.Authorisation is null)
        {
            return null;
        }
        const ScopeLetters Search = ScopeLetters.Search;
        if (!Caller.AllowsAny(Search))
        {
            return await RefuseScopeAsync(Search, query.IsOverTypes ? null : query.ResourceType, "search", what, cancellationToken);
        }
        // Over several types those without a scope are left out, but when they were asked for by name.
        var named = !query.IsOverTypes ? [query.ResourceType]
            : query.Types is { } types && query.Applied.Any(pair => pair.Key == "_type") ? types
            : [];
        var over = query.Sort.Where(key => key.Over is not null).Select(key => key.Parameter.ResourceType);
        return named.Concat(over).Concat(query.Links.Select(Lacking).OfType<string>()).FirstOrDefault(type => !Caller.Allows(Search, type)) is { } lacking
            ? await RefuseScopeAsync(Search, lacking, "search", what, cancellationToken)
            : null;
    }

    /// <summary>A type a chain leads to, when it leads to none that a scope covers; what it leads to besides is simply not seen.</summary>
    private string? Lacking(Link link)
    {
        var allowed = link.Ends.Where(end => Caller.Allows(ScopeLetters.Search, end.ResourceType)).ToList();
        return allowed.Count == 0 ? link.Ends.Select(end => end.ResourceType).FirstOrDefault()
            : allowed.Select(end => end.Link is null ? null : Lacking(end.Link)).FirstOrDefault(type => type is not null);
    }
}
