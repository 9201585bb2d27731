using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.Rest;

/// <summary>What became of one entry. See https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry.response</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Resource">JSON of what is given back; empty for none.</param>
/// <param name="Location">Where the version is.</param>
/// <param name="ETag">Of the version.</param>
/// <param name="LastModified">When it was made.</param>
/// <param name="Outcome">JSON of an OperationOutcome; empty for none.</param>
internal sealed record BundleAnswer(
    int Status, ReadOnlyMemory<byte> Resource = default, string? Location = null, string? ETag = null, DateTimeOffset? LastModified = null,
    ReadOnlyMemory<byte> Outcome = default)
{
    /// <summary>What an inner request was answered.</summary>
    public static BundleAnswer Of(InnerAnswer answer)
    {
        var isResource = answer.Body.Length > 0 && answer.Headers.ContentType.ToString().StartsWith("application/fhir+json", StringComparison.OrdinalIgnoreCase);
        var body = isResource ? answer.Body : default;
        var isOutcome = isResource && (answer.Status >= StatusCodes.Status400BadRequest || JsonText.TypeOf(body.Span) == "OperationOutcome");
        return new BundleAnswer(
            answer.Status, isOutcome ? default : body, Text(answer.Headers.Location.ToString()), Text(answer.Headers.ETag.ToString()),
            DateTimeOffset.TryParse(answer.Headers.LastModified.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var when) ? when : null,
            isOutcome ? body : default);
    }

    /// <summary>A resource after a transaction.</summary>
    public static BundleAnswer Of(CommittedResource committed, string fhirBase, Wanted wanted)
    {
        var resource = committed.Resource;
        if (resource.IsDeleted)
        {
            return new BundleAnswer(StatusCodes.Status204NoContent, ETag: resource.Version > 0 ? resource.ETag : null);
        }
        return new BundleAnswer(
            committed.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK,
            wanted == Wanted.Representation ? resource.Json : default,
            $"{fhirBase}/{resource.Key}/_history/{resource.Version.ToString(CultureInfo.InvariantCulture)}",
            resource.ETag, resource.LastUpdated,
            wanted == Wanted.Outcome ? Json(FhirResults.WriteDone) : default);
    }

    /// <summary>An entry that could not be done.</summary>
    public static BundleAnswer Of(Problem problem) => new(FhirResults.StatusOf(problem.Kind), Outcome: Json(writer => FhirResults.WriteOutcome(writer, problem)));

    /// <summary>Writes the answer to a whole bundle.</summary>
    public static void Write(Utf8JsonWriter writer, string type, IReadOnlyList<BundleAnswer> answers)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Bundle");
        writer.WriteString("type", type);
        if (answers.Count > 0)
        {
            writer.WriteStartArray("entry");
            foreach (var answer in answers)
            {
                answer.Write(writer);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Json(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, FhirWriting.Options))
        {
            write(writer);
        }
        return bytes.WrittenMemory;
    }

    private static string? Text(string header) => header.Length > 0 ? header : null;

    private void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        if (Resource.Length > 0)
        {
            writer.WritePropertyName("resource");
            writer.WriteRawValue(Resource.Span, skipInputValidation: true);
        }
        writer.WriteStartObject("response");
        writer.WriteString("status", $"{Status.ToString(CultureInfo.InvariantCulture)} {ReasonPhrases.GetReasonPhrase(Status)}".TrimEnd());
        if (Location is not null)
        {
            writer.WriteString("location", Location);
        }
        if (ETag is not null)
        {
            writer.WriteString("etag", ETag);
        }
        if (LastModified is { } when)
        {
            writer.WriteString("lastModified", Microseconds.ToInstant(Microseconds.Of(when)));
        }
        if (Outcome.Length > 0)
        {
            writer.WritePropertyName("outcome");
            writer.WriteRawValue(Outcome.Span, skipInputValidation: true);
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
