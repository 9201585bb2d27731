using Fhir.Server.Search;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>
/// What the criteria of a conditional interaction find, as far as the caller may see. What is decided by it holds only while it stays so:
/// it is judged again inside the commit. See https://hl7.org/fhir/R4/http.html#cond-update
/// </summary>
/// <param name="Criteria">What was searched.</param>
/// <param name="Only">The one resource that matches; null when none does, or more than one.</param>
/// <param name="IsMany">True when more than one matches.</param>
public sealed record ConditionalMatch(SearchQuery Criteria, ResourceKey? Only, bool IsMany)
{
    internal Precondition ToPrecondition(Visibility visibility) => new Precondition.SearchFinds(Criteria, visibility, Only);
}
