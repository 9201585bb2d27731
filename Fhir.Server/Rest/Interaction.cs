namespace Fhir.Server.Rest;

/// <summary>
/// What a route does, in the words of the CapabilityStatement, which is made of these: a route that carries none claims what its name
/// says, if that is one of the standard's. See https://hl7.org/fhir/R4/valueset-type-restful-interaction.html and
/// https://hl7.org/fhir/R4/valueset-system-restful-interaction.html
/// </summary>
/// <param name="Code">As <c>read</c> or <c>history-system</c>.</param>
/// <param name="IsConditional">Whether it also takes a condition: If-None-Exist on create.</param>
internal sealed record Interaction(string Code, bool IsConditional = false);

/// <summary>An operation a route answers. See https://hl7.org/fhir/R4/operations.html</summary>
/// <param name="Name">Without the dollar sign.</param>
/// <param name="Definition">The canonical address of its OperationDefinition.</param>
internal sealed record Operation(string Name, string Definition)
{
    /// <summary>One of the standard's own, as <c>Patient-everything</c>.</summary>
    public static Operation OfStandard(string name, string definition) => new(name, "http://hl7.org/fhir/OperationDefinition/" + definition);
}
