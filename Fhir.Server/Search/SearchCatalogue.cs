using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;
using Hl7.Fhir.Serialization;

namespace Fhir.Server.Search;

/// <summary>
/// The search parameters in force at one moment: all of R4 and those that active SearchParameter resources of this store define. It never
/// changes; a change gives another one. See https://hl7.org/fhir/R4/searchparameter.html
/// </summary>
public sealed class SearchCatalogue
{
    private readonly ImmutableSortedDictionary<string, Definition> definitions;
    private readonly FrozenDictionary<string, TypeParameters> added;
    private readonly ConcurrentDictionary<string, ExtractionPlan> plans = new(StringComparer.Ordinal);

    private SearchCatalogue(ImmutableSortedDictionary<string, Definition> definitions, IEnumerable<SearchParameterInfo> added)
    {
        this.definitions = definitions;
        this.added = added.GroupBy(one => one.ResourceType, StringComparer.Ordinal)
            .ToFrozenDictionary(group => group.Key, group => new TypeParameters(group.Key, [.. group]), StringComparer.Ordinal);
    }

    /// <summary>R4's own parameters and no others.</summary>
    public static SearchCatalogue Standard { get; } = new(ImmutableSortedDictionary.Create<string, Definition>(StringComparer.Ordinal), []);

    /// <summary>Ids of active definitions that are not in force: a composite whose components have gone, or what an older program let pass.</summary>
    public IReadOnlyList<string> Idle => [.. definitions.Where(one => one.Value.Parameters.Count == 0).Select(one => one.Key)];

    /// <summary>The parameter of a type by its code; null when there is none or its kind is not answered.</summary>
    public SearchParameterInfo? Find(string resourceType, string code) =>
        SearchParameters.Find(resourceType, code) ?? (added.TryGetValue(resourceType, out var own) ? own.ByCode.GetValueOrDefault(code) : null);

    /// <summary>All parameters of a type in the order of their codes; none for an unknown type.</summary>
    public IReadOnlyList<SearchParameterInfo> Of(string resourceType) =>
        added.TryGetValue(resourceType, out var own) ? own.Ordered : SearchParameters.Of(resourceType);

    /// <summary>
    /// The catalogue after SearchParameter resources have been written or deleted. <c>Unprocessable</c> when one that would be in force
    /// cannot be; see <see cref="SearchDefinition"/>.
    /// </summary>
    /// <param name="changes">What is written: the id, and the resource when it is active; without one it defines nothing from now on.</param>
    /// <param name="tell">Says of a problem which change it is of.</param>
    /// <returns>This one when nothing comes of it.</returns>
    public Outcome<SearchCatalogue> With(IReadOnlyList<(string Id, SearchParameter? Definition)> changes, Func<int, Problem, Problem> tell)
    {
        ArgumentNullException.ThrowIfNull(changes);
        ArgumentNullException.ThrowIfNull(tell);
        var next = definitions.RemoveRange(changes.Select(change => change.Id));
        if (next.Count == definitions.Count && changes.All(change => !IsActive(change.Definition)))
        {
            return this;
        }

        var names = new ParameterNames();
        // What a composite is made of comes before it.
        var plain = next.Where(one => !IsComposite(one.Value.Source)).ToList();
        plain.ForEach(one => names.Add(one.Value.Parameters));
        var composites = next.Where(one => IsComposite(one.Value.Source)).ToList();
        var written = changes.Index().Where(change => IsActive(change.Item.Definition)).ToList();
        foreach (var (index, (id, definition)) in written.Where(change => !IsComposite(change.Item.Definition!)))
        {
            if (!SearchDefinition.Read(definition!, names).TryGet(out var parameters, out var problem))
            {
                return tell(index, problem);
            }

            names.Add(parameters);
            next = next.SetItem(id, new(definition!, parameters));
        }

        foreach (var (id, known) in composites)
        {
            var read = SearchDefinition.Read(known.Source, names);
            next = next.SetItem(id, new(known.Source, read.IsSuccess ? read.Value : []));
            names.Add(next[id].Parameters);
        }

        foreach (var (index, (id, definition)) in written.Where(change => IsComposite(change.Item.Definition!)))
        {
            if (!SearchDefinition.Read(definition!, names).TryGet(out var parameters, out var problem))
            {
                return tell(index, problem);
            }

            names.Add(parameters);
            next = next.SetItem(id, new(definition!, parameters));
        }

        return new SearchCatalogue(next, next.Values.SelectMany(one => one.Parameters));
    }

    /// <summary>The catalogue of a store, from the SearchParameter resources it keeps. One that cannot be in force keeps no other from it.</summary>
    /// <param name="stored">Id and JSON of each, as this server wrote them.</param>
    public static SearchCatalogue Load(IEnumerable<(string Id, ReadOnlyMemory<byte> Json)> stored)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var catalogue = Standard;
        foreach (var (id, definition) in stored.Select(one => (one.Id, Definition: Read(one.Json))).Where(one => IsActive(one.Definition))
            .OrderBy(one => IsComposite(one.Definition)).ThenBy(one => one.Id, StringComparer.Ordinal))
        {
            var next = catalogue.With([(id, definition)], (_, problem) => problem);
            catalogue = next.IsSuccess
                ? next.Value
                : new SearchCatalogue(catalogue.definitions.SetItem(id, new(definition, [])), catalogue.definitions.Values.SelectMany(one => one.Parameters));
        }

        return catalogue;
    }

    /// <summary>What to evaluate on a type; compiled by the first who asks.</summary>
    internal ExtractionPlan PlanOf(string resourceType) => added.TryGetValue(resourceType, out var own)
        ? plans.GetOrAdd(resourceType, static (type, parameters) => ExtractionPlan.For(type).With(parameters), own.ByCode.Values)
        : ExtractionPlan.For(resourceType);

    /// <summary>Whether a type has the same rows by this as by another.</summary>
    public bool IndexesAlike(SearchCatalogue other, string resourceType)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ReferenceEquals(this, other) || (!added.ContainsKey(resourceType) && !other.added.ContainsKey(resourceType));
    }

    private static bool IsActive(SearchParameter? definition) => definition?.Status == PublicationStatus.Active;

    private static bool IsComposite(SearchParameter definition) => definition.Type == SearchParamType.Composite;

    private static SearchParameter Read(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        FhirJsonDeserializer.OSTRICH.TryDeserializeResource(ref reader, out var resource, out _);
        return resource as SearchParameter ?? throw new InvalidOperationException("A stored SearchParameter cannot be read.");
    }

    /// <param name="Source">The resource.</param>
    /// <param name="Parameters">What it puts in force, one for each type; none when it cannot.</param>
    private sealed record Definition(SearchParameter Source, IReadOnlyList<SearchParameterInfo> Parameters);

    private sealed class TypeParameters(string type, IReadOnlyList<SearchParameterInfo> own)
    {
        public FrozenDictionary<string, SearchParameterInfo> ByCode { get; } = own.ToFrozenDictionary(one => one.Code, StringComparer.Ordinal);

        public IReadOnlyList<SearchParameterInfo> Ordered { get; } =
            [.. SearchParameters.Of(type).Concat(own).OrderBy(one => one.Code, StringComparer.Ordinal)];
    }
}
