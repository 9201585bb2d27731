using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Fhir.Server.Validation;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>Lists the concepts of a value set. See https://hl7.org/fhir/R4/valueset-operation-expand.html</summary>
internal static class ExpandEndpoint
{
    private const int WithoutPages = 10_000;

    /// <summary>Parameters that would make it another list, and are not answered.</summary>
    private static readonly string[] NotOffered =
        ["context", "contextDirection", "exclude-system", "system-version", "check-system-version", "force-system-version"];

    private static readonly string[] Verbs = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post];

    public static void MapExpand(this IEndpointRouteBuilder fhir)
    {
        var expand = Operation.OfStandard("expand", "ValueSet-expand");
        fhir.MapMethods("/ValueSet/$expand", Verbs, (HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken) =>
            ExpandAsync(null, request, guard, address, cancellationToken)).WithName("expand-type").WithMetadata(expand);
        fhir.MapMethods("/ValueSet/{id}/$expand", Verbs, ExpandAsync).WithName("expand").WithMetadata(expand);
    }

    private static async Task<IResult> ExpandAsync(
        string? id, HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!(await OperationInput.ReadAsync(request, cancellationToken)).TryGet(out var input, out var problem)
            || !input.Number("offset", 0, int.MaxValue).TryGet(out var offset, out problem)
            || !input.Number("count", 0, WithoutPages).TryGet(out var count, out problem)
            || !input.Flag("activeOnly", otherwise: false).TryGet(out var activeOnly, out problem)
            || !input.Flag("includeDefinition", otherwise: false).TryGet(out var withDefinition, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (input.Names.FirstOrDefault(NotOffered.Contains) is { } refused)
        {
            return FhirResults.Problem(Problem.Invalid($"$expand does not take {refused} here."));
        }
        var expander = new ValueSetExpander(StoredTerminology.Of(guard, address.Fhir));
        if (!(await AskedValueSet.FindAsync(id, input, guard, address, cancellationToken)).TryGet(out var asked, out problem)
            || !(await asked.ExpandAsync(expander, cancellationToken)).TryGet(out var concepts, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var filter = input.Text("filter");
        var chosen = concepts.Where(concept => (!activeOnly || !concept.IsInactive) && (filter is null || Fits(concept, filter))).ToList();
        if (count is null && chosen.Count > WithoutPages)
        {
            return FhirResults.Problem(Problem.TooCostly("The list is too long to be given at once; ask for it by count and offset."));
        }
        var answer = asked.Describe(withDefinition);
        answer.Expansion = Expansion(chosen, offset ?? 0, count, filter, activeOnly);
        return FhirResults.Document(FhirJson.Write(answer));
    }

    private static ValueSet.ExpansionComponent Expansion(List<Concept> chosen, int offset, int? count, string? filter, bool activeOnly)
    {
        var expansion = new ValueSet.ExpansionComponent
        {
            Identifier = "urn:uuid:" + Guid.NewGuid(),
            TimestampElement = new FhirDateTime(DateTimeOffset.UtcNow),
            Total = chosen.Count,
            Offset = offset,
            Contains = [.. chosen.Skip(offset).Take(count ?? int.MaxValue).Select(concept => new ValueSet.ContainsComponent
            {
                System = concept.System, Version = concept.Version, Code = concept.Code, Display = concept.Display,
                Abstract = concept.IsAbstract ? true : null, Inactive = concept.IsInactive ? true : null,
            })],
        };
        void Tell(string name, DataType value) => expansion.Parameter.Add(new ValueSet.ParameterComponent { Name = name, Value = value });
        if (filter is not null)
        {
            Tell("filter", new FhirString(filter));
        }
        if (activeOnly)
        {
            Tell("activeOnly", new FhirBoolean(true));
        }
        Tell("excludeNested", new FhirBoolean(true));
        if (count is { } asked)
        {
            Tell("count", new Integer(asked));
            Tell("offset", new Integer(offset));
        }
        return expansion;
    }

    /// <summary>Each word of the filter stands in the display or the code.</summary>
    private static bool Fits(Concept concept, string filter) => filter.Split(' ', StringSplitOptions.RemoveEmptyEntries).All(word =>
        concept.Code.Contains(word, StringComparison.OrdinalIgnoreCase) || concept.Display?.Contains(word, StringComparison.OrdinalIgnoreCase) == true);
}

/// <summary>The value set an operation is about: sent along, stored here by id, or known by its canonical address.</summary>
/// <param name="Url">Its canonical address; null when it is given by itself.</param>
/// <param name="Version">The version that is asked for.</param>
/// <param name="ValueSet">The value set itself; null when it is known by its address.</param>
internal sealed record AskedValueSet(string? Url, string? Version, ValueSet? ValueSet)
{
    public static async ValueTask<Outcome<AskedValueSet>> FindAsync(
        string? id, OperationInput input, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        if (id is not null)
        {
            return (await guard.ReadAsync(new ResourceKey("ValueSet", id), cancellationToken))
                .Match<Outcome<AskedValueSet>>(stored => new AskedValueSet(null, null, FhirJson.ReadOwn<ValueSet>(stored.Json)), problem => problem);
        }
        if (input.Resource<ValueSet>("valueSet") is { } sent)
        {
            return new AskedValueSet(null, null, sent);
        }
        if (input.Text("url") is not { } canonical)
        {
            return Problem.Invalid("Name a value set by its url, or send one as valueSet.");
        }
        var parts = canonical.Split('|', 2);
        var version = input.Text("valueSetVersion") ?? (parts.Length > 1 ? parts[1] : null);
        return version is null or ModelCodes.FhirVersion && ModelCodes.Find(parts[0]) is not null
            ? new AskedValueSet(parts[0], version, null)
            : await StoredTerminology.Of(guard, address.Fhir).ValueSet(parts[0], version, cancellationToken) is { } stored
                ? new AskedValueSet(null, null, stored)
                : new Problem(ProblemKind.NotFound, "That value set is not known here.");
    }

    public ValueTask<Outcome<IReadOnlyList<Concept>>> ExpandAsync(ValueSetExpander expander, CancellationToken cancellationToken) =>
        ValueSet is null ? expander.ExpandAsync(Url!, Version, cancellationToken) : expander.ExpandAsync(ValueSet, cancellationToken);

    /// <summary>The value set without its expansion, to be given back.</summary>
    public ValueSet Describe(bool withDefinition)
    {
        if (ValueSet is null)
        {
            return new ValueSet { Url = Url, Version = ModelCodes.FhirVersion, Name = ModelCodes.Find(Url!)!.Name, Status = PublicationStatus.Active };
        }
        var copy = (ValueSet)ValueSet.DeepCopy();
        copy.Text = null;
        copy.Compose = withDefinition ? copy.Compose : null;
        return copy;
    }
}
