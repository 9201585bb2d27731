using System.Collections.Frozen;

namespace Fhir.Server.Consents;

/// <summary>Types of what belongs to nobody, by who may see it.</summary>
internal static class SharedTypes
{
    /// <summary>Definitions: whoever has a scope for the type.</summary>
    public static FrozenSet<string> Definitions { get; } = FrozenSet.ToFrozenSet(
        [
            "ActivityDefinition", "CapabilityStatement", "ChargeItemDefinition", "CodeSystem", "CompartmentDefinition", "ConceptMap", "EventDefinition",
            "ExampleScenario", "GraphDefinition", "ImplementationGuide", "Library", "Measure", "MessageDefinition", "NamingSystem", "ObservationDefinition",
            "OperationDefinition", "PlanDefinition", "Questionnaire", "ResearchDefinition", "ResearchElementDefinition", "SearchParameter", "SpecimenDefinition",
            "StructureDefinition", "StructureMap", "TerminologyCapabilities", "TestScript", "ValueSet",
        ],
        StringComparer.Ordinal);

    /// <summary>Who and what care is given by and with: seen when something refers to it that is seen.</summary>
    public static FrozenSet<string> Directory { get; } = FrozenSet.ToFrozenSet(
        ["Device", "Endpoint", "HealthcareService", "Location", "Medication", "Organization", "OrganizationAffiliation", "Practitioner", "PractitionerRole", "Substance"],
        StringComparer.Ordinal);

    /// <summary>Of the directory what a site may add: never an Organization, whose id says who a site is, nor an Endpoint.</summary>
    public static FrozenSet<string> Addable { get; } = FrozenSet.ToFrozenSet(
        ["Device", "HealthcareService", "Location", "Medication", "Practitioner", "PractitionerRole", "Substance"], StringComparer.Ordinal);

    /// <summary>Those of a set that are of a type; all for any.</summary>
    public static FrozenSet<string> Of(this FrozenSet<string> all, string? type) =>
        type is null ? all : all.Contains(type) ? FrozenSet.ToFrozenSet([type], StringComparer.Ordinal) : FrozenSet<string>.Empty;
}
