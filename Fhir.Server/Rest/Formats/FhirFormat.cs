using Fhir.Server.Outcomes;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Rest.Formats;

/// <summary>How answers of one request are written. See https://hl7.org/fhir/R4/http.html#mime-type and #pretty</summary>
/// <param name="IsXml">As FHIR XML; else as FHIR JSON, as which everything is stored.</param>
/// <param name="IsPretty">For people: with line breaks and indentation (<c>_pretty=true</c>).</param>
internal sealed record FhirFormat(bool IsXml, bool IsPretty)
{
    private const string Version = "4.0";

    private static readonly string[] JsonTypes = ["application/fhir+json", "application/json", "text/json"];
    private static readonly string[] XmlTypes = ["application/fhir+xml", "application/xml", "text/xml"];

    private static readonly FhirFormat Xml = new(true, false), PrettyJson = new(false, true), PrettyXml = new(true, true);

    /// <summary>JSON, on one line.</summary>
    public static FhirFormat Json { get; } = new(false, false);

    /// <summary>The media type of an answer in this format.</summary>
    public string MediaType => IsXml ? FhirResults.XmlMediaType : FhirResults.MediaType;

    /// <summary>True when what is stored can be sent as it is.</summary>
    public bool IsStored => !IsXml && !IsPretty;

    /// <summary>What was settled for a request; before that, what it asks for as far as it can be had, else JSON.</summary>
    public static FhirFormat Of(HttpContext context)
    {
        if (context.Features.Get<FhirFormat>() is { } settled)
        {
            return settled;
        }
        // The other doors tell their problems in JSON, whatever they are asked for otherwise.
        return context.Request.Path.StartsWithSegments("/fhir", StringComparison.Ordinal) && Read(context.Request).TryGet(out var format, out _) ? format : Json;
    }

    /// <summary>Settles the format of a request by an explicit <c>_format</c>, as a posted search has it in its form.</summary>
    public static Outcome<FhirFormat> Settle(HttpContext context, string? format = null)
    {
        var outcome = format is { Length: > 0 } ? Named(context.Request, format) : Read(context.Request);
        if (outcome.TryGet(out var settled, out _))
        {
            context.Features.Set(settled);
        }
        return outcome;
    }

    /// <summary>True for a media type of FHIR JSON.</summary>
    public static bool IsJsonType(string type) => JsonTypes.Contains(type, StringComparer.OrdinalIgnoreCase);

    /// <summary>True for a media type of FHIR XML.</summary>
    public static bool IsXmlType(string type) => XmlTypes.Contains(type, StringComparer.OrdinalIgnoreCase);

    /// <summary>False when a media type names a version of FHIR that is not R4. See https://hl7.org/fhir/R4/versioning.html#mt-version</summary>
    public static bool IsOfVersion(MediaTypeHeaderValue type) => type.Parameters
        .Where(parameter => parameter.Name.Equals("fhirVersion", StringComparison.OrdinalIgnoreCase))
        .All(parameter => HeaderUtilities.RemoveQuotes(parameter.Value).Equals(Version, StringComparison.Ordinal));

    private static Outcome<FhirFormat> Read(HttpRequest request)
    {
        if (request.Query.TryGetValue("_format", out var format) && format.ToString() is { Length: > 0 } named)
        {
            return Named(request, named);
        }
        if (request.Headers.Accept.Count == 0)
        {
            return Made(request, isXml: false);
        }
        if (!MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(value => value ?? "")], out var types))
        {
            return NotAcceptable();
        }
        var (json, xml) = (Weight(types, JsonTypes), Weight(types, XmlTypes));
        return json.Quality <= 0 && xml.Quality <= 0 ? NotAcceptable() : Made(request, isXml: xml.CompareTo(json) > 0);
    }

    private static Outcome<FhirFormat> Named(HttpRequest request, string format)
    {
        // A plus that was not percent-encoded arrives as a blank.
        var name = format.Split(';')[0].Trim().Replace(' ', '+');
        return name.Equals("json", StringComparison.OrdinalIgnoreCase) || IsJsonType(name) ? Made(request, isXml: false)
            : name.Equals("xml", StringComparison.OrdinalIgnoreCase) || IsXmlType(name) ? Made(request, isXml: true)
            : NotAcceptable();
    }

    private static Outcome<FhirFormat> Made(HttpRequest request, bool isXml) =>
        request.QueryString.HasValue && request.Query["_pretty"].ToString().Equals("true", StringComparison.OrdinalIgnoreCase)
            ? isXml ? PrettyXml : PrettyJson
            : isXml ? Xml : Json;

    /// <summary>How much a format is wanted: by its own names before ranges that hold them (RFC 9110 §12.5.1).</summary>
    private static (double Quality, int Precision) Weight(IList<MediaTypeHeaderValue> types, string[] names)
    {
        var fitting = types.Where(IsOfVersion).ToList();
        var named = fitting.Where(type => names.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase)).ToList();
        if (named.Count > 0)
        {
            return (Best(named), 2);
        }
        var ranges = fitting.Where(type => type.MatchesAllSubTypes && !type.MatchesAllTypes && type.Type.ToString().ToLowerInvariant() is "application" or "text").ToList();
        var all = ranges.Count > 0 ? ranges : fitting.FindAll(type => type.MatchesAllTypes);
        return all.Count == 0 ? (0, 0) : (Best(all), ranges.Count > 0 ? 1 : 0);
    }

    private static double Best(IEnumerable<MediaTypeHeaderValue> types) => types.Max(type => type.Quality ?? 1);

    private static Problem NotAcceptable() =>
        Problem.NotAcceptable("This server answers in FHIR R4 as application/fhir+json or application/fhir+xml.");
}
