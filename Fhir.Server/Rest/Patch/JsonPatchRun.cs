using System.Text.Json.Nodes;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// A document while a JSON Patch is applied to it. Each operation gives a fault in words, or null when it is done (RFC 6902 §4 and §5).
/// </summary>
internal sealed class JsonPatchRun(JsonNode? document)
{
    private const string NoSuchPlace = "the path leads to nothing that is there.";

    private readonly List<JsonNode> emptied = [];
    private long copied;

    public string? Do(JsonPatchOperation operation) => operation.Name switch
    {
        "add" => Add(operation.Path, operation.Value?.DeepClone()),
        "remove" => Remove(operation.Path),
        "replace" => Replace(operation.Path, operation.Value?.DeepClone()),
        "move" => Move(operation.From!, operation.Path),
        "copy" => Copy(operation.From!, operation.Path),
        "test" => Test(operation.Path, operation.Value),
        _ => throw new InvalidOperationException("Unknown operation."),
    };

    /// <summary>The document as it is now. Lists and objects whose last element was removed go too: FHIR has no empty ones.</summary>
    public JsonNode? Finish()
    {
        for (var i = 0; i < emptied.Count; i++)
        {
            var one = emptied[i];
            if (one is JsonArray { Count: 0 } or JsonObject { Count: 0 } && one.Parent is { } parent)
            {
                if (parent is JsonArray list)
                {
                    list.Remove(one);
                }
                else
                {
                    ((JsonObject)parent).Remove(one.GetPropertyName());
                }
                emptied.Add(parent);
            }
        }
        return document;
    }

    private string? Add(JsonPointer path, JsonNode? value)
    {
        if (path.Tokens.Count + Depth(value) > PatchedResource.MaxDepth)
        {
            return "the resource would be nested too deeply.";
        }
        if (path.IsRoot)
        {
            document = value;
            return null;
        }
        if (!TryFind(path.Tokens.Count - 1, path, out var parent))
        {
            return NoSuchPlace;
        }
        switch (parent)
        {
            case JsonObject owner:
                owner[path.Last] = value;
                return null;
            case JsonArray list when path.Last == JsonPointer.BehindLast:
                list.Add(value);
                return null;
            case JsonArray list when JsonPointer.Index(path.Last, list.Count) is { } index:
                list.Insert(index, value);
                return null;
            default:
                return NoSuchPlace;
        }
    }

    private string? Remove(JsonPointer path)
    {
        if (path.IsRoot)
        {
            return "the whole resource cannot be removed.";
        }
        if (!TryFind(path.Tokens.Count, path, out _) || !TryFind(path.Tokens.Count - 1, path, out var parent))
        {
            return NoSuchPlace;
        }
        if (parent is JsonArray list)
        {
            list.RemoveAt(JsonPointer.Index(path.Last, list.Count)!.Value);
        }
        else
        {
            ((JsonObject)parent!).Remove(path.Last);
        }
        emptied.Add(parent!);
        return null;
    }

    private string? Replace(JsonPointer path, JsonNode? value)
    {
        if (path.Tokens.Count + Depth(value) > PatchedResource.MaxDepth)
        {
            return "the resource would be nested too deeply.";
        }
        if (!TryFind(path.Tokens.Count, path, out _))
        {
            return NoSuchPlace;
        }
        if (path.IsRoot)
        {
            document = value;
            return null;
        }
        TryFind(path.Tokens.Count - 1, path, out var parent);
        if (parent is JsonArray list)
        {
            list[JsonPointer.Index(path.Last, list.Count)!.Value] = value;
        }
        else
        {
            parent![path.Last] = value;
        }
        return null;
    }

    private string? Move(JsonPointer from, JsonPointer path)
    {
        if (from.IsAbove(path))
        {
            return "nothing can be moved into itself.";
        }
        if (!TryFind(from.Tokens.Count, from, out var value))
        {
            return "from leads to nothing that is there.";
        }
        return from.Tokens.SequenceEqual(path.Tokens) ? null : Remove(from) ?? Add(path, value);
    }

    private string? Copy(JsonPointer from, JsonPointer path)
    {
        if (!TryFind(from.Tokens.Count, from, out var value))
        {
            return "from leads to nothing that is there.";
        }
        // Copies of copies grow without bound.
        copied += value?.ToJsonString().Length ?? 0;
        return copied > FhirBody.Limit ? "the resource would be too large." : Add(path, value?.DeepClone());
    }

    private string? Test(JsonPointer path, JsonNode? value) =>
        TryFind(path.Tokens.Count, path, out var found) && JsonNode.DeepEquals(found, value) ? null : "the test fails.";

    /// <summary>Follows the first tokens of a pointer; what is found may be JSON's null.</summary>
    private bool TryFind(int tokens, JsonPointer path, out JsonNode? found)
    {
        found = document;
        foreach (var token in path.Tokens.Take(tokens))
        {
            switch (found)
            {
                case JsonObject owner when owner.TryGetPropertyValue(token, out var member):
                    found = member;
                    break;
                case JsonArray list when JsonPointer.Index(token, list.Count - 1) is { } index:
                    found = list[index];
                    break;
                default:
                    return false;
            }
        }
        return true;
    }

    private static int Depth(JsonNode? node) => node switch
    {
        JsonObject owner => 1 + owner.Select(member => Depth(member.Value)).DefaultIfEmpty().Max(),
        JsonArray list => 1 + list.Select(Depth).DefaultIfEmpty().Max(),
        _ => 0,
    };
}
