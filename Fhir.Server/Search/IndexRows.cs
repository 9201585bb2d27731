using System.Globalization;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Collects the rows of one resource, each once. Which element gives which row: https://hl7.org/fhir/R4/search.html#ptypes</summary>
/// <param name="references">Knows which references lead to this server.</param>
/// <param name="zone">The offset of times written without one.</param>
internal sealed class IndexRows(References references, TimeSpan? zone)
{
    private readonly List<IndexRow> rows = [];
    private readonly HashSet<IndexRow> seen = [];

    /// <summary>What was collected, in the order of the elements.</summary>
    public IReadOnlyList<IndexRow> Rows => rows;

    /// <summary>The rows of one element found by a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="element">What its expression found.</param>
    /// <param name="targetType">Only references to this type; null = to any.</param>
    /// <param name="seriesUid">The series the element stands in.</param>
    public void Add(SearchParameterInfo parameter, Base element, string? targetType, string? seriesUid)
    {
        var code = parameter.Code;
        switch (parameter.Kind)
        {
            case SearchKind.Token:
                AddToken(code, element, seriesUid);
                break;
            case SearchKind.String:
                AddString(code, element, seriesUid);
                break;
            case SearchKind.Date when FhirDates.TryRead(element, zone, out var from, out var until):
                Add(new DateRow(code, from, until, seriesUid));
                break;
            case SearchKind.Reference:
                AddReference(code, element, targetType, seriesUid);
                break;
            case SearchKind.Uri when element is PrimitiveType { } primitive && Text(primitive) is { Length: > 0 } uri:
                AddUri(code, uri, element is Canonical, seriesUid);
                break;
            default:
                break;
        }
    }

    /// <summary>A primitive as JSON writes it; null when it has no value.</summary>
    public static string? Text(PrimitiveType primitive) => primitive.JsonValue switch
    {
        null => null,
        string text => text,
        bool truth => truth ? "true" : "false",
        var other => Convert.ToString(other, CultureInfo.InvariantCulture),
    };

    private void AddToken(string code, Base element, string? seriesUid)
    {
        switch (element)
        {
            case CodeableConcept concept:
                concept.Coding.ForEach(coding => AddToken(code, coding, seriesUid));
                break;
            case Coding coding:
                AddToken(code, coding.System, coding.Code, seriesUid);
                break;
            case Identifier identifier:
                AddToken(code, identifier.System, identifier.Value, seriesUid);
                break;
            case ContactPoint contact:
                AddToken(code, null, contact.Value, seriesUid);
                break;
            case PrimitiveType primitive when Text(primitive) is { Length: > 0 } text:
                AddToken(code, null, text, seriesUid);
                if (primitive is ICoded coded && coded.ToCodings().FirstOrDefault()?.System is { Length: > 0 } implied)
                {
                    AddToken(code, implied, text, seriesUid);
                }

                break;
            default:
                break;
        }
    }

    private void AddToken(string parameter, string? system, string? code, string? seriesUid)
    {
        system = string.IsNullOrEmpty(system) ? null : system;
        if (system is not null || !string.IsNullOrEmpty(code))
        {
            Add(new TokenRow(parameter, system, DicomUids.Bare(code ?? ""), seriesUid));
        }
    }

    private void AddString(string code, Base element, string? seriesUid)
    {
        IEnumerable<string?> texts = element switch
        {
            HumanName name =>
                [name.Family, .. name.Given, .. name.Prefix, .. name.Suffix, name.Text, string.Join(' ', [.. name.Given, name.Family])],
            Address address =>
            [
                .. address.Line, address.City, address.District, address.State, address.PostalCode, address.Country, address.Text,
                string.Join(' ', [.. address.Line, address.PostalCode, address.City, address.Country]),
            ],
            CodeableConcept concept => [concept.Text, .. concept.Coding.Select(coding => coding.Display)],
            PrimitiveType primitive => [Text(primitive)],
            _ => [],
        };
        foreach (var text in texts)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                Add(new StringRow(code, SearchFolding.Fold(text), text, seriesUid));
            }
        }
    }

    private void AddReference(string code, Base element, string? targetType, string? seriesUid)
    {
        switch (element)
        {
            case ResourceReference reference:
                AddReference(code, reference, targetType, seriesUid);
                break;
            case PrimitiveType primitive when Text(primitive) is { Length: > 0 } text && text[0] != '#':
                AddReference(code, text, seriesUid);
                if (primitive is Canonical && WithoutVersion(text) is { } bare)
                {
                    AddReference(code, bare, seriesUid);
                }

                break;
            default:
                break;
        }
    }

    private void AddReference(string code, ResourceReference reference, string? targetType, string? seriesUid)
    {
        var literal = reference.Reference is { Length: > 0 } text && text[0] != '#' ? text : null;
        var type = (literal is null ? null : References.ShownType(literal)) ?? reference.Type;
        if (literal is not null && (targetType is null || type == targetType))
        {
            AddReference(code, literal, seriesUid);
        }

        // A logical reference often does not say its type; then it may be the one asked for.
        if (reference.Identifier is { } identifier && (targetType is null || type is null || type == targetType))
        {
            AddToken(code + ":identifier", identifier, seriesUid);
        }
    }

    private void AddReference(string code, string literal, string? seriesUid)
    {
        var (type, id) = references.Read(literal);
        Add(new ReferenceRow(code, type, id, seriesUid));
    }

    private void AddUri(string code, string uri, bool isCanonical, string? seriesUid)
    {
        Add(new UriRow(code, uri, seriesUid));
        if (isCanonical && WithoutVersion(uri) is { } bare)
        {
            Add(new UriRow(code, bare, seriesUid));
        }
    }

    private static string? WithoutVersion(string canonical) =>
        canonical.IndexOf('|', StringComparison.Ordinal) is > 0 and var at ? canonical[..at] : null;

    private void Add(IndexRow row)
    {
        if (seen.Add(row))
        {
            rows.Add(row);
        }
    }
}
