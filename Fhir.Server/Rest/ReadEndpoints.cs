using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>FHIR read. See https://hl7.org/fhir/R4/http.html#read</summary>
internal static class ReadEndpoint
{
    public static void MapRead(this IEndpointRouteBuilder fhir) => fhir.MapLook("/{type}/{id}", ReadAsync).WithName("read");

    private static async Task<IResult> ReadAsync(string type, string id, GuardedRecord record, CancellationToken cancellationToken)
    {
        var outcome = await record.ReadAsync(new ResourceKey(type, id), cancellationToken);
        return outcome.Match(FhirResults.Resource, FhirResults.Problem);
    }
}

/// <summary>FHIR vread. See https://hl7.org/fhir/R4/http.html#vread</summary>
internal static class VersionReadEndpoint
{
    public static void MapVersionRead(this IEndpointRouteBuilder fhir) =>
        fhir.MapLook("/{type}/{id}/_history/{version}", ReadAsync).WithName("vread");

    private static async Task<IResult> ReadAsync(
        string type, string id, string version, GuardedRecord record, CancellationToken cancellationToken)
    {
        if (FhirNegotiation.ReadVersion(version) is not { } number)
        {
            return FhirResults.Problem(Problem.NotFound());
        }
        var outcome = await record.ReadVersionAsync(new ResourceKey(type, id), number, cancellationToken);
        return outcome.Match(FhirResults.Resource, FhirResults.Problem);
    }
}

/// <summary>FHIR history of one resource. See https://hl7.org/fhir/R4/http.html#history</summary>
internal static class HistoryEndpoint
{
    private const int DefaultCount = 20;
    private const int MaxCount = 1000;
    private static readonly string[] Known = ["_count", "_cursor", "_since", "_format", "_pretty", "_summary", "_elements"];

    public static void MapHistory(this IEndpointRouteBuilder fhir) => fhir.MapLook("/{type}/{id}/_history", ReadAsync).WithName("history");

    private static async Task<IResult> ReadAsync(
        string type, string id, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
    {
        if (request.Query.Keys.FirstOrDefault(key => !Known.Contains(key)) is not null)
        {
            return FhirResults.Problem(Problem.Invalid("History takes _count and _since here, and no other parameter yet."));
        }
        var count = Number(request, "_count");
        var cursor = Number(request, "_cursor");
        if (count is { IsGood: false } or { Value: < 1 } || cursor is { IsGood: false })
        {
            return FhirResults.Problem(Problem.Invalid("_count must be a positive whole number."));
        }
        if (!Since(request).TryGet(out var since, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var asked = (int)Math.Min(count?.Value ?? DefaultCount, MaxCount);
        var key = new ResourceKey(type, id);
        // One more than asked for: it tells whether the last one of the page was made or changed.
        var outcome = await record.HistoryAsync(key, cursor?.Value, asked + 1, cancellationToken);
        return outcome.Match(
            page => FhirResults.Document(writer => FhirBundles.WriteHistory(writer, new(key, page.Versions, asked, cursor?.Value, since), address.Fhir)),
            FhirResults.Problem);
    }

    private static (bool IsGood, long Value)? Number(HttpRequest request, string name) => request.Query.TryGetValue(name, out var text)
        ? (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value), value)
        : null;

    /// <summary>The moment from which on versions are wanted, in microseconds; null when none is said.</summary>
    private static Outcome<long?> Since(HttpRequest request)
    {
        if (!request.Query.TryGetValue("_since", out var text) || text.ToString().Length == 0)
        {
            return (long?)null;
        }
        // A plus that was not percent-encoded arrives as a blank.
        return FhirDates.TryParse(text.ToString().Replace(' ', '+'), zone: null, out var from, out _)
            ? from
            : Problem.Invalid("_since takes an instant, such as 2024-02-29T10:00:00Z.");
    }
}
