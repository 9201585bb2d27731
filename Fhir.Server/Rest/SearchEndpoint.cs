using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Search;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>FHIR search by GET and by POST. See https://hl7.org/fhir/R4/http.html#search</summary>
internal static class SearchEndpoint
{
    private const int FormLimit = 1 << 20;

    public static void MapSearch(this IEndpointRouteBuilder fhir)
    {
        fhir.MapLook("/{type}", GetAsync).WithName("search-type");
        fhir.MapPost("/{type}/_search", PostAsync).WithName("search-type-post").DisableAntiforgery();
    }

    private static Task<IResult> GetAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        SearchAsync(type, Pairs(request.Query), request, record, address, cancellationToken);

    private static async Task<IResult> PostAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
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
        return await SearchAsync(type, fields, request, record, address, cancellationToken);
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
        string type, IEnumerable<KeyValuePair<string, string>> pairs, HttpRequest request, GuardedRecord record, PublicAddress address,
        CancellationToken cancellationToken)
    {
        var parser = new SearchParser(new SearchOptions(), address.Fhir);
        // Which elements are wanted was settled before; it stays in the links.
        var shape = pairs.Where(Subset.IsAbout).ToList();
        if (!parser.Parse(type, pairs.Where(pair => !Subset.IsAbout(pair)), FhirNegotiation.WantsStrict(request)).TryGet(out var query, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        query = query with { Applied = [.. query.Applied, .. shape] };
        var outcome = await record.SearchAsync(query, cancellationToken);
        return outcome.Match(
            page => FhirResults.Document(writer => FhirBundles.WriteSearch(writer, query, page, address.Fhir)), FhirResults.Problem);
    }

    /// <summary>The parameters of an address, one by one.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Pairs(IQueryCollection query) =>
        query.SelectMany(field => field.Value.Select(value => KeyValuePair.Create(field.Key, value ?? "")));
}
