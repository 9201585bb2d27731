using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Fhir.Server.Access;
using Fhir.Server.Storage;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Consents;

/// <summary>
/// Turns a caller into what it may see, and by which letter of its scopes. Of who shows a token each scope is compiled into views of its own: the
/// records its level reaches and why, its type, its query. Their union is what is seen; none is widened by another. Recorded consents will
/// only take away from here. What is made of a token is kept as long as its <see cref="Caller"/> is, which is made anew when anything it rests on changes.
/// </summary>
internal sealed class ConsentPolicy(ScopeJudge judge, IOptions<ConsentsOptions> options)
{
    private readonly ConditionalWeakTable<Caller, CallerSight> sights = [];

    /// <summary>What a caller may see.</summary>
    public CallerSight SightOf(Caller caller) =>
        caller.Authorisation is null ? new CallerSight(VisibilityOf(caller)) : sights.GetValue(caller, one => new CallerSight(letter => Visibility.Of(ViewsOf(one, letter))));

    private static Visibility VisibilityOf(Caller caller) =>
        // Open mode, and commands with the operator key.
        caller.IsUnbounded ? Visibility.Everything : Visibility.Of(caller.Reach.Records.SelectMany(BoundsOf));

    private static IEnumerable<RecordView> BoundsOf(ReachedRecord reached)
    {
        var record = new RecordId(reached.Record);
        return reached.Studies is null
            ? [RecordView.Whole(record)]
            : reached.Studies.Select(study => study.Series is null
                ? RecordView.Study(record, study.StudyInstanceUid)
                : RecordView.Series(record, study.StudyInstanceUid, study.Series));
    }

    private IEnumerable<RecordView> ViewsOf(Caller caller, ScopeLetters letter)
    {
        var all = caller.Authorisation!.Scopes.Resources.Where(scope => (scope.Letters & letter) != 0).SelectMany(scope => ViewsOf(caller, scope, letter));
        if (caller.Reach.IsEverything)
        {
            return all;
        }
        // Whatever the scopes say, no further than the reach.
        var bounds = caller.Reach.Records.SelectMany(BoundsOf).ToList();
        return all.SelectMany(view => bounds.Where(bound => view.Record is null || view.Record == bound.Record).Select(view.Within));
    }

    private IEnumerable<RecordView> ViewsOf(Caller caller, SmartScope scope, ScopeLetters letter)
    {
        if (!judge.Read(scope).TryGet(out var query, out _))
        {
            // Such a scope is refused when it is asked for; one that came here all the same gives nothing.
            return [];
        }
        var bases = RecordBases.Of(caller, scope.Level, options.Value.ImplicitPolicy);
        return bases.Count == 0
            ? []
            : bases.SelectMany(one => ViewsOf(one, scope, query, letter)).Concat(SharedViews(caller, scope, query, letter));
    }

    /// <summary>What a scope shows of a record; of a proxy no more than the grant allows too.</summary>
    private IEnumerable<RecordView> ViewsOf(AccessBasis basis, SmartScope scope, ScopeQuery query, ScopeLetters letter)
    {
        if (basis.Scopes is not { } granted)
        {
            yield return RecordView.Of(basis.Record, TypesOf(scope.Type), query.Resource, query.Series, basis.Contributor);
            yield break;
        }
        foreach (var further in granted.Resources.Where(one => one.Level == ScopeLevel.Patient && (one.Letters & letter) != 0))
        {
            var type = scope.Type == SmartScope.AnyType ? further.Type : scope.Type;
            if (further.Covers(type) && judge.Read(further).TryGet(out var bound, out _))
            {
                yield return RecordView.Of(
                    basis.Record, TypesOf(type), Joined(query.Resource, bound.Resource), Joined(query.Series, bound.Series), basis.Contributor);
            }
        }
    }

    /// <summary>What a scope shows of what belongs to nobody.</summary>
    private static IEnumerable<RecordView> SharedViews(Caller caller, SmartScope scope, ScopeQuery query, ScopeLetters letter)
    {
        var own = caller.Authorisation!;
        var type = scope.Type == SmartScope.AnyType ? null : scope.Type;
        RecordView Of(FrozenSet<string> types, string? contributor = null, bool isReferred = false, ResourceKey? only = null) =>
            RecordView.Of(RecordId.Shared, types, query.Resource, query.Series, contributor, isReferred, only);
        if (letter is ScopeLetters.Read or ScopeLetters.Search)
        {
            if (SharedTypes.Definitions.Of(type) is { Count: > 0 } definitions)
            {
                yield return Of(definitions);
            }
            if (SharedTypes.Directory.Of(type) is { Count: > 0 } directory)
            {
                yield return Of(directory, isReferred: true);
            }
            foreach (var key in Themselves(own).Where(key => scope.Covers(key.Type)))
            {
                yield return Of(FrozenSet.ToFrozenSet([key.Type], StringComparer.Ordinal), only: key);
            }
        }
        if (own.Organization is { } organization && RecordBases.SpeaksForOrganization(own))
        {
            if (letter != ScopeLetters.Create)
            {
                yield return RecordView.Of(RecordId.Shared, TypesOf(scope.Type), query.Resource, query.Series, organization);
            }
            else if (SharedTypes.Addable.Of(type) is { Count: > 0 } addable)
            {
                yield return Of(addable);
            }
        }
    }

    /// <summary>Who the caller is, among what belongs to nobody.</summary>
    private static IEnumerable<ResourceKey> Themselves(Authorisation own)
    {
        if (own.FhirUser?.Split('/') is [.., var type and ("Practitioner" or "PractitionerRole"), var id])
        {
            yield return new ResourceKey(type, id);
        }
        if (own.Organization is { } organization && RecordBases.SpeaksForOrganization(own))
        {
            yield return new ResourceKey("Organization", organization);
        }
    }

    private static FrozenSet<string>? TypesOf(string type) => type == SmartScope.AnyType ? null : FrozenSet.ToFrozenSet([type], StringComparer.Ordinal);

    // One list for one scope: the store keeps what it makes of it by that.
    private static IReadOnlyList<Search.Criterion> Joined(IReadOnlyList<Search.Criterion> left, IReadOnlyList<Search.Criterion> right) =>
        right.Count == 0 ? left : left.Count == 0 ? right : [.. left, .. right];
}

/// <summary>What one caller may see, by what it wants to do.</summary>
internal sealed class CallerSight
{
    private readonly Func<ScopeLetters, Visibility>? make;
    private readonly Visibility? always;
    private readonly Visibility?[] made = new Visibility?[(int)ScopeLetters.Search + 1];

    public CallerSight(Visibility always) => this.always = always;

    public CallerSight(Func<ScopeLetters, Visibility> make) => this.make = make;

    /// <summary>What it may do one thing with: a single letter.</summary>
    public Visibility To(ScopeLetters letter) => always ?? (made[(int)letter] ??= make!(letter));
}
