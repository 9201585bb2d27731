using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>Reads <c>_include</c> and <c>_revinclude</c>. See https://hl7.org/fhir/R4/search.html#include</summary>
internal sealed class IncludeReader(QueryDraft draft)
{
    private const int MaxIncludes = 20;

    /// <summary>Reads one of them.</summary>
    /// <param name="name"><c>_include</c> or <c>_revinclude</c>.</param>
    /// <param name="modifier"><c>iterate</c>, its older name <c>recurse</c>, or null.</param>
    /// <param name="value"><c>Type:parameter</c>, <c>Type:parameter:TargetType</c>, <c>Type:*</c> or <c>*</c>.</param>
    public Problem? Read(string name, string? modifier, string value)
    {
        if (modifier is not (null or "iterate" or "recurse"))
        {
            return Problem.Invalid($"{name}:{Names.Shown(modifier)} is not known; {name}:iterate is.");
        }

        var isReverse = name == "_revinclude";
        if (!Include(name, isReverse, modifier is not null, value).TryGet(out var include, out var problem))
        {
            return problem;
        }

        var known = isReverse ? draft.RevIncludes : draft.Includes;
        if (known.Contains(include))
        {
            return null;
        }

        if (draft.Includes.Count + draft.RevIncludes.Count == MaxIncludes)
        {
            return Problem.TooCostly($"A search takes at most {MaxIncludes} includes.");
        }

        known.Add(include);
        draft.Apply(modifier is null ? name : $"{name}:{modifier}", value);
        return null;
    }

    private Outcome<Include> Include(string name, bool isReverse, bool iterate, string value)
    {
        var parts = value == Search.Include.Any ? [Search.Include.Any, Search.Include.Any] : value.Split(':');
        if (parts is not ([_, _] or [_, _, _]) || parts is not [var type, var code, ..])
        {
            return Problem.Invalid($"{name} takes Type:parameter, Type:parameter:TargetType, Type:* or *.");
        }

        if (type != Search.Include.Any && !SearchParameters.IsResourceType(type))
        {
            return Problem.Invalid($"{name}: there is no resource type '{Names.Shown(type)}'.");
        }

        if (!isReverse && !iterate && type != Search.Include.Any && !draft.Searches(type))
        {
            return Problem.Invalid(draft.IsOverTypes
                ? $"{name} begins with a type that is searched; what follows from what was included is asked by {name}:iterate."
                : $"{name} begins with the type that is searched, {draft.ResourceType}; what follows from what was included is asked by {name}:iterate.");
        }

        var target = parts.Length == 3 && parts[2].Length > 0 ? parts[2] : null;
        if (target is not null && !SearchParameters.IsResourceType(target))
        {
            return Problem.Invalid($"{name}: there is no resource type '{Names.Shown(target)}'.");
        }

        var include = new Include(type, code, target) { Iterate = iterate };
        if (code == Search.Include.Any)
        {
            return include;
        }

        if (type == Search.Include.Any || draft.Parameters.Find(type, code) is not { Kind: SearchKind.Reference } parameter)
        {
            return Problem.Invalid($"{name}: {Names.Shown(type)} has no reference parameter '{Names.Shown(code)}'.");
        }

        if (target is not null && !parameter.Targets.Contains(target))
        {
            return Problem.Invalid($"{name}: {type}:{code} has no targets of type {target}.");
        }

        return isReverse && !iterate && !parameter.Targets.Any(draft.Searches)
            ? Problem.Invalid($"{name}: {type}:{code} does not lead to what is searched.")
            : include;
    }
}
