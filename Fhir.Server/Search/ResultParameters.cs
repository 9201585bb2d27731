using System.Collections.Frozen;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>The parameters that shape the result instead of choosing it. See https://hl7.org/fhir/R4/search.html#return</summary>
internal sealed class ResultParameters(QueryDraft draft, SearchOptions options)
{
    private const int MaxSortKeys = 10, MaxIncludes = 20;

    private static readonly FrozenSet<string> Elsewhere = FrozenSet.ToFrozenSet(["_format", "_pretty"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> Supported =
        FrozenSet.ToFrozenSet(["_count", "_sort", "_include", "_total", "_summary", "_cursor"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> NotYet =
        FrozenSet.ToFrozenSet(["_elements", "_revinclude", "_contained", "_containedType", "_score"], StringComparer.Ordinal);

    private readonly HashSet<string> given = new(StringComparer.Ordinal);

    /// <summary>Whether a name is one of these.</summary>
    public static bool Knows(string code) => Elsewhere.Contains(code) || Supported.Contains(code) || NotYet.Contains(code);

    /// <summary>Reads one of them.</summary>
    public Problem? Read(string code, string? modifier, string value)
    {
        if (Elsewhere.Contains(code))
        {
            return null;
        }

        if (NotYet.Contains(code) || modifier is not null)
        {
            return Problem.Invalid($"{code}{(modifier is null ? "" : ":" + Names.Shown(modifier))} is not supported yet.");
        }

        if (code == "_include")
        {
            return Include(value);
        }

        if (!given.Add(code))
        {
            return Problem.Invalid($"{code} may be given only once.");
        }

        switch (code)
        {
            case "_count":
                return Count(value);
            case "_sort":
                return Sort(value);
            case "_total":
                return Total(value);
            case "_summary":
                return Summary(value);
            default:
                draft.Cursor = value;
                return null;
        }
    }

    private Problem? Count(string value)
    {
        if (value.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return Problem.Invalid("_count takes a whole number from 0 on.");
        }

        draft.Count = int.TryParse(value, out var count) ? Math.Min(count, options.MaxCount) : options.MaxCount;
        draft.Apply("_count", $"{draft.Count}");
        return null;
    }

    private Problem? Total(string value)
    {
        if (value is not ("none" or "estimate" or "accurate"))
        {
            return Problem.Invalid("_total takes none, estimate or accurate.");
        }

        // An exact number is also an estimate.
        draft.Total = value == "none" ? TotalMode.None : TotalMode.Accurate;
        draft.Apply("_total", value);
        return null;
    }

    private Problem? Summary(string value)
    {
        if (value is not ("count" or "false"))
        {
            return Problem.Invalid(value is "true" or "text" or "data"
                ? $"_summary={value} is not supported yet."
                : "_summary takes true, text, data, count or false.");
        }

        draft.IsCountOnly = value == "count";
        draft.Apply("_summary", value);
        return null;
    }

    private Problem? Sort(string value)
    {
        var applied = new List<string>();
        foreach (var key in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var descending = key[0] == '-';
            var code = descending ? key[1..] : key;
            var parameter = SearchParameters.Find(draft.ResourceType, code);
            if (parameter is null && !SearchParameters.IsKnownButUnsupported(draft.ResourceType, code))
            {
                if (draft.Ignore(code) is { } refused)
                {
                    return refused;
                }

                continue;
            }

            if (parameter is null || (parameter.Kind != SearchKind.Date && code != "_id"))
            {
                return Problem.Invalid($"Sorting by {code} is not supported; dates, _lastUpdated and _id are.");
            }

            if (draft.Sort.All(known => known.Parameter.Code != code))
            {
                draft.Sort.Add(new(parameter, descending));
                applied.Add(key);
            }
        }

        if (draft.Sort.Count > MaxSortKeys)
        {
            return Problem.TooCostly($"_sort takes at most {MaxSortKeys} keys.");
        }

        if (applied.Count > 0)
        {
            draft.Apply("_sort", string.Join(',', applied));
        }

        return null;
    }

    private Problem? Include(string value)
    {
        if (value.Split(':') is not ([_, _] or [_, _, _]) || value.Split(':') is not [var type, var code, ..] parts)
        {
            return Problem.Invalid("_include takes Type:parameter or Type:parameter:TargetType.");
        }

        if (type != draft.ResourceType)
        {
            return Problem.Invalid($"_include begins with the type that is searched, {draft.ResourceType}.");
        }

        if (SearchParameters.Find(type, code) is not { Kind: SearchKind.Reference } parameter)
        {
            return Problem.Invalid($"{type} has no reference parameter '{Names.Shown(code)}' to include.");
        }

        var target = parts.Length == 3 && parts[2].Length > 0 ? parts[2] : null;
        if (target is not null && !parameter.Targets.Contains(target))
        {
            return Problem.Invalid($"{type}:{code} has no targets of type '{Names.Shown(target)}'.");
        }

        var include = new Include(type, code, target);
        if (draft.Includes.Contains(include))
        {
            return null;
        }

        if (draft.Includes.Count == MaxIncludes)
        {
            return Problem.TooCostly($"A search takes at most {MaxIncludes} includes.");
        }

        draft.Includes.Add(include);
        draft.Apply("_include", value);
        return null;
    }
}
