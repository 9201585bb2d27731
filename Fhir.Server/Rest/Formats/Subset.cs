using Fhir.Server.Outcomes;

namespace Fhir.Server.Rest.Formats;

/// <summary>The values of <c>_summary</c>. See https://hl7.org/fhir/R4/search.html#summary</summary>
internal enum SummaryForm
{
    /// <summary>The whole resource (<c>false</c>).</summary>
    Whole,

    /// <summary>The elements marked as summary, and mandatory ones (<c>true</c>).</summary>
    Summary,

    /// <summary>Narrative, id, meta and mandatory elements.</summary>
    Text,

    /// <summary>Everything but the narrative.</summary>
    Data,
}

/// <summary>Which elements of resources are wanted. See https://hl7.org/fhir/R4/search.html#summary and #elements</summary>
/// <param name="Form">By <c>_summary</c>.</param>
/// <param name="Elements">By <c>_elements</c>: base names of elements of the top level, perhaps with their type in front; empty when all are.</param>
internal sealed record Subset(SummaryForm Form, IReadOnlyList<string> Elements)
{
    private const int MaxElements = 200;
    private const string Summary = "_summary", ElementList = "_elements";

    /// <summary>What a request settled on: by its form or address; null when it wants whole resources.</summary>
    public static Subset? Of(HttpContext context) => context.Features.Get<Subset>();

    /// <summary>Settles what a request wants; <c>Invalid</c> for values the standard does not know.</summary>
    public static Outcome<Subset?> Settle(HttpContext context, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var outcome = Read(parameters);
        if (outcome.TryGet(out var subset, out _) && subset is not null)
        {
            context.Features.Set(subset);
        }
        return outcome;
    }

    private static Outcome<Subset?> Read(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var given = parameters.Where(one => one.Key is Summary or ElementList && !string.IsNullOrWhiteSpace(one.Value)).ToList();
        if (given.Count(one => one.Key == Summary) > 1)
        {
            return Problem.Invalid("_summary may be given only once.");
        }
        SummaryForm? form = given.Find(one => one.Key == Summary).Value switch
        {
            null or "false" or "count" => SummaryForm.Whole,
            "true" => SummaryForm.Summary,
            "text" => SummaryForm.Text,
            "data" => SummaryForm.Data,
            _ => null,
        };
        if (form is null)
        {
            return Problem.Invalid("_summary takes true, text, data, count or false.");
        }
        var elements = given.Where(one => one.Key == ElementList)
            .SelectMany(one => one.Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        if (elements.Count > MaxElements)
        {
            return Problem.TooCostly($"_elements takes at most {MaxElements} names.");
        }
        if (elements.Count > 0 && form != SummaryForm.Whole)
        {
            return Problem.Invalid("_summary and _elements each choose the elements; give one of them.");
        }
        return elements.Count == 0 && form == SummaryForm.Whole ? (Subset?)null : new Subset(form.Value, elements);
    }

    /// <summary>Whether an element of the top level is named.</summary>
    public bool Names(string type, string element) => Elements.Any(name => name == element || (
        name.Length == type.Length + element.Length + 1 && name.StartsWith(type, StringComparison.Ordinal) && name[type.Length] == '.'
        && name.EndsWith(element, StringComparison.Ordinal)));
}
