using System.Globalization;
using System.Text;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// All of a patient's record, page by page, composed from stored bytes. See https://hl7.org/fhir/R4/operation-patient-everything.html
/// </summary>
internal static class EverythingEndpoint
{
    private const int MaxCount = 1000;

    private static readonly string[] Known = ["_since", "_type", "_count", "_cursor", "_format", "_pretty", "_summary", "_elements"];
    private static readonly string[] Verbs = [HttpMethods.Get, HttpMethods.Head, HttpMethods.Post];

    public static void MapEverything(this IEndpointRouteBuilder fhir)
    {
        var everything = Operation.OfStandard("everything", "Patient-everything");
        fhir.MapMethods("/Patient/{id}/$everything", Verbs, ReadAsync).WithName("everything").WithMetadata(everything);
        fhir.MapMethods("/Patient/$everything", Verbs, ReadOwnAsync).WithName("everything-type").WithMetadata(everything);
    }

    private static Task<IResult> ReadOwnAsync(HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken) =>
        guard.OnlyRecord is { } record
            ? ReadAsync(record.Value, request, guard, address, cancellationToken)
            : Task.FromResult(FhirResults.Problem(Problem.Invalid("Name the patient: Patient/{id}/$everything. Without, it is for callers of one record.")));

    private static async Task<IResult> ReadAsync(
        string id, HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!(await OperationInput.ReadAsync(request, cancellationToken)).TryGet(out var input, out var problem)
            || !ReadQuery(input, FhirNegotiation.WantsStrict(request)).TryGet(out var query, out problem)
            || !(await guard.EverythingAsync(new RecordId(id), query, cancellationToken)).TryGet(out var page, out problem))
        {
            return FhirResults.Problem(problem);
        }
        return FhirResults.Document(writer => Write(writer, id, input, query, page, address.Fhir));
    }

    private static Outcome<EverythingQuery> ReadQuery(OperationInput input, bool isStrict)
    {
        if (input.Names.FirstOrDefault(name => !Known.Contains(name)) is { } unknown && (isStrict || unknown is "start" or "end"))
        {
            return Problem.Invalid("$everything takes _since, _type and _count here, and no other parameter.");
        }
        if (!input.Number("_count", 1, MaxCount).TryGet(out var count, out var problem))
        {
            return problem;
        }
        var types = input.All("_type").SelectMany(one => one.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Distinct().ToList();
        if (!types.TrueForAll(SearchParameters.IsResourceType))
        {
            return Problem.Invalid("_type takes names of resource types.");
        }
        long? since = null;
        if (input.Text("_since") is { } text)
        {
            // A plus that was not percent-encoded arrives as a blank.
            if (!FhirDates.TryParse(text.Replace(' ', '+'), zone: null, out var from, out _))
            {
                return Problem.Invalid("_since takes an instant, such as 2024-02-29T10:00:00Z.");
            }
            since = from;
        }
        return new EverythingQuery(types, since, count ?? MaxCount, input.Text("_cursor"));
    }

    private static void Write(Utf8JsonWriter writer, string id, OperationInput input, EverythingQuery query, SearchPage page, string fhirBase)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Bundle");
        writer.WriteString("type", "searchset");
        var self = Link(id, input, query, fhirBase);
        writer.WriteStartArray("link");
        FhirBundles.WriteLink(writer, "self", self + (query.Cursor is null ? "" : $"&_cursor={Uri.EscapeDataString(query.Cursor)}"));
        if (page.Next is not null)
        {
            FhirBundles.WriteLink(writer, "next", $"{self}&_cursor={Uri.EscapeDataString(page.Next)}");
        }
        writer.WriteEndArray();
        if (page.Matches.Count + page.Included.Count > 0)
        {
            writer.WriteStartArray("entry");
            foreach (var match in page.Matches)
            {
                FhirBundles.WriteEntry(writer, match, "match", fhirBase);
            }
            foreach (var included in page.Included)
            {
                FhirBundles.WriteEntry(writer, included, "include", fhirBase);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static string Link(string id, OperationInput input, EverythingQuery query, string fhirBase)
    {
        var link = new StringBuilder($"{fhirBase}/Patient/{id}/$everything?_count={query.Count.ToString(CultureInfo.InvariantCulture)}");
        if (query.Types.Count > 0)
        {
            link.Append("&_type=").Append(string.Join(',', query.Types));
        }
        foreach (var name in new[] { "_since", "_format", "_pretty", "_summary", "_elements" })
        {
            if (input.Text(name) is { } value)
            {
                link.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
        return link.ToString();
    }
}
