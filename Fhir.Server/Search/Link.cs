using System.Text;

namespace Fhir.Server.Search;

/// <summary>
/// A condition that leads over a reference to other resources: a chain, <c>patient.name=x</c>, or a reverse one,
/// <c>_has:Observation:patient:code=x</c>. See https://hl7.org/fhir/R4/search.html#chaining and https://hl7.org/fhir/R4/search.html#has
/// </summary>
/// <param name="Parameter">The reference that is followed; of the resource it is asked of, or, reversed, of the one that points to it.</param>
/// <param name="IsReverse">Whether it is followed from its target to what points there.</param>
/// <param name="Ends">What must hold of a resource at the other end: one of these, of its type.</param>
public sealed record Link(SearchParameterInfo Parameter, bool IsReverse, IReadOnlyList<LinkEnd> Ends)
{
    /// <summary>All types the link leads to, near and far.</summary>
    public IEnumerable<string> Types => Ends.SelectMany(end => (end.Link?.Types ?? []).Prepend(end.ResourceType));

    /// <summary>All that tells this condition from others.</summary>
    internal void Describe(StringBuilder text)
    {
        text.Append(IsReverse ? "\n<" : "\n>").Append(Parameter.ResourceType).Append('.').Append(Parameter.Code);
        foreach (var end in Ends)
        {
            text.Append("\n(").Append(end.ResourceType);
            end.Criterion?.Describe(text);
            end.Link?.Describe(text);
            text.Append(')');
        }
    }
}

/// <summary>What is asked at the end of a <see cref="Search.Link"/>: a criterion or a further link.</summary>
/// <param name="ResourceType">The type of the resource at that end.</param>
/// <param name="Criterion">What must hold of it; null when a link leads on.</param>
/// <param name="Link">Where it leads on; null when a criterion is asked.</param>
public sealed record LinkEnd(string ResourceType, Criterion? Criterion, Link? Link);

/// <summary>A search within a compartment. See https://hl7.org/fhir/R4/search.html#searchcontexts</summary>
/// <param name="Type">The compartment: Patient, Encounter, Practitioner, Device or RelatedPerson.</param>
/// <param name="Id">Whose.</param>
public sealed record CompartmentScope(string Type, string Id);
