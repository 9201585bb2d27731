using System.Collections;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>Where an element stands: in which owner, as which element of it, and in a list at which index.</summary>
internal sealed class PatchPlace
{
    private readonly int index;

    private PatchPlace(Base owner, PropertyMapping mapping, IList? list, int index)
    {
        (Owner, Mapping, this.index) = (owner, mapping, index);
        Elements = list ?? Array.Empty<Base>();
    }

    public Base Owner { get; }

    public PropertyMapping Mapping { get; }

    /// <summary>The list it stands in; empty when it stands in none.</summary>
    public IList Elements { get; }

    /// <summary>The place of an element; null for the resource itself, and for the bare value of a primitive.</summary>
    public static PatchPlace? Of(PocoNode node)
    {
        if (node.Parent?.Poco is not { } owner || node.Name is not { } name
            || PatchValue.MappingOf(owner)?.FindMappedElementByName(name) is not { IsPrimitive: false } mapping || !owner.TryGetValue(name, out var value))
        {
            return null;
        }
        if (!mapping.IsCollection)
        {
            return new PatchPlace(owner, mapping, null, -1);
        }
        var list = (IList)value;
        var index = list.Cast<object>().TakeWhile(one => !ReferenceEquals(one, node.Poco)).Count();
        return index < list.Count ? new PatchPlace(owner, mapping, list, index) : null;
    }

    /// <summary>Puts something in its place.</summary>
    public void Put(Base value)
    {
        if (index < 0)
        {
            Owner.SetValue(Mapping.Name, value);
        }
        else
        {
            Elements[index] = value;
        }
    }

    /// <summary>Takes it away.</summary>
    public void Remove()
    {
        if (index >= 0)
        {
            Elements.RemoveAt(index);
        }
        if (index < 0 || Elements.Count == 0)
        {
            Owner.SetValue(Mapping.Name, null);
        }
    }
}
