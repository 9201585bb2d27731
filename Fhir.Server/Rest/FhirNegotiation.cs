using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest;

/// <summary>What an answer to a write holds. See https://hl7.org/fhir/R4/http.html#ops</summary>
internal enum Wanted
{
    /// <summary>The resource as it is now.</summary>
    Representation,

    /// <summary>Nothing but headers.</summary>
    Minimal,

    /// <summary>A word on what was done.</summary>
    Outcome,
}

/// <summary>What a request says beside its address and body. See https://hl7.org/fhir/R4/http.html#mime-type and #ops</summary>
internal static partial class FhirNegotiation
{
    /// <summary>What a tag that is no version of ours counts as: it matches none.</summary>
    private const long NoVersion = -1;

    /// <summary>A problem when the body is not said to be a resource in JSON or XML, in UTF-8, plain or by gzip.</summary>
    public static Problem? UnsupportedBody(HttpRequest request) => ReadBodyType(request).Problem;

    /// <summary>Whether the body is said to be XML; <c>Unsupported</c> when it is neither that nor JSON, or of another character set.</summary>
    public static Outcome<bool> ReadBodyType(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !FhirFormat.IsOfVersion(type)
            || (!FhirFormat.IsJsonType(type.MediaType.ToString()) && !FhirFormat.IsXmlType(type.MediaType.ToString())))
        {
            return Problem.Unsupported("A resource is sent as application/fhir+json or application/fhir+xml, in FHIR R4.");
        }
        if (BodyCoding.Unsupported(request) is { } coding)
        {
            return coding;
        }
        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        return charset.HasValue && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            ? Problem.Unsupported("Resources are sent in UTF-8.")
            : FhirFormat.IsXmlType(type.MediaType.ToString());
    }

    /// <summary>What the caller wants back from a write.</summary>
    public static Wanted WantsBack(HttpRequest request, Wanted unsaid = Wanted.Representation) =>
        Prefers(request, "return=minimal") ? Wanted.Minimal
        : Prefers(request, "return=OperationOutcome") ? Wanted.Outcome
        : Prefers(request, "return=representation") ? Wanted.Representation : unsaid;

    /// <summary>Whether unknown search parameters are to be refused.</summary>
    public static bool WantsStrict(HttpRequest request) => Prefers(request, "handling=strict");

    /// <summary>Whether the caller will come back for the answer. See https://hl7.org/fhir/R4/async.html</summary>
    public static bool WantsLater(HttpRequest request) => Prefers(request, "respond-async");

    /// <summary>If-Match: versions as weak or strong tags, lists, or <c>*</c>; <c>Invalid</c> when it is neither. RFC 9110 §13.1.1</summary>
    public static Outcome<IfMatch?> ReadIfMatch(HttpRequest request) =>
        ReadIfMatch(request.Headers.IfMatch.Count == 0 ? null : string.Join(',', request.Headers.IfMatch.ToArray()));

    /// <summary>The same of its text; null when there is none.</summary>
    public static Outcome<IfMatch?> ReadIfMatch(string? header)
    {
        if (header is null)
        {
            return (IfMatch?)null;
        }
        var text = header.Trim();
        if (text == "*")
        {
            return new IfMatch(true, []);
        }
        var tags = EntityTags().Match(text);
        if (!tags.Success)
        {
            return Problem.Invalid("If-Match is not an entity tag, as W/\"3\", a list of them, or *.");
        }
        return new IfMatch(false, [.. tags.Groups["tag"].Captures.Select(tag => ReadVersion(tag.Value) ?? NoVersion)]);
    }

    /// <summary>A version as this server writes it; null for anything else.</summary>
    public static long? ReadVersion(string text) =>
        text is [not '0', ..] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    private static bool Prefers(HttpRequest request, string preference) => request.Headers["Prefer"]
        .SelectMany(value => (value ?? "").Split(',', ';')).Any(one => one.Trim().Equals(preference, StringComparison.OrdinalIgnoreCase));

    [GeneratedRegex("""\A(W/)?"(?<tag>[!#-~\u0080-\u00FF]*)"(\s*,\s*(W/)?"(?<tag>[!#-~\u0080-\u00FF]*)")*\z""", RegexOptions.ExplicitCapture)]
    private static partial Regex EntityTags();
}
