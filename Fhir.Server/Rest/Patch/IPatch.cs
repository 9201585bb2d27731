using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Rest.Patch;

/// <summary>Changes to a resource, in one of the two languages FHIR knows for them.</summary>
internal interface IPatch
{
    /// <summary>
    /// The resource as it would be, read strictly again. <c>Unprocessable</c> when an operation cannot be done, a test fails, the result
    /// is no correct resource, or what is the server's own was changed. May be asked again of another version.
    /// </summary>
    Outcome<Resource> Apply(StoredResource current);
}
