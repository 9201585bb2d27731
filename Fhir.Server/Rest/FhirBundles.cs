using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>Bundles composed from stored bytes, which are never parsed. See https://hl7.org/fhir/R4/bundle.html</summary>
internal static class FhirBundles
{
    /// <summary>A searchset: matches, then what they include, then what is to be said about both.</summary>
    public static void WriteSearch(Utf8JsonWriter writer, SearchQuery query, SearchPage page, string fhirBase)
    {
        Begin(writer, "searchset", page.Total);
        var self = SelfLink(query, fhirBase);
        writer.WriteStartArray("link");
        WriteLink(writer, "self", query.Cursor is null ? self : Extend(self, "_cursor", query.Cursor));
        if (query.Cursor is not null)
        {
            WriteLink(writer, "first", self);
        }
        if (page.Next is not null)
        {
            WriteLink(writer, "next", Extend(self, "_cursor", page.Next));
        }
        writer.WriteEndArray();
        var warnings = Warnings(query, page);
        if (page.Matches.Count + page.Included.Count + warnings.Count > 0 || page.Explanation is not null)
        {
            writer.WriteStartArray("entry");
            foreach (var match in page.Matches)
            {
                WriteEntry(writer, match, "match", fhirBase);
            }
            foreach (var included in page.Included)
            {
                WriteEntry(writer, included, "include", fhirBase);
            }
            if (warnings.Count > 0)
            {
                WriteRemark(writer, warnings[0] with { Further = warnings[1..] }, "warning");
            }
            if (page.Explanation is not null)
            {
                WriteRemark(writer, new Problem(ProblemKind.NotAllowed, page.Explanation), "information");
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    /// <summary>A history, newest first; tombstones have no resource.</summary>
    public static void WriteHistory(Utf8JsonWriter writer, HistorySlice slice, string fhirBase)
    {
        Begin(writer, "history", null);
        var self = slice.Asked.Applied.Aggregate($"{fhirBase}/{slice.Path}", (link, one) => Extend(link, one.Key, one.Value));
        writer.WriteStartArray("link");
        WriteLink(writer, "self", slice.Asked.Cursor is { } cursor ? Extend(self, "_cursor", cursor) : self);
        if (slice.Next is { } next)
        {
            WriteLink(writer, "next", Extend(self, "_cursor", next));
        }
        writer.WriteEndArray();
        if (slice.Versions.Count > 0)
        {
            writer.WriteStartArray("entry");
            foreach (var (version, isNew) in slice.Versions)
            {
                WriteVersion(writer, version, isNew, fhirBase);
            }
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteVersion(Utf8JsonWriter writer, StoredResource version, bool isNew, string fhirBase)
    {
        writer.WriteStartObject();
        writer.WriteString("fullUrl", $"{fhirBase}/{version.Key}");
        if (!version.IsDeleted)
        {
            writer.WritePropertyName("resource");
            writer.WriteRawValue(version.Json.Span, skipInputValidation: true);
        }
        writer.WriteStartObject("request");
        writer.WriteString("method", version.Method);
        writer.WriteString("url", version.Method == "POST" ? version.Key.Type : version.Key.ToString());
        writer.WriteEndObject();
        writer.WriteStartObject("response");
        writer.WriteString("status", version.IsDeleted ? "204 No Content" : isNew ? "201 Created" : "200 OK");
        writer.WriteString("etag", version.ETag);
        writer.WriteString("lastModified", Microseconds.ToInstant(Microseconds.Of(version.LastUpdated)));
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void Begin(Utf8JsonWriter writer, string type, long? total)
    {
        writer.WriteStartObject();
        writer.WriteString("resourceType", "Bundle");
        writer.WriteString("type", type);
        if (total is { } number)
        {
            writer.WriteNumber("total", number);
        }
    }

    internal static void WriteEntry(Utf8JsonWriter writer, StoredResource resource, string mode, string fhirBase)
    {
        writer.WriteStartObject();
        writer.WriteString("fullUrl", $"{fhirBase}/{resource.Key}");
        writer.WritePropertyName("resource");
        writer.WriteRawValue(resource.Json.Span, skipInputValidation: true);
        writer.WriteStartObject("search");
        writer.WriteString("mode", mode);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    /// <summary>What a caller must know of an answer that is not all they asked for.</summary>
    private static List<Problem> Warnings(SearchQuery query, SearchPage page)
    {
        var warnings = new List<Problem>();
        if (query.Ignored.Count > 0)
        {
            warnings.Add(Problem.NotAllowed("Unknown search parameters were ignored: " + string.Join(", ", query.Ignored)));
        }
        if (page.IsEstimate && query.Total == TotalMode.Accurate)
        {
            warnings.Add(Problem.TooCostly($"More than {query.Limits.ExactTotal.ToString(CultureInfo.InvariantCulture)} match; the total is an estimate."));
        }
        if (page.LeftOut.Count > 0)
        {
            warnings.Add(Problem.Forbidden("Not included, since no scope of the token covers these types: " + string.Join(", ", page.LeftOut)));
        }
        if (page.IsCut)
        {
            warnings.Add(Problem.TooCostly(
                $"Not all is included: a page brings along at most {query.Limits.MaxIncluded.ToString(CultureInfo.InvariantCulture)} resources, over at most {query.Limits.MaxIncludeRounds.ToString(CultureInfo.InvariantCulture)} references."));
        }
        return warnings;
    }

    private static void WriteRemark(Utf8JsonWriter writer, Problem remark, string severity)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("resource");
        FhirResults.WriteOutcome(writer, remark, severity);
        writer.WriteStartObject("search");
        writer.WriteString("mode", "outcome");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string SelfLink(SearchQuery query, string fhirBase)
    {
        var link = query.Path.Length == 0 ? fhirBase : $"{fhirBase}/{query.Path}";
        foreach (var (name, value) in query.Applied)
        {
            link = Extend(link, name, value);
        }
        return link;
    }

    private static string Extend(string link, string name, string value) =>
        $"{link}{(link.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{Uri.EscapeDataString(name)}={Uri.EscapeDataString(value)}";

    internal static void WriteLink(Utf8JsonWriter writer, string relation, string url)
    {
        writer.WriteStartObject();
        writer.WriteString("relation", relation);
        writer.WriteString("url", url);
        writer.WriteEndObject();
    }
}

/// <summary>A page of a history.</summary>
/// <param name="Path">Of what, as <c>Patient/1/_history</c>.</param>
/// <param name="Asked">What was asked.</param>
/// <param name="Versions">Newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last.</param>
internal sealed record HistorySlice(string Path, HistoryParameters Asked, IReadOnlyList<PastVersion> Versions, string? Next);
