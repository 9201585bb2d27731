using System.Collections.Frozen;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>The parameters that shape the result instead of choosing it. See https://hl7.org/fhir/R4/search.html#return</summary>
internal sealed class ResultParameters(QueryDraft draft, SearchOptions options)
{
    private const int MaxSortKeys = 10, MaxElements = 200;

    private static readonly FrozenSet<string> Supported = FrozenSet.ToFrozenSet(
        [
            "_count", "_sort", "_include", "_revinclude", "_total", "_summary", "_elements", "_explain", "_cursor", "_format", "_pretty",
            "_contained", "_containedType",
        ],
        StringComparer.Ordinal);

    private static readonly FrozenSet<string> NotYet = FrozenSet.ToFrozenSet(["_score"], StringComparer.Ordinal);

    private readonly HashSet<string> given = new(StringComparer.Ordinal);
    private readonly IncludeReader includes = new(draft);

    /// <summary>Whether a name is one of these.</summary>
    public static bool Knows(string code) => Supported.Contains(code) || NotYet.Contains(code);

    /// <summary>Reads one of them.</summary>
    public Problem? Read(string code, string? modifier, string value)
    {
        if (code is "_include" or "_revinclude")
        {
            return includes.Read(code, modifier, value);
        }

        if (NotYet.Contains(code) || modifier is not null)
        {
            return Problem.Invalid($"{code}{(modifier is null ? "" : ":" + Names.Shown(modifier))} is not supported yet.");
        }

        if (code is "_format" or "_pretty")
        {
            // Read by who writes the answer; the pages that follow are to look alike.
            draft.Apply(code, value);
            return null;
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
            case "_elements":
                return Elements(value);
            case "_explain":
                return Explain(value);
            case "_contained":
                return value == "false" ? null : Problem.Invalid("_contained: contained resources are not searched; only false is supported.");
            case "_containedType":
                return value == "container" ? null : Problem.Invalid("_containedType: contained resources are not searched; only container is supported.");
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

        draft.Total = value switch
        {
            "none" => TotalMode.None,
            "estimate" => TotalMode.Estimate,
            _ => TotalMode.Accurate,
        };
        draft.Apply("_total", value);
        return null;
    }

    private Problem? Summary(string value)
    {
        if (value is not ("true" or "text" or "data" or "count" or "false"))
        {
            return Problem.Invalid("_summary takes true, text, data, count or false.");
        }

        draft.IsCountOnly = value == "count";
        draft.Apply("_summary", value);
        return null;
    }

    /// <summary>Kept for the links: which elements are shown is for the door to do.</summary>
    private Problem? Elements(string value)
    {
        var names = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct().ToList();
        if (names.Exists(name => name.AsSpan().ContainsAnyExcept(ElementLetters)))
        {
            return Problem.Invalid("_elements takes names of elements, separated by commas.");
        }

        if (names.Count > MaxElements)
        {
            return Problem.TooCostly($"_elements takes at most {MaxElements} names.");
        }

        draft.Apply("_elements", string.Join(',', names));
        return null;
    }

    private Problem? Explain(string value)
    {
        if (value is not ("true" or "false"))
        {
            return Problem.Invalid("_explain takes true or false.");
        }

        draft.Explain = value == "true";
        draft.Apply("_explain", value);
        return null;
    }

    private Problem? Sort(string value)
    {
        var applied = new List<string>();
        foreach (var key in value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var descending = key[0] == '-';
            var path = descending ? key[1..] : key;
            if (!path.Contains('.', StringComparison.Ordinal) && draft.Find(path) is null && !draft.KnowsButCannot(path))
            {
                if (draft.Ignore(path) is { } refused)
                {
                    return refused;
                }

                continue;
            }

            if (!SortKey(path, descending).TryGet(out var sort, out var problem))
            {
                return problem;
            }

            if (draft.Sort.TrueForAll(known => known.Path != sort.Path))
            {
                draft.Sort.Add(sort);
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

    private Outcome<SortKey> SortKey(string path, bool descending)
    {
        if (path.Split('.', 2) is not [var head, var code])
        {
            return draft.Find(path) is { } own && IsSortable(own)
                ? new SortKey(own, descending)
                : Problem.Invalid($"Sorting by {Names.Shown(path)} is not supported.");
        }

        if (draft.IsOverTypes || code.Contains('.', StringComparison.Ordinal))
        {
            return Problem.Invalid("Sorting goes over one reference of one type.");
        }

        if (!PathReader.Head(draft.Parameters, draft.ResourceType, head).TryGet(out var over, out var problem))
        {
            return problem;
        }

        var found = over.Targets.Select(target => draft.Parameters.Find(target, code)).OfType<SearchParameterInfo>().Where(IsSortable).ToList();
        return found.Count == 1
            ? new SortKey(found[0], descending, over.Parameter)
            : Problem.Invalid($"Sorting by {Names.Shown(path)} is not supported: it must mean one parameter of one type, as in subject:Patient.name.");
    }

    private static bool IsSortable(SearchParameterInfo parameter) => parameter.IsSortable && !SearchParameters.IsPhonetic(parameter);

    private static readonly System.Buffers.SearchValues<char> ElementLetters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._");
}
