using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Search;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>FHIR search of a type, a compartment or the system, by GET and by POST. See https://hl7.org/fhir/R4/http.html#search</summary>
internal static class SearchEndpoint
{
    private const int FormLimit = 1 << 20;

    public static void MapSearch(this IEndpointRouteBuilder fhir)
    {
        fhir.MapLook("/", GetSystemAsync).WithName("search-system");
        fhir.MapPost("/_search", PostSystemAsync).WithName("search-system-post").DisableAntiforgery();
        fhir.MapLook("/{type}", GetAsync).WithName("search-type");
        fhir.MapPost("/{type}/_search", PostAsync).WithName("search-type-post").DisableAntiforgery();
        fhir.MapLook("/{type}/{id}/{inner}", GetCompartmentAsync).WithName("search-compartment");
        fhir.MapPost("/{type}/{id}/{inner}/_search", PostCompartmentAsync).WithName("search-compartment-post").DisableAntiforgery();
    }

    /// <summary>What is searched: a type, a compartment or all.</summary>
    private delegate Outcome<SearchQuery> Reading(SearchParser parser, IEnumerable<KeyValuePair<string, string>> pairs, bool strict);

    private static Task<IResult> GetAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        SearchAsync(OfType(type), Pairs(request.Query), request, record, address, cancellationToken);

    private static Task<IResult> PostAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        PostedAsync(OfType(type), request, record, address, cancellationToken);

    private static Task<IResult> GetSystemAsync(
        HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        SearchAsync(OfSystem, Pairs(request.Query), request, record, address, cancellationToken);

    private static Task<IResult> PostSystemAsync(
        HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        PostedAsync(OfSystem, request, record, address, cancellationToken);

    private static Task<IResult> GetCompartmentAsync(
        string type, string id, string inner, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        SearchAsync(OfCompartment(type, id, inner), Pairs(request.Query), request, record, address, cancellationToken);

    private static Task<IResult> PostCompartmentAsync(
        string type, string id, string inner, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        PostedAsync(OfCompartment(type, id, inner), request, record, address, cancellationToken);

    private static Reading OfType(string type) => (parser, pairs, strict) => parser.Parse(type, pairs, strict);

    private static Outcome<SearchQuery> OfSystem(SearchParser parser, IEnumerable<KeyValuePair<string, string>> pairs, bool strict)
    {
        if (!parser.ParseSystem(pairs, strict).TryGet(out var query, out var problem))
        {
            return problem;
        }
        return query.Types is null && query.Criteria.Count + query.Links.Count == 0
            ? Problem.Invalid("A search in the whole system names types by _type, or has a condition.")
            : query;
    }

    private static Reading OfCompartment(string type, string id, string inner) =>
        (parser, pairs, strict) => inner != Include.Any && !ResourceContents.Types.Contains(inner)
            ? new Problem(ProblemKind.NotFound, "This server keeps no resources of that type.")
            : parser.ParseCompartment(new CompartmentScope(type, id), inner, pairs, strict);

    private static async Task<IResult> PostedAsync(
        Reading reading, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!(await ReadFormAsync(request, cancellationToken)).TryGet(out var form, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var fields = Pairs(request.Query).Concat(form.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")))).ToList();
        if (!FhirFormat.Settle(request.HttpContext, form["_format"].ToString()).TryGet(out _, out problem)
            || !Subset.Settle(request.HttpContext, fields).TryGet(out _, out problem))
        {
            return FhirResults.Problem(problem);
        }
        return await SearchAsync(reading, fields, request, record, address, cancellationToken);
    }

    private static async ValueTask<Outcome<IFormCollection>> ReadFormAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase))
        {
            return Problem.Unsupported("A search is posted as application/x-www-form-urlencoded.");
        }
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = FormLimit;
        }
        try
        {
            return new FormCollection((await request.ReadFormAsync(cancellationToken)).ToDictionary());
        }
        catch (InvalidDataException)
        {
            return Problem.TooLarge("The search has more fields, or longer ones, than are read.");
        }
    }

    private static async Task<IResult> SearchAsync(
        Reading reading, IEnumerable<KeyValuePair<string, string>> pairs, HttpRequest request, GuardedRecord record, PublicAddress address,
        CancellationToken cancellationToken)
    {
        var asked = pairs.ToList();
        if (!(await new AskedCodeSets(record, address.Fhir).ResolveAsync(asked, cancellationToken)).TryGet(out var sets, out var problem)
            || !reading(new SearchParser(new SearchOptions { CodeSets = sets }, address.Fhir, record.SearchParameters), asked, FhirNegotiation.WantsStrict(request)).TryGet(out var query, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await record.SearchAsync(query, cancellationToken);
        return outcome.Match(
            page => FhirResults.Document(writer => FhirBundles.WriteSearch(writer, query, page, address.Fhir)), FhirResults.Problem);
    }

    /// <summary>The parameters of an address, one by one.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Pairs(IQueryCollection query) =>
        query.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")));
}
