using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>What a request says beside its address and body. See https://hl7.org/fhir/R4/http.html#mime-type and #ops</summary>
internal static class FhirNegotiation
{
    private static readonly string[] JsonTypes = ["application/fhir+json", "application/json", "text/json"];
    private static readonly string[] Ranges = ["*/*", "application/*", "text/*"];

    /// <summary>A problem when the caller takes no JSON; <c>_format</c> goes before Accept.</summary>
    public static Problem? NotAcceptable(HttpRequest request)
    {
        if (request.Query.TryGetValue("_format", out var format) && format.ToString() is { Length: > 0 } asked)
        {
            return IsJson(asked.Replace(' ', '+')) ? null : OnlyJson();
        }
        if (request.Headers.Accept.Count == 0)
        {
            return null;
        }
        var accepts = MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(value => value ?? "")], out var types)
            && types.Any(one => one.Quality is not 0 && (IsJson(one.MediaType.ToString()) || Ranges.Contains(one.MediaType.ToString())));
        return accepts ? null : OnlyJson();
    }

    /// <summary>A problem when the body is not said to be JSON.</summary>
    public static Problem? UnsupportedBody(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !IsJson(type.MediaType.ToString()))
        {
            return Problem.Unsupported("A resource is sent as application/fhir+json.");
        }
        return type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? Problem.Unsupported("JSON is sent in UTF-8.")
            : null;
    }

    /// <summary>Whether the caller wants no body back.</summary>
    public static bool WantsMinimal(HttpRequest request) => Prefers(request, "return=minimal");

    /// <summary>Whether unknown search parameters are to be refused.</summary>
    public static bool WantsStrict(HttpRequest request) => Prefers(request, "handling=strict");

    /// <summary>If-Match: versions as weak or strong tags, lists, or <c>*</c>; <c>Invalid</c> when it is neither.</summary>
    public static Outcome<IfMatch?> ReadIfMatch(HttpRequest request)
    {
        if (request.Headers.IfMatch.Count == 0)
        {
            return (IfMatch?)null;
        }
        var versions = new List<long>();
        foreach (var tag in request.Headers.IfMatch.SelectMany(value => (value ?? "").Split(',')).Select(tag => tag.Trim()))
        {
            if (tag == "*")
            {
                return new IfMatch(true, []);
            }
            var bare = (tag.StartsWith("W/", StringComparison.Ordinal) ? tag[2..] : tag).Trim('"');
            if (tag.Length < 3 || !tag.EndsWith('"'))
            {
                return Problem.Invalid("If-Match is not an entity tag, as W/\"3\".");
            }
            // A tag that is no version of ours matches none.
            versions.Add(long.TryParse(bare, out var version) ? version : -1);
        }
        return new IfMatch(false, versions);
    }

    private static bool Prefers(HttpRequest request, string preference) => request.Headers["Prefer"]
        .SelectMany(value => (value ?? "").Split(',', ';')).Any(one => one.Trim().Equals(preference, StringComparison.OrdinalIgnoreCase));

    private static bool IsJson(string type) => type.Equals("json", StringComparison.OrdinalIgnoreCase)
        || JsonTypes.Contains(type.Split(';')[0].Trim(), StringComparer.OrdinalIgnoreCase);

    private static Problem OnlyJson() => Problem.NotAcceptable("This server answers in JSON: application/fhir+json.");
}
