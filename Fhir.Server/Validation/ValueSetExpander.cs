using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Validation;

/// <summary>
/// Says which concepts a value set holds, or that it cannot be said: never a guess. What is not known here is <c>NotFound</c>, what it
/// asks and this class cannot do is <c>Unprocessable</c>. See https://hl7.org/fhir/R4/valueset.html#composition
/// </summary>
/// <param name="source">Stored value sets and code systems.</param>
public sealed class ValueSetExpander(TerminologySource source)
{
    private const int MaxDepth = 10, MaxConcepts = 50_000;

    /// <summary>The concepts of a value set by its canonical address, which may have a version behind a bar.</summary>
    public ValueTask<Outcome<IReadOnlyList<Concept>>> ExpandAsync(string canonical, string? version, CancellationToken cancellationToken) =>
        ExpandAsync(canonical, version, MaxDepth, cancellationToken);

    /// <summary>The concepts of a value set.</summary>
    public ValueTask<Outcome<IReadOnlyList<Concept>>> ExpandAsync(ValueSet valueSet, CancellationToken cancellationToken) =>
        ExpandAsync(valueSet, MaxDepth, cancellationToken);

    /// <summary>All concepts of a code system; <c>NotFound</c> when it is not known here, <c>Unprocessable</c> when only a part of it is.</summary>
    public async ValueTask<Outcome<IReadOnlyList<Concept>>> WholeSystemAsync(string system, string? version, CancellationToken cancellationToken)
    {
        if (version is null or ModelCodes.FhirVersion && ModelCodes.WholeSystem(system) is { } known)
        {
            return Outcome(known);
        }
        return await source.CodeSystem(system, version, cancellationToken) is not { } stored ? NotKnown("code system")
            : stored.Content == CodeSystemContentMode.Complete ? Outcome(CodeSystemConcepts.Of(stored))
            : Problem.Unprocessable("Only a part of a code system is known here, so its value sets cannot be listed.");
    }

    private async ValueTask<Outcome<IReadOnlyList<Concept>>> ExpandAsync(string canonical, string? version, int depth, CancellationToken cancellationToken)
    {
        var parts = canonical.Split('|', 2);
        version ??= parts.Length > 1 ? parts[1] : null;
        if (version is null or ModelCodes.FhirVersion && ModelCodes.Find(parts[0]) is { } known)
        {
            return Outcome(known.Concepts);
        }
        return await source.ValueSet(parts[0], version, cancellationToken) is { } stored
            ? await ExpandAsync(stored, depth, cancellationToken)
            : NotKnown("value set");
    }

    private async ValueTask<Outcome<IReadOnlyList<Concept>>> ExpandAsync(ValueSet valueSet, int depth, CancellationToken cancellationToken)
    {
        if (depth == 0)
        {
            return Problem.Unprocessable("Value sets include each other in a circle, or too deeply.");
        }
        if (valueSet.Compose is not { } compose || compose.Include.Count == 0)
        {
            return Problem.Unprocessable("The value set does not say what it is composed of.", "ValueSet.compose");
        }
        var found = new List<Concept>();
        var known = new HashSet<(string, string)>();
        foreach (var include in compose.Include)
        {
            if (!(await ConceptsOfAsync(include, depth, cancellationToken)).TryGet(out var concepts, out var problem))
            {
                return problem;
            }
            found.AddRange(concepts.Where(concept => known.Add((concept.System, concept.Code))));
            if (found.Count > MaxConcepts)
            {
                return Problem.TooCostly("The value set has more concepts than are listed here.");
            }
        }
        foreach (var exclude in compose.Exclude)
        {
            if (!(await ConceptsOfAsync(exclude, depth, cancellationToken)).TryGet(out var concepts, out var problem))
            {
                return problem;
            }
            var gone = concepts.Select(concept => (concept.System, concept.Code)).ToHashSet();
            found.RemoveAll(concept => gone.Contains((concept.System, concept.Code)));
        }
        return compose.Inactive == false ? Outcome(found.FindAll(concept => !concept.IsInactive)) : found;
    }

    /// <summary>What one include or exclude names: what is in its code system by its conditions, and in all the value sets it names.</summary>
    private async ValueTask<Outcome<IReadOnlyList<Concept>>> ConceptsOfAsync(
        ValueSet.ConceptSetComponent part, int depth, CancellationToken cancellationToken)
    {
        List<Concept>? found = null;
        if (part.System is { Length: > 0 } system)
        {
            if (!(await OfSystemAsync(part, system, cancellationToken)).TryGet(out var concepts, out var problem))
            {
                return problem;
            }
            found = [.. concepts];
        }
        foreach (var canonical in part.ValueSet)
        {
            if (!(await ExpandAsync(canonical!, null, depth - 1, cancellationToken)).TryGet(out var concepts, out var problem))
            {
                return problem;
            }
            var these = concepts.Select(concept => (concept.System, concept.Code)).ToHashSet();
            found = found is null ? [.. concepts] : found.FindAll(concept => these.Contains((concept.System, concept.Code)));
        }
        return found is null ? Problem.Unprocessable("A part of the value set names neither a code system nor a value set.", "ValueSet.compose") : found;
    }

    private async ValueTask<Outcome<IReadOnlyList<Concept>>> OfSystemAsync(
        ValueSet.ConceptSetComponent part, string system, CancellationToken cancellationToken)
    {
        var whole = await WholeSystemAsync(system, part.Version, cancellationToken);
        if (part.Concept.Count > 0)
        {
            if (part.Filter.Count > 0)
            {
                return Problem.Unprocessable("A part of the value set both lists concepts and filters them.", "ValueSet.compose");
            }
            // Concepts that are listed are known by the list alone.
            var known = whole.IsSuccess ? whole.Value.ToDictionary(concept => concept.Code) : [];
            return part.Concept.Where(one => one.Code is not null).Select(one =>
                (known.GetValueOrDefault(one.Code!) ?? new Concept(system, one.Code!, null) { Version = part.Version }) is var concept && one.Display is { } display
                    ? concept with { Display = display, Designations = concept.Display is { } other ? [.. concept.Designations, other] : concept.Designations }
                    : concept).ToList();
        }
        if (!whole.TryGet(out var concepts, out var problem))
        {
            return problem;
        }
        foreach (var filter in part.Filter)
        {
            if (ConceptFilter.Of(filter) is not { } holds)
            {
                return Problem.Unprocessable("The value set filters concepts in a way that is not judged here.", "ValueSet.compose.include.filter");
            }
            concepts = [.. concepts.Where(holds)];
        }
        return Outcome(concepts);
    }

    private static Problem NotKnown(string what) => new(ProblemKind.NotFound, $"That {what} is not known here.");

    private static Outcome<IReadOnlyList<Concept>> Outcome(IReadOnlyList<Concept> concepts) => concepts is List<Concept> list ? list : concepts.ToList();
}
