using System.Globalization;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// Who of the patients this caller may see could be the one described. By rule and not by learning: the same question has the same
/// answer. See https://hl7.org/fhir/R4/patient-operation-match.html
/// </summary>
internal static class MatchEndpoint
{
    private const int DefaultCount = 20, MaxCount = 100, CandidatesOfOne = 200;
    private const string GradeUrl = "http://hl7.org/fhir/StructureDefinition/match-grade";

    public static void MapMatch(this IEndpointRouteBuilder fhir) => fhir.MapPost("/Patient/$match", MatchAsync)
        .WithName("match").WithMetadata(Operation.OfStandard("match", "Patient-match"));

    private static async Task<IResult> MatchAsync(HttpRequest request, GuardedRecord guard, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!(await OperationInput.ReadAsync(request, cancellationToken)).TryGet(out var input, out var problem)
            || !input.Flag("onlyCertainMatches", otherwise: false).TryGet(out var onlyCertain, out problem)
            || !input.Number("count", 1, MaxCount).TryGet(out var count, out problem))
        {
            return FhirResults.Problem(problem);
        }
        if (input.Resource<Patient>("resource") is not { } asked)
        {
            return FhirResults.Problem(Problem.Invalid("$match takes Parameters with the Patient that is looked for as resource.", "Parameters.parameter"));
        }
        var questions = Questions(asked).ToList();
        if (questions.Count == 0)
        {
            return FhirResults.Problem(Problem.Unprocessable("To be found, a Patient needs an identifier, or a name and a birth date."));
        }
        var candidates = new Dictionary<ResourceKey, StoredResource>();
        var parser = new SearchParser(new SearchOptions(), address.Fhir);
        foreach (var question in questions)
        {
            if (!parser.Parse("Patient", [.. question, KeyValuePair.Create("_count", $"{CandidatesOfOne}")], strict: true).TryGet(out var query, out problem)
                || !(await guard.SearchAsync(query, cancellationToken)).TryGet(out var page, out problem))
            {
                return FhirResults.Problem(problem);
            }
            foreach (var match in page.Matches)
            {
                candidates[match.Key] = match;
            }
        }
        var graded = candidates.Values.Select(one => (Resource: one, Likeness: PatientLikeness.Of(asked, FhirJson.ReadOwn<Patient>(one.Json))))
            .Where(one => one.Likeness.Grade != MatchGrade.CertainlyNot)
            .OrderByDescending(one => one.Likeness.Score).ThenBy(one => one.Resource.Key.Id, StringComparer.Ordinal).ToList();
        if (onlyCertain)
        {
            graded = graded.FindAll(one => one.Likeness.Grade == MatchGrade.Certain);
            // Of several that seem certain none is.
            graded = graded.Count > 1 ? [] : graded;
        }
        return FhirResults.Document(writer => Write(writer, graded.Take(count ?? DefaultCount).ToList(), address.Fhir));
    }

    /// <summary>Searches that together find whoever could be meant: by identifier; by name with birth date; by full name.</summary>
    private static IEnumerable<IReadOnlyList<KeyValuePair<string, string>>> Questions(Patient asked)
    {
        foreach (var identifier in asked.Identifier.Where(one => one.Value is { Length: > 0 }).Take(10))
        {
            yield return [Pair("identifier", identifier.System is { Length: > 0 } system ? $"{SearchSyntax.Escape(system)}|{SearchSyntax.Escape(identifier.Value!)}" : SearchSyntax.Escape(identifier.Value!))];
        }
        var name = asked.Name.Find(one => one.Family is { Length: > 0 }) ?? asked.Name.FirstOrDefault();
        var (family, given) = (name?.Family is { Length: > 0 } last ? last : null, name?.Given.FirstOrDefault(one => one is { Length: > 0 }));
        if (asked.BirthDate is { Length: > 0 } born && family is not null)
        {
            yield return [Pair("birthdate", born), Pair("family", SearchSyntax.Escape(family))];
        }
        if (asked.BirthDate is { Length: > 0 } day && given is not null)
        {
            yield return [Pair("birthdate", day), Pair("given", SearchSyntax.Escape(given))];
        }
        if (family is not null && given is not null)
        {
            yield return [Pair("family", SearchSyntax.Escape(family)), Pair("given", SearchSyntax.Escape(given))];
        }
    }

    private static KeyValuePair<string, string> Pair(string name, string value) => new(name, value);

    private static void Write(Utf8JsonWriter writer, List<(StoredResource Resource, PatientLikeness Likeness)> graded, string fhirBase)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Bundle");
        writer.WriteString("type", "searchset");
        writer.WriteNumber("total", graded.Count);
        if (graded.Count > 0)
        {
            writer.WriteStartArray("entry");
            foreach (var (resource, likeness) in graded)
            {
                WriteEntry(writer, resource, likeness, fhirBase);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter writer, StoredResource resource, PatientLikeness likeness, string fhirBase)
    {
        writer.WriteStartObject();
        writer.WriteString("fullUrl", $"{fhirBase}/{resource.Key}");
        writer.WritePropertyName("resource");
        writer.WriteRawValue(resource.Json.Span, skipInputValidation: true);
        writer.WriteStartObject("search");
        writer.WriteStartArray("extension");
        writer.WriteStartObject();
        writer.WriteString("url", GradeUrl);
        writer.WriteString("valueCode", likeness.Code);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("mode", "match");
        writer.WritePropertyName("score");
        writer.WriteRawValue(likeness.Score.ToString("0.00", CultureInfo.InvariantCulture));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
