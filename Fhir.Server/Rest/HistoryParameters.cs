using System.Globalization;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>What is asked of a history. See https://hl7.org/fhir/R4/http.html#history</summary>
/// <param name="Count">Versions a page.</param>
/// <param name="Since">Only versions of this microsecond or later; null for all.</param>
/// <param name="At">Only versions that were current at some moment from the first microsecond to before the second; null for all.</param>
/// <param name="Cursor">Where the page begins; null at the newest.</param>
/// <param name="Applied">The parameters that counted, as they were given, for links.</param>
internal sealed record HistoryParameters(
    int Count, long? Since, (long From, long Until)? At, string? Cursor, IReadOnlyList<KeyValuePair<string, string>> Applied)
{
    private const int DefaultCount = 20;
    private const int MaxCount = 1000;
    private static readonly string[] Known = ["_count", "_cursor", "_since", "_at", "_format", "_pretty", "_summary", "_elements"];

    /// <summary><c>Invalid</c> for a parameter that is unknown, given twice or not well-formed, and for <c>_list</c>.</summary>
    public static Outcome<HistoryParameters> Read(HttpRequest request)
    {
        if (request.Query.Any(one => !Known.Contains(one.Key) || one.Value.Count > 1))
        {
            return Problem.Invalid("History takes _count, _since and _at, each once, and no other parameter.");
        }
        var applied = new List<KeyValuePair<string, string>>();
        var count = DefaultCount;
        if (Text(request, "_count") is { } number)
        {
            if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var asked) || asked < 1)
            {
                return Problem.Invalid("_count must be a positive whole number.");
            }
            count = (int)Math.Min(asked, MaxCount);
        }
        applied.Add(new("_count", count.ToString(CultureInfo.InvariantCulture)));
        long? since = null;
        if (Text(request, "_since") is { } moment)
        {
            if (!FhirDates.TryParse(moment, zone: null, out var from, out _))
            {
                return Problem.Invalid("_since takes an instant, such as 2024-02-29T10:00:00Z.");
            }
            since = from;
            applied.Add(new("_since", Microseconds.ToInstant(from)));
        }
        (long, long)? at = null;
        if (Text(request, "_at") is { } time)
        {
            if (!FhirDates.TryParse(time, zone: null, out var from, out var until))
            {
                return Problem.Invalid("_at takes a date or a time, such as 2024-02-29 or 2024-02-29T10:00:00Z.");
            }
            at = (from, until);
            applied.Add(new("_at", time));
        }
        // Which elements are wanted goes on from page to page.
        applied.AddRange(((string[])["_summary", "_elements"]).Select(name => KeyValuePair.Create(name, Text(request, name) ?? "")).Where(one => one.Value.Length > 0));
        return new HistoryParameters(count, since, at, Text(request, "_cursor"), applied);
    }

    // A plus that was not percent-encoded arrives as a blank.
    private static string? Text(HttpRequest request, string name) =>
        request.Query[name].ToString() is { Length: > 0 } text ? text.Replace(' ', '+') : null;
}
