using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Operations;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Validation;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest;

/// <summary>
/// Looks up the sets of codes a search names by <c>:in</c>, <c>:not-in</c>, <c>:above</c> and <c>:below</c>: value sets and code systems of
/// R4, and those stored here that the caller may see. See https://hl7.org/fhir/R4/search.html#token
/// </summary>
internal sealed class AskedCodeSets(GuardedRecord guard, string fhirBase)
{
    private const int MaxSets = 20;

    private readonly ValueSetExpander expander = new(StoredTerminology.Of(guard, fhirBase));

    /// <summary>The sets a query may need; <c>TooCostly</c> when it names too many.</summary>
    public async ValueTask<Outcome<CodeSets>> ResolveAsync(IEnumerable<KeyValuePair<string, string>> query, CancellationToken cancellationToken)
    {
        var asked = CodeSets.AskedIn(query).ToList();
        if (asked.Count == 0)
        {
            return CodeSets.None;
        }
        if (asked.Count > MaxSets)
        {
            return Problem.TooCostly($"A search names at most {MaxSets} sets of codes.");
        }
        var found = new Dictionary<CodeSets.Name, Outcome<IReadOnlyList<CodeSets.Code>>>();
        foreach (var name in asked)
        {
            found[name] = await CodesOfAsync(name, cancellationToken);
        }
        return new CodeSets(found);
    }

    private async ValueTask<Outcome<IReadOnlyList<CodeSets.Code>>> CodesOfAsync(CodeSets.Name name, CancellationToken cancellationToken)
    {
        var concepts = name.Modifier == "in"
            ? await OfValueSetAsync(SearchSyntax.Unescape(name.Value), cancellationToken)
            : await OfHierarchyAsync(name, cancellationToken);
        return concepts.Match<Outcome<IReadOnlyList<CodeSets.Code>>>(
            all => all.Select(concept => new CodeSets.Code(concept.System, concept.Code)).Distinct().ToList(),
            problem => problem.Kind == ProblemKind.NotFound ? Problem.Invalid(problem.Text) : problem);
    }

    /// <summary>A value set by its canonical address, or by where it is stored here.</summary>
    private async ValueTask<Outcome<IReadOnlyList<Concept>>> OfValueSetAsync(string address, CancellationToken cancellationToken)
    {
        var local = address.StartsWith(fhirBase + "/", StringComparison.Ordinal) ? address[(fhirBase.Length + 1)..] : address;
        if (local.Split('/') is not ["ValueSet", var id] || !References.IsId(id))
        {
            return await expander.ExpandAsync(address, null, cancellationToken);
        }
        return (await guard.ReadAsync(new ResourceKey("ValueSet", id), cancellationToken)).TryGet(out var stored, out _)
            ? await expander.ExpandAsync(FhirJson.ReadOwn<ValueSet>(stored.Json), cancellationToken)
            : Problem.Invalid("That value set is not known here.");
    }

    /// <summary>A code and what it subsumes, or what subsumes it, in its code system.</summary>
    private async ValueTask<Outcome<IReadOnlyList<Concept>>> OfHierarchyAsync(CodeSets.Name name, CancellationToken cancellationToken)
    {
        var parts = SearchSyntax.Split(name.Value, '|').Select(SearchSyntax.Unescape).ToList();
        if (parts is not [{ Length: > 0 } system, { Length: > 0 } code])
        {
            return Problem.Invalid($"The modifier ':{name.Modifier}' takes system|code.");
        }
        if (!(await expander.WholeSystemAsync(system, null, cancellationToken)).TryGet(out var all, out var problem))
        {
            return problem;
        }
        if (all.FirstOrDefault(concept => concept.Code == code) is not { } asked)
        {
            return Problem.Invalid("The code system has no such code.");
        }
        return all.Where(concept => concept.Code == code || (name.Modifier == "below" ? concept.Ancestors.Contains(code) : asked.Ancestors.Contains(concept.Code))).ToList();
    }
}
