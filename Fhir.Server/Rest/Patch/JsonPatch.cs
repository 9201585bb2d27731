using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>One operation of a JSON Patch. See RFC 6902 §4</summary>
/// <param name="Name">add, remove, replace, move, copy or test.</param>
/// <param name="Path">Where.</param>
/// <param name="From">Where from, of move and copy.</param>
/// <param name="Value">What, of add, replace and test; null is JSON's null.</param>
internal sealed record JsonPatchOperation(string Name, JsonPointer Path, JsonPointer? From, JsonNode? Value);

/// <summary>A JSON Patch. Numbers keep their digits: they are never made anything but text. See RFC 6902</summary>
internal sealed class JsonPatch(IReadOnlyList<JsonPatchOperation> operations) : IPatch
{
    private const int MaxOperations = 5000;

    /// <summary>The operations, in order.</summary>
    public IReadOnlyList<JsonPatchOperation> Operations => operations;

    private static readonly string[] Names = ["add", "remove", "replace", "move", "copy", "test"];

    /// <summary>Reads a patch that is JSON; <c>Invalid</c> when it is not a list of operations.</summary>
    public static Outcome<JsonPatch> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var operations = new List<JsonPatchOperation>();
        foreach (var element in document.RootElement.EnumerateArray())
        {
            if (operations.Count == MaxOperations)
            {
                return Problem.TooCostly($"A patch takes at most {MaxOperations} operations.");
            }
            if (!ReadOperation(element, operations.Count + 1).TryGet(out var operation, out var problem))
            {
                return problem;
            }
            operations.Add(operation);
        }
        return new JsonPatch(operations);
    }

    public Outcome<Resource> Apply(StoredResource current)
    {
        var run = new JsonPatchRun(JsonNode.Parse(current.Json.Span));
        for (var i = 0; i < operations.Count; i++)
        {
            if (run.Do(operations[i]) is { } fault)
            {
                return Problem.Unprocessable($"Operation {i + 1} ({operations[i].Name}) cannot be done: {fault}");
            }
        }
        var (type, id) = (current.Key.Type, current.Key.Id);
        if (run.Finish() is not JsonObject patched || Text(patched["resourceType"]) != type)
        {
            return PatchedResource.ServerOwned(type, "resourceType");
        }
        if (Text(patched["id"]) != id)
        {
            return PatchedResource.ServerOwned(type, "id");
        }
        if (patched["meta"] is JsonObject meta && meta.TryGetPropertyValue("versionId", out var version) && Text(version) != $"{current.Version}")
        {
            return PatchedResource.ServerOwned(type, "meta.versionId");
        }
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, FhirWriting.Options))
        {
            patched.WriteTo(writer);
        }
        return PatchedResource.Read(buffer.WrittenMemory, type);
    }

    private static Outcome<JsonPatchOperation> ReadOperation(JsonElement element, int number)
    {
        if (element.ValueKind != JsonValueKind.Object || Member(element, "op") is not { } name || !Names.Contains(name))
        {
            return Problem.Invalid($"Operation {number} has no op that JSON Patch knows.");
        }
        if (Member(element, "path") is not { } path)
        {
            return Problem.Invalid($"Operation {number} has no path.");
        }
        var from = Member(element, "from");
        if (name is "move" or "copy" && from is null)
        {
            return Problem.Invalid($"Operation {number} has no from.");
        }
        var value = default(JsonElement);
        if (name is "add" or "replace" or "test" && !element.TryGetProperty("value", out value))
        {
            return Problem.Invalid($"Operation {number} has no value.");
        }
        if (!JsonPointer.Parse(path).TryGet(out var to, out var problem) || !JsonPointer.Parse(from ?? "").TryGet(out var origin, out problem))
        {
            return problem;
        }
        return new JsonPatchOperation(
            name, to, from is null ? null : origin, value.ValueKind == JsonValueKind.Undefined ? null : JsonNode.Parse(value.GetRawText()));
    }

    private static string? Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
