using Fhir.Server.Outcomes;

namespace Fhir.Server.Search;

/// <summary>
/// Reads one condition with whatever it leads over: <c>code</c>, <c>patient.name:exact</c>, <c>_has:Observation:patient:code</c>, and these in
/// one another. See https://hl7.org/fhir/R4/search.html#chaining
/// </summary>
/// <param name="options">The limits.</param>
/// <param name="values">Reads what stands at the end.</param>
/// <param name="parameters">The parameters in force.</param>
internal sealed class PathReader(SearchOptions options, ValueReader values, SearchCatalogue parameters)
{
    private const string Has = "_has:";

    // Types tried for one condition: a chain over references to anything multiplies with each step.
    private const int MaxTries = 2000;

    private int tries, ways;

    /// <summary>Whether a name leads over a reference.</summary>
    public static bool Leads(string name) => name.StartsWith(Has, StringComparison.Ordinal) || name.Contains('.', StringComparison.Ordinal);

    /// <summary>Reads a condition on a type; null when all its values are empty.</summary>
    public Outcome<LinkEnd?> Read(string type, string path, string value)
    {
        (tries, ways) = (0, 0);
        return Read(type, path, value, 0);
    }

    /// <summary>The reference a chain begins with, as in <c>subject:Patient</c>: parameter and the types it may lead to.</summary>
    public static Outcome<(SearchParameterInfo Parameter, IReadOnlyList<string> Targets)> Head(SearchCatalogue parameters, string type, string head)
    {
        var colon = head.IndexOf(':', StringComparison.Ordinal);
        var (code, target) = colon < 0 ? (head, null) : (head[..colon], head[(colon + 1)..]);
        if (parameters.Find(type, code) is not { Kind: SearchKind.Reference } parameter)
        {
            return Problem.Invalid($"{type} has no reference parameter '{Names.Shown(code)}' to follow.");
        }

        if (target is null)
        {
            return (parameter, parameter.Targets);
        }

        return parameter.Targets.Contains(target)
            ? (parameter, (IReadOnlyList<string>)[target])
            : Problem.Invalid($"{type}.{code} has no targets of type '{Names.Shown(target)}'.");
    }

    private Outcome<LinkEnd?> Read(string type, string path, string value, int depth)
    {
        if (depth > options.MaxLinks)
        {
            return Problem.TooCostly($"A condition leads over at most {options.MaxLinks} references.");
        }

        if (++tries > MaxTries)
        {
            return TooManyWays();
        }

        if (path.StartsWith(Has, StringComparison.Ordinal))
        {
            return Reverse(type, path[Has.Length..], value, depth);
        }

        var dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? End(type, path, value) : Chain(type, path[..dot], path[(dot + 1)..], value, depth);
    }

    private Outcome<LinkEnd?> End(string type, string path, string value)
    {
        var colon = path.IndexOf(':', StringComparison.Ordinal);
        var code = colon < 0 ? path : path[..colon];
        if (parameters.Find(type, code) is not { } parameter)
        {
            return Problem.Invalid(SearchParameters.IsKnownButUnsupported(type, code)
                ? $"The parameter {code} of {type} is not supported."
                : $"{type} has no search parameter '{Names.Shown(code)}'.");
        }

        if (!values.Read(parameter, colon < 0 ? null : path[(colon + 1)..], value).TryGet(out var criterion, out var problem))
        {
            return problem;
        }

        if (criterion is null)
        {
            return default(Outcome<LinkEnd?>);
        }

        return ++ways > options.MaxWays ? TooManyWays() : new LinkEnd(type, criterion, null);
    }

    /// <summary>Without a type modifier, every type is meant of which the rest of the chain can be asked.</summary>
    private Outcome<LinkEnd?> Chain(string type, string head, string rest, string value, int depth)
    {
        if (!Head(parameters, type, head).TryGet(out var followed, out var unknown))
        {
            return unknown;
        }

        var ends = new List<LinkEnd>();
        Problem? first = null;
        var isEmpty = false;
        foreach (var target in followed.Targets)
        {
            if (Read(target, rest, value, depth + 1).TryGet(out var end, out var problem))
            {
                isEmpty |= end is null;
                ends.AddRange(end is null ? [] : [end]);
            }
            else if (problem.Kind == ProblemKind.TooCostly)
            {
                return problem;
            }
            else
            {
                first ??= problem;
            }
        }

        if (ends.Count > 0)
        {
            return new LinkEnd(type, null, new Link(followed.Parameter, false, ends));
        }

        return isEmpty ? default(Outcome<LinkEnd?>) : first ?? Problem.Invalid($"{type}.{followed.Parameter.Code} leads to no type of this server.");
    }

    private Outcome<LinkEnd?> Reverse(string type, string path, string value, int depth)
    {
        if (path.Split(':', 3) is not [var source, var code, { Length: > 0 } rest])
        {
            return Problem.Invalid("_has takes the form _has:Type:reference:parameter.");
        }

        if (parameters.Find(source, code) is not { Kind: SearchKind.Reference } parameter)
        {
            return Problem.Invalid($"_has: there is no reference parameter '{Names.Shown(code)}' of '{Names.Shown(source)}'.");
        }

        if (!parameter.Targets.Contains(type))
        {
            return Problem.Invalid($"_has: {source}.{code} has no targets of type {type}.");
        }

        if (!Read(source, rest, value, depth + 1).TryGet(out var end, out var problem))
        {
            return problem;
        }

        return end is null ? default(Outcome<LinkEnd?>) : new LinkEnd(type, null, new Link(parameter, true, [end]));
    }

    private Problem TooManyWays() =>
        Problem.TooCostly($"The chain leads over too many types (at most {options.MaxWays} ways); name them, as in subject:Patient.name.");
}
