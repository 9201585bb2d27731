using System.Collections;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>
/// Applies operations of a FHIRPath Patch to a resource. Each gives a fault in words, or null when it is done.
/// See https://hl7.org/fhir/R4/fhirpatch.html
/// </summary>
internal sealed class FhirPathPatchRun(Resource resource)
{
    private const string NotOne = "the path must lead to one element of the resource.";
    private const string NotAList = "the path must lead to one whole list of the resource.";

    public string? Do(FhirPathOperation operation) => operation.Type switch
    {
        "add" => Add(operation),
        "insert" => Insert(operation),
        "delete" => Delete(operation),
        "replace" => Replace(operation),
        "move" => Move(operation),
        _ => throw new InvalidOperationException("Unknown operation."),
    };

    private string? Add(FhirPathOperation operation) => operation.Path.Find(resource) is [var owner]
        ? PatchValue.Add(owner.Poco, operation.Name!, operation.Value!)
        : NotOne;

    private string? Insert(FhirPathOperation operation)
    {
        if (List(operation.Path) is not { } list)
        {
            return NotAList;
        }
        if (operation.Index < 0 || operation.Index > list.Elements.Count)
        {
            return "the index is behind the end of the list.";
        }
        var fault = PatchValue.Make(list.Mapping, list.Mapping.Name, operation.Value!, out var value);
        if (fault is null)
        {
            list.Elements.Insert(operation.Index!.Value, value);
            list.Owner.SetValue(list.Mapping.Name, list.Elements);
        }
        return fault;
    }

    private string? Delete(FhirPathOperation operation)
    {
        switch (operation.Path.Find(resource))
        {
            case []:
                return null;
            case [var element] when PatchPlace.Of(element) is { } place:
                place.Remove();
                return null;
            default:
                return "the path must lead to one element of the resource, or none.";
        }
    }

    private string? Replace(FhirPathOperation operation)
    {
        if (operation.Path.Find(resource) is not [var element] || PatchPlace.Of(element) is not { } place)
        {
            return NotOne;
        }
        var fault = PatchValue.Make(place.Mapping, place.Mapping.Name, operation.Value!, out var value);
        if (fault is null)
        {
            place.Put(value!);
        }
        return fault;
    }

    private string? Move(FhirPathOperation operation)
    {
        if (List(operation.Path) is not { } list)
        {
            return NotAList;
        }
        var (source, destination) = (operation.Source!.Value, operation.Destination!.Value);
        if (source < 0 || source >= list.Elements.Count || destination < 0 || destination >= list.Elements.Count)
        {
            return "source and destination must be places in the list.";
        }
        var moved = list.Elements[source];
        list.Elements.RemoveAt(source);
        list.Elements.Insert(destination, moved);
        return null;
    }

    /// <summary>The list a path leads to, with all that is in it; null when it is no list, a part of one, or more than one.</summary>
    private (Base Owner, PropertyMapping Mapping, IList Elements)? List(PatchPath path)
    {
        var found = path.Find(resource);
        if (found is null)
        {
            return null;
        }
        if (found.Count == 0)
        {
            return path.Split() is var (owner, name) ? EmptyList(owner, name) : null;
        }
        if (PatchPlace.Of(found[0]) is not { Mapping.IsCollection: true } first || first.Elements.Count != found.Count
            || found.Any(one => one.Parent?.Poco != first.Owner))
        {
            return null;
        }
        return (first.Owner, first.Mapping, first.Elements);
    }

    private (Base Owner, PropertyMapping Mapping, IList Elements)? EmptyList(PatchPath? path, string name)
    {
        var owner = path is null ? resource : path.Find(resource) is [var one] ? one.Poco : null;
        var mapping = owner is null ? null : PatchValue.MappingOf(owner)?.FindMappedElementByName(name);
        return mapping is { IsCollection: true } && !owner!.TryGetValue(name, out _) ? (owner, mapping, PatchValue.NewList(mapping)) : null;
    }
}
