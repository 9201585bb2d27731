using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>One operation of a FHIRPath Patch. See https://hl7.org/fhir/R4/fhirpatch.html</summary>
/// <param name="Type">add, insert, delete, replace or move.</param>
/// <param name="Path">Where.</param>
/// <param name="Name">The element to add.</param>
/// <param name="Value">What to add, insert or put in place; a value, or parts that are its elements.</param>
/// <param name="Index">Where in the list to insert.</param>
/// <param name="Source">Where in the list it is moved from.</param>
/// <param name="Destination">Where in the list it is moved to.</param>
internal sealed record FhirPathOperation(
    string Type, PatchPath Path, string? Name, Parameters.ParameterComponent? Value, int? Index, int? Source, int? Destination);

/// <summary>A FHIRPath Patch. See https://hl7.org/fhir/R4/fhirpatch.html</summary>
internal sealed class FhirPathPatch(IReadOnlyList<FhirPathOperation> operations) : IPatch
{
    private const int MaxOperations = 1000;

    private static readonly string[] Parts = ["type", "path", "name", "value", "index", "source", "destination"];

    /// <summary>Reads the operations; <c>Invalid</c> when one is not complete or has what no operation has.</summary>
    public static Outcome<FhirPathPatch> Read(Parameters parameters)
    {
        if (parameters.Parameter.Count > MaxOperations)
        {
            return Problem.TooCostly($"A patch takes at most {MaxOperations} operations.");
        }
        var operations = new List<FhirPathOperation>();
        foreach (var parameter in parameters.Parameter)
        {
            if (!ReadOperation(parameter, operations.Count + 1).TryGet(out var operation, out var problem))
            {
                return problem;
            }
            operations.Add(operation);
        }
        return new FhirPathPatch(operations);
    }

    public Outcome<Resource> Apply(StoredResource current)
    {
        var resource = FhirJson.ReadOwn<Resource>(current.Json);
        var (type, id, version) = (current.Key.Type, resource.Id, resource.Meta?.VersionId);
        for (var i = 0; i < operations.Count; i++)
        {
            if (new FhirPathPatchRun(resource).Do(operations[i]) is { } fault)
            {
                return Problem.Unprocessable($"Operation {i + 1} ({operations[i].Type}) cannot be done: {fault}");
            }
        }
        if (resource.Id != id)
        {
            return PatchedResource.ServerOwned(type, "id");
        }
        if (resource.Meta?.VersionId is { } now && now != version)
        {
            return PatchedResource.ServerOwned(type, "meta.versionId");
        }
        return PatchedResource.Read(FhirJson.Write(resource), type);
    }

    private static Outcome<FhirPathOperation> ReadOperation(Parameters.ParameterComponent parameter, int number)
    {
        if (parameter.Name != "operation")
        {
            return Problem.Invalid("A FHIRPath Patch has parameters of the name operation only.");
        }
        if (parameter.Part.Exists(part => !Parts.Contains(part.Name)) || parameter.Part.DistinctBy(part => part.Name).Count() < parameter.Part.Count)
        {
            return Problem.Invalid($"Operation {number} has a part twice, or one that no operation has.");
        }
        var type = Text(parameter, "type");
        if (type is not ("add" or "insert" or "delete" or "replace" or "move") || Text(parameter, "path") is not { } expression)
        {
            return Problem.Invalid($"Operation {number} has no type that FHIRPath Patch knows, or no path.");
        }
        if (!PatchPath.Parse(expression, number).TryGet(out var path, out var problem))
        {
            return problem;
        }
        var operation = new FhirPathOperation(
            type, path, Text(parameter, "name"), parameter.Part.Find(part => part.Name == "value"),
            Number(parameter, "index"), Number(parameter, "source"), Number(parameter, "destination"));
        return Missing(operation) is { } missing ? Problem.Invalid($"Operation {number} ({type}) has no {missing}.") : operation;
    }

    private static string? Missing(FhirPathOperation operation) => operation switch
    {
        { Type: "add", Name: null } => "name",
        { Type: "add" or "insert" or "replace", Value: null } => "value",
        { Type: "insert", Index: null } => "index",
        { Type: "move", Source: null } => "source",
        { Type: "move", Destination: null } => "destination",
        _ => null,
    };

    private static string? Text(Parameters.ParameterComponent parameter, string name) =>
        Value(parameter, name) is PrimitiveType { JsonValue: string text } ? text : null;

    private static int? Number(Parameters.ParameterComponent parameter, string name) =>
        Value(parameter, name) is PrimitiveType { JsonValue: int number } ? number : null;

    private static DataType? Value(Parameters.ParameterComponent parameter, string name) => parameter.Part.Find(part => part.Name == name)?.Value;
}
