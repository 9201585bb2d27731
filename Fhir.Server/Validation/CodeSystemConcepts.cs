using Hl7.Fhir.Model;

namespace Fhir.Server.Validation;

/// <summary>The concepts of a CodeSystem resource, one after the other, each with what stands above it.</summary>
public static class CodeSystemConcepts
{
    private static readonly string[] Inactive = ["retired", "deprecated", "inactive"];

    /// <summary>All concepts. See https://hl7.org/fhir/R4/codesystem.html</summary>
    public static IReadOnlyList<Concept> Of(CodeSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        var all = new List<Concept>();
        Add(system, system.Concept, [], all);
        return all;
    }

    private static void Add(CodeSystem system, IEnumerable<CodeSystem.ConceptDefinitionComponent> concepts, IReadOnlyList<string> above, List<Concept> all)
    {
        foreach (var concept in concepts.Where(one => one.Code is not null))
        {
            var properties = concept.Property.Where(one => one.Code is not null && one.Value is not null).Select(one => KeyValuePair.Create(one.Code!, TextOf(one.Value!))).ToList();
            all.Add(new Concept(system.Url ?? "", concept.Code!, concept.Display)
            {
                Version = system.Version,
                Designations = [.. concept.Designation.Select(one => one.Value).OfType<string>()],
                IsAbstract = properties.Contains(KeyValuePair.Create("notSelectable", "true")),
                IsInactive = properties.Contains(KeyValuePair.Create("inactive", "true"))
                    || properties.Exists(one => one.Key == "status" && Inactive.Contains(one.Value)),
                Ancestors = above,
                Properties = properties,
            });
            Add(system, concept.Concept, [.. above, concept.Code!], all);
        }
    }

    private static string TextOf(DataType value) => value switch
    {
        Coding coding => coding.Code ?? "",
        PrimitiveType primitive => primitive.ToString() ?? "",
        _ => "",
    };
}
