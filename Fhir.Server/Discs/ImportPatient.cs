using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Discs;

/// <summary>The patient an import is for: one that is there, or a new one.</summary>
internal sealed class ImportPatient(ServerLink server)
{
    private const string FhirMediaType = "application/fhir+json";

    /// <summary>Makes sure that the patient is there. See https://hl7.org/fhir/R4/http.html#read</summary>
    public async Task<Outcome<string>> FindAsync(string id, CancellationToken cancellationToken)
    {
        var sent = await server.SendAsync(_ => Request(HttpMethod.Get, $"fhir/Patient/{id}"), repeatable: true, cancellationToken);
        if (!sent.TryGet(out var answer, out var problem))
        {
            return problem;
        }
        using (answer)
        {
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => id,
                HttpStatusCode.NotFound or HttpStatusCode.Gone => Problem.Invalid($"There is no Patient '{id}' on this server."),
                _ => await RefusalAsync(answer, "The patient could not be looked up", cancellationToken),
            };
        }
    }

    /// <summary>Makes a patient of what a file says. See https://hl7.org/fhir/R4/http.html#create</summary>
    public async Task<Outcome<string>> CreateAsync(MatchingKeys person, CancellationToken cancellationToken)
    {
        var json = FhirJson.Write(PatientDemographics.ToPatient(person));
        var sent = await server.SendAsync(
            _ =>
            {
                var request = Request(HttpMethod.Post, "fhir/Patient");
                request.Content = new ByteArrayContent(json) { Headers = { ContentType = new MediaTypeHeaderValue(FhirMediaType) } };
                return request;
            },
            repeatable: false,
            cancellationToken);
        if (!sent.TryGet(out var answer, out var problem))
        {
            return problem;
        }
        using (answer)
        {
            if (answer.StatusCode is not HttpStatusCode.Created)
            {
                return await RefusalAsync(answer, "The new patient could not be made", cancellationToken);
            }
            return IdIn(answer.Headers.Location) ?? await IdInAsync(answer.Content, cancellationToken)
                ?? (Outcome<string>)new Problem(ProblemKind.Unprocessable, "The server made a patient and did not say its id.");
        }
    }

    private static HttpRequestMessage Request(HttpMethod method, string address) =>
        new(method, address) { Headers = { Accept = { new MediaTypeWithQualityHeaderValue(FhirMediaType) } } };

    private static async Task<Problem> RefusalAsync(HttpResponseMessage answer, string what, CancellationToken cancellationToken) =>
        answer.StatusCode == HttpStatusCode.Unauthorized
            ? new Problem(ProblemKind.Unauthenticated, "The server does not accept the operator key.")
            : new Problem(ProblemKind.Unprocessable, $"{what}: {await ServerLink.ReasonAsync(answer, cancellationToken)}.");

    private static string? IdIn(Uri? location)
    {
        var parts = location?.OriginalString.Split('/') ?? [];
        var at = Array.LastIndexOf(parts, "Patient") + 1;
        return at > 0 && at < parts.Length && parts[at].Length > 0 ? parts[at] : null;
    }

    private static async Task<string?> IdInAsync(HttpContent body, CancellationToken cancellationToken)
    {
        try
        {
            using var json = JsonDocument.Parse(await body.ReadAsStringAsync(cancellationToken));
            return json.RootElement.GetProperty("id").GetString();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
