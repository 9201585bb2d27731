using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>
/// What an operation is given: parameters of the address, and by POST those of a Parameters in the body.
/// See https://hl7.org/fhir/R4/operations.html#request
/// </summary>
internal sealed class OperationInput
{
    private readonly List<KeyValuePair<string, string>> ofAddress;
    private readonly List<Parameters.ParameterComponent> ofBody;

    private OperationInput(List<KeyValuePair<string, string>> ofAddress, List<Parameters.ParameterComponent> ofBody) =>
        (this.ofAddress, this.ofBody) = (ofAddress, ofBody);

    /// <summary>Names that were given, each once.</summary>
    public IEnumerable<string> Names => ofAddress.Select(one => one.Key).Concat(ofBody.Select(one => one.Name ?? "")).Distinct();

    /// <summary>Reads what there is; problems of the body as <see cref="FhirBody.ReadAsync"/> tells them.</summary>
    public static async ValueTask<Outcome<OperationInput>> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var address = SearchEndpoint.Pairs(request.Query).ToList();
        if (!HttpMethods.IsPost(request.Method) || (request.ContentType is null && request.ContentLength is null or 0))
        {
            return new OperationInput(address, []);
        }
        return (await FhirBody.ReadAsync(request, nameof(Parameters), cancellationToken))
            .Match<Outcome<OperationInput>>(body => new OperationInput(address, ((Parameters)body).Parameter), problem => problem);
    }

    /// <summary>The values of a parameter as texts, those of the address first; what is no simple value is left out.</summary>
    public IReadOnlyList<string> All(string name) =>
    [
        .. ofAddress.Where(one => one.Key == name && one.Value.Length > 0).Select(one => one.Value),
        .. ofBody.Where(one => one.Name == name).Select(one => (one.Value as PrimitiveType)?.ToString()).OfType<string>(),
    ];

    /// <summary>The first value of a parameter as a text; null when there is none.</summary>
    public string? Text(string name) => All(name) is [var first, ..] ? first : null;

    /// <summary>The first value of a parameter that is of a type; null when there is none.</summary>
    public T? Value<T>(string name)
        where T : DataType => ofBody.Where(one => one.Name == name).Select(one => one.Value as T).FirstOrDefault(one => one is not null);

    /// <summary>The resource of a parameter; null when there is none of that type.</summary>
    public T? Resource<T>(string name)
        where T : Resource => ofBody.Where(one => one.Name == name).Select(one => one.Resource as T).FirstOrDefault(one => one is not null);

    /// <summary>A whole number from a lower bound on; null when it is not given.</summary>
    public Outcome<int?> Number(string name, int least, int most) => Text(name) is not { } text ? (int?)null
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least
            ? Math.Min(number, most)
            : Problem.Invalid($"{name} takes a whole number from {least.ToString(System.Globalization.CultureInfo.InvariantCulture)} on.");

    /// <summary>True or false; the given one when it is not said.</summary>
    public Outcome<bool> Flag(string name, bool otherwise) => Text(name)?.ToLowerInvariant() switch
    {
        null => otherwise,
        "true" => true,
        "false" => false,
        _ => Problem.Invalid($"{name} takes true or false."),
    };
}
