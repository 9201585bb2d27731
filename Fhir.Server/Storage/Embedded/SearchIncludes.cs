using Fhir.Server.Search;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// What the matches of a page bring along: first what they point to and what points to them, then, with <c>:iterate</c>, the same of what
/// was brought. Each resource once, as far as the caller sees it, and no more than the limits allow.
/// See https://hl7.org/fhir/R4/search.html#include
/// </summary>
internal sealed class SearchIncludes(
    SqliteSession session, ResourceReader reader, SearchQuery query, Visibility visibility, Func<string, string, long?> parameters)
{
    private readonly HashSet<ResourceKey> known = [];
    private readonly List<StoredResource> included = [];
    private readonly SortedSet<string> leftOut = new(StringComparer.Ordinal);

    /// <summary>Whether something was left out for a limit.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Types the caller's scopes do not cover, of which something is referred to from what is seen, or that were asked for by name.</summary>
    public IReadOnlyList<string> LeftOut => [.. leftOut];

    /// <summary>What these bring along.</summary>
    public IReadOnlyList<StoredResource> Of(IReadOnlyList<ResourceReader.Found> matches)
    {
        if (matches.Count > 0)
        {
            leftOut.UnionWith(query.Includes.Select(include => include.TargetType).Concat(query.RevIncludes.Select(include => include.SourceType))
                .Where(type => type is not (null or Include.Any) && !visibility.Covers(type)).OfType<string>());
        }
        known.UnionWith(matches.Select(match => match.Resource.Key));
        var from = matches;
        for (var round = 0; from.Count > 0 && !IsCut; round++)
        {
            var next = new List<ResourceReader.Found>();
            foreach (var include in query.Includes.Where(one => round == 0 || one.Iterate))
            {
                Add(next, ResourceReader.Find(session, [.. Targets(include, from).Where(key => !known.Contains(key)).Distinct()]), round);
            }
            foreach (var include in query.RevIncludes.Where(one => round == 0 || one.Iterate))
            {
                Add(next, ResourceReader.Find(session, Sources(include, from)), round);
            }
            from = next;
        }
        return included;
    }

    private void Add(List<ResourceReader.Found> next, IEnumerable<ResourceReader.Found> some, int round)
    {
        foreach (var found in some.Where(one => !one.Resource.IsDeleted && !known.Contains(one.Resource.Key)))
        {
            // Short statements, each too short to look at the clock itself.
            session.LookAtClock();
            if (reader.Show(session, found, visibility) is not { } shown)
            {
                continue;
            }
            if (included.Count == query.Limits.MaxIncluded || round > query.Limits.MaxIncludeRounds)
            {
                IsCut = true;
                return;
            }
            known.Add(found.Resource.Key);
            included.Add(shown);
            next.Add(found);
        }
    }

    private IEnumerable<ResourceKey> Targets(Include include, IReadOnlyList<ResourceReader.Found> from)
    {
        var sources = from.Where(one => include.SourceType == Include.Any || one.Resource.Key.Type == include.SourceType).ToDictionary(one => one.Pk);
        var parameter = include.Code == Include.Any ? null : parameters(include.SourceType, include.Code);
        if (sources.Count == 0 || (parameter is null && include.Code != Include.Any))
        {
            return [];
        }
        var inForce = parameter is null ? InForce(include.SourceType).ToHashSet() : null;
        return ResourceReader.References(session, sources.Keys, parameter)
            .Where(row => inForce?.Contains(row.Parameter) != false && (include.TargetType is null || include.TargetType == row.Target.Type) && Sees(sources[row.Source], row.Series))
            .Select(row => row.Target).Where(IsCovered);
    }

    private bool IsCovered(ResourceKey target)
    {
        if (visibility.Covers(target.Type))
        {
            return true;
        }
        leftOut.Add(target.Type);
        return false;
    }

    /// <summary>What <c>*</c> means: rows of a parameter that is out of force are left until they are made anew.</summary>
    private IEnumerable<long> InForce(string type) => ResourceReader.Parameters(session, type == Include.Any ? null : type)
        .Where(one => query.Parameters.Find(one.Type, one.Code) is not null).Select(one => one.Number);

    private bool Sees(ResourceReader.Found source, string series) =>
        series.Length == 0 || visibility.SeesSeries(
            source.Resource.Record, source.Study ?? "", new(series, ResourceReader.ModalityOf(session, source.Pk, series)), session.Facts, source.Resource.Key.Type);

    private List<long> Sources(Include include, IReadOnlyList<ResourceReader.Found> from)
    {
        var targets = from.Select(one => one.Resource.Key).Where(key => include.TargetType is null || include.TargetType == key.Type).ToList();
        List<long> numbers = include.Code == Include.Any
            ? [.. InForce(include.SourceType)]
            : parameters(include.SourceType, include.Code) is { } number ? [number] : [];
        return targets.Count == 0 || numbers.Count == 0
            ? []
            : ResourceReader.Referrers(session, targets, numbers, query.Limits.MaxIncluded + known.Count + 1);
    }
}
