using System.Reflection;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Formats;
using Fhir.Server.Search;
using Hl7.Fhir.Introspection;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Operations;

/// <summary>All that is wrong with a resource by the rules of the standard that need nothing but the resource.</summary>
internal static class ResourceCheck
{
    private const int FaultsTold = 200;

    /// <summary>The resource as far as it could be read, and its faults; <c>Invalid</c> when it could not be read as one of its type at all.</summary>
    public static Outcome<(Resource Resource, IReadOnlyList<Problem> Faults)> Of(ReadOnlyMemory<byte> body, string type, bool isXml)
    {
        if (!FhirBody.Inspect(body, type, isXml).TryGet(out var read, out var problem))
        {
            return problem;
        }
        var faults = read.Issues.Select(issue => FhirBody.Fault(issue, type)).ToList();
        References(read.Resource, type, read.Resource as DomainResource, faults);
        return (read.Resource, faults.Take(FaultsTold).ToList());
    }

    /// <summary>Walks elements in their order; a contained resource refers within the one it is contained in.</summary>
    private static void References(Base element, string path, DomainResource? whole, List<Problem> faults)
    {
        if (ModelInfo.ModelInspector.FindClassMapping(element.GetType()) is not { } mapping)
        {
            return;
        }
        foreach (var property in mapping.PropertyMappings.Where(property => !property.RepresentsValueElement))
        {
            if (!element.TryGetValue(property.Name, out var value))
            {
                continue;
            }
            var i = 0;
            foreach (var one in value is System.Collections.IEnumerable list and not string and not Base ? list.OfType<Base>() : value is Base single ? [single] : [])
            {
                var place = property.IsCollection ? $"{path}.{property.Name}[{i++}]" : $"{path}.{property.Name}";
                if (one is ResourceReference { Reference: { } reference })
                {
                    var allowed = property.NativeProperty?.GetCustomAttribute<ReferencesAttribute>()?.Resources ?? [];
                    if (Fault(reference, allowed, whole) is { } fault)
                    {
                        faults.Add(Problem.Unprocessable($"{fault}: {place}.", place));
                    }
                }
                References(one, place, whole, faults);
            }
        }
    }

    private static string? Fault(string reference, string[] allowed, DomainResource? whole)
    {
        if (reference.StartsWith('#'))
        {
            return reference.Length == 1 || whole?.Contained.Exists(one => one.Id == reference[1..]) != false ? null : "Nothing of that id is contained";
        }
        if (Uri.TryCreate(reference, UriKind.Absolute, out var uri) && !reference.StartsWith('/'))
        {
            return uri.Scheme is "http" or "https" or "urn" ? null : "A reference is a relative address, a URL or a URN";
        }
        var parts = reference.Split('?')[0].Split('/');
        var isGood = parts is [_, _] or [_, _, "_history", _] ? Storage.RecordId.IsWellFormed(parts[1]) : parts is [_] && reference.Contains('?', StringComparison.Ordinal);
        return !isGood ? "A reference to a resource of this server is written Type/id"
            : !SearchParameters.IsResourceType(parts[0]) ? "A reference names a type that FHIR does not know"
            : allowed.Length > 0 && !allowed.Contains(parts[0]) && !allowed.Contains("Resource") ? "A reference points to a type that may not stand there"
            : null;
    }
}
