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

    /// <summary>How many values were found to search for, those too that were there already.</summary>
    public int Found { get; private set; }

    /// <summary>The rows of one element found by a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="element">What its expression found.</param>
    /// <param name="targetType">Only references to this type; null = to any.</param>
    /// <param name="seriesUid">The series the element stands in.</param>
    /// <returns>False when the element is not one the parameter speaks of, or is empty.</returns>
    public bool Add(SearchParameterInfo parameter, Base element, string? targetType, string? seriesUid)
    {
        var code = parameter.Code;
        var before = Found;
        switch (parameter.Kind)
        {
            case SearchKind.Token:
                AddToken(code, element, seriesUid);
                break;
            case SearchKind.String when SearchParameters.IsPhonetic(parameter):
                AddSounds(code, element, seriesUid);
                break;
            case SearchKind.String:
                AddString(code, element, seriesUid);
                break;
            case SearchKind.Date when FhirDates.TryRead(element, zone, out var from, out var until):
                Add(new DateRow(code, from, until, seriesUid));
                break;
            case SearchKind.Reference when !AddReference(code, element, targetType, seriesUid):
                return false;
            case SearchKind.Uri when element is PrimitiveType { } primitive && Text(primitive) is { Length: > 0 } uri:
                AddUri(code, uri, element is Canonical, seriesUid);
                break;
            case SearchKind.Number:
                AddNumber(code, element, seriesUid);
                break;
            case SearchKind.Quantity when Measured.Of(element) is { } measured:
                foreach (var row in measured.Rows(code, seriesUid))
                {
                    Add(row);
                }

                break;
            case SearchKind.Special when element is Location.PositionComponent position && Positions.Row(code, position, seriesUid) is { } place:
                Add(place);
                break;
            default:
                break;
        }

        return Found > before || (element is PrimitiveType value ? Text(value) is { Length: > 0 } : element.EnumerateElements().Any());
    }

    /// <summary>A row that says only that there is an element. See <see cref="IndexRow.Missing"/>.</summary>
    public void AddPresence(string code, string? seriesUid) => Add(new TokenRow(code + IndexRow.Missing, null, "false", seriesUid));

    /// <summary>The values of one element that a composite parameter takes together; none unless each component has one.</summary>
    /// <param name="code">The composite parameter.</param>
    /// <param name="element">The number of the element.</param>
    /// <param name="parts">The values of each component.</param>
    /// <param name="seriesUid">The series the element stands in.</param>
    public void AddComposite(string code, int element, IReadOnlyList<IReadOnlyList<IndexRow>> parts, string? seriesUid)
    {
        if (!parts.Any(part => part.Count == 0))
        {
            foreach (var (component, values) in parts.Index())
            {
                foreach (var value in values)
                {
                    Add(new CompositeRow(code, element, component, value with { Parameter = "" }, seriesUid));
                }
            }
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
                foreach (var coding in concept.Coding)
                {
                    AddToken(code, coding, seriesUid);
                }

                AddText(code, concept.Text, seriesUid);
                break;
            case Coding coding:
                AddToken(code, coding.System, coding.Code, seriesUid);
                AddText(code, coding.Display, seriesUid);
                break;
            case Identifier identifier:
                AddToken(code, identifier.System, identifier.Value, seriesUid);
                AddType(code, identifier, seriesUid);
                break;
            case ContactPoint contact:
                AddToken(code, null, contact.Value, seriesUid);
                if (contact.UseElement is { } use && Text(use) is { Length: > 0 } kind && !string.IsNullOrEmpty(contact.Value))
                {
                    AddToken(code, kind, contact.Value, seriesUid);
                }

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

    private void AddText(string code, string? text, string? seriesUid)
    {
        if (!string.IsNullOrEmpty(text) && SearchWords.Fold(text) is { Length: > 0 } words)
        {
            Add(new StringRow(code + IndexRow.Text, words, text, seriesUid));
        }
    }

    private void AddType(string code, Identifier identifier, string? seriesUid)
    {
        if (identifier.Type is not { } type)
        {
            return;
        }

        AddText(code, type.Text, seriesUid);
        foreach (var coding in type.Coding)
        {
            if (!string.IsNullOrEmpty(coding.Code) && !string.IsNullOrEmpty(identifier.Value))
            {
                var value = SearchSyntax.OfType(coding.Code, DicomUids.Bare(identifier.Value));
                Add(new TokenRow(code + IndexRow.OfType, string.IsNullOrEmpty(coding.System) ? null : coding.System, value, seriesUid));
            }
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
        foreach (var text in Texts(element))
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                Add(new StringRow(code, SearchFolding.Fold(text), text, seriesUid));
            }
        }
    }

    /// <summary>The sounds of all words in a row, and of each rest of the row, so that every word is the beginning of one.</summary>
    private void AddSounds(string code, Base element, string? seriesUid)
    {
        foreach (var text in Texts(element))
        {
            var sounds = SearchWords.Sound(text ?? "");
            while (sounds.Length > 0)
            {
                Add(new StringRow(code, sounds, sounds, seriesUid));
                var blank = sounds.IndexOf(' ', StringComparison.Ordinal);
                sounds = blank < 0 ? "" : sounds[(blank + 1)..];
            }
        }
    }

    private static IEnumerable<string?> Texts(Base element) => element switch
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

    private void AddNumber(string code, Base element, string? seriesUid)
    {
        if (element is PrimitiveType primitive ? FhirNumbers.Read(primitive) is { } number : false)
        {
            Add(new NumberRow(code, number, number, seriesUid));
        }
        else if (element is Hl7.Fhir.Model.Range && Measured.Of(element) is { } range)
        {
            Add(new NumberRow(code, range.Low, range.High, seriesUid));
        }
    }

    /// <summary>False when the reference is to another type than the one asked for, or to one that cannot be told.</summary>
    private bool AddReference(string code, Base element, string? targetType, string? seriesUid)
    {
        switch (element)
        {
            case ResourceReference reference:
                return AddReference(code, reference, targetType, seriesUid);
            case PrimitiveType primitive when Text(primitive) is { Length: > 0 } text && text[0] != '#':
                AddReference(code, text, seriesUid);
                if (primitive is Canonical && WithoutVersion(text) is { } bare)
                {
                    AddReference(code, bare, seriesUid);
                }

                return true;
            case Resource { Id: { Length: > 0 } id } held:
                Add(new ReferenceRow(code, held.TypeName, id, seriesUid));
                return true;
            default:
                return true;
        }
    }

    private bool AddReference(string code, ResourceReference reference, string? targetType, string? seriesUid)
    {
        var literal = reference.Reference is { Length: > 0 } text && text[0] != '#' ? text : null;
        var type = (literal is null ? null : References.ShownType(literal)) ?? reference.Type;
        var isAsked = targetType is null || type == targetType;
        if (literal is not null && isAsked)
        {
            AddReference(code, literal, seriesUid);
        }

        // A logical reference often does not say its type; then it may be the one asked for.
        if (reference.Identifier is { } identifier && (isAsked || type is null))
        {
            AddToken(code + IndexRow.Identifier, identifier.System, identifier.Value, seriesUid);
            return true;
        }

        return isAsked;
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
        Found++;
        if (seen.Add(row))
        {
            rows.Add(row);
        }
    }
}
