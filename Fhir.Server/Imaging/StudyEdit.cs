using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Hl7.Fhir.Model;

namespace Fhir.Server.Imaging;

/// <summary>
/// Updates of an ImagingStudy that has instances: its DICOM-born elements are the server's own, its human ones may be changed. A body
/// whose server-owned elements are those of the version it was read at has its human part applied; any other is refused.
/// </summary>
internal static class StudyEdit
{
    private static readonly (string Name, Func<ImagingStudy, IEnumerable<Base?>> Of)[] ServerOwned =
    [
        ("identifier", study => study.Identifier.Where(StudyDerivation.IsDerived)),
        ("basedOn", study => study.BasedOn.Where(StudyDerivation.IsDerived)),
        ("status", study => [study.StatusElement]),
        ("modality", study => study.Modality),
        ("subject", study => [study.Subject]),
        ("started", study => [study.StartedElement]),
        ("endpoint", study => study.Endpoint),
        ("numberOfSeries", study => [study.NumberOfSeriesElement]),
        ("numberOfInstances", study => [study.NumberOfInstancesElement]),
        ("description", study => [study.DescriptionElement]),
        ("series", study => study.Series),
    ];

    /// <summary>
    /// The resource to write: the current server-owned elements with the human ones of the body. <c>Unprocessable</c> when the body
    /// changes what is the server's, naming the element; <c>PreconditionFailed</c> when If-Match does not hold.
    /// </summary>
    public static async ValueTask<Outcome<ImagingStudy>> MergeAsync(
        GuardedRecord guard, StoredResource current, ImagingStudy body, IfMatch? ifMatch, CancellationToken cancellationToken)
    {
        if (ifMatch is { Any: false } && !ifMatch.Versions.Contains(current.Version))
        {
            return Problem.PreconditionFailed("The resource is not at the version the request names.");
        }
        var readAt = current;
        if (ifMatch is null or { Any: true } && long.TryParse(body.Meta?.VersionId, out var version) && version != current.Version
            && (await guard.ReadVersionAsync(current.Key, version, cancellationToken)).TryGet(out var older, out _))
        {
            readAt = older;
        }
        var basis = FhirJson.ReadOwn<ImagingStudy>(readAt.Json);
        foreach (var (name, of) in ServerOwned)
        {
            if (!Same(of(basis), of(body)))
            {
                return Problem.Unprocessable(
                    $"ImagingStudy.{name} comes from the study's instances and cannot be changed here.", $"ImagingStudy.{name}");
            }
        }
        if (!StudyDerivation.IsLinked(basis.Referrer) && !StudyDerivation.IsLinked(body.Referrer) && !Same([basis.Referrer], [body.Referrer]))
        {
            return Problem.Unprocessable(
                "ImagingStudy.referrer is the name the instances say; it may be linked to somebody, not written anew.", "ImagingStudy.referrer");
        }
        var now = FhirJson.ReadOwn<ImagingStudy>(current.Json);
        body.Identifier = [.. now.Identifier.Where(StudyDerivation.IsDerived), .. body.Identifier.Where(one => !StudyDerivation.IsDerived(one))];
        body.BasedOn = [.. now.BasedOn.Where(StudyDerivation.IsDerived), .. body.BasedOn.Where(one => !StudyDerivation.IsDerived(one))];
        (body.Status, body.Modality, body.Subject, body.StartedElement) = (now.Status, now.Modality, now.Subject, now.StartedElement);
        (body.Endpoint, body.NumberOfSeries, body.NumberOfInstances) = (now.Endpoint, now.NumberOfSeries, now.NumberOfInstances);
        (body.DescriptionElement, body.Series) = (now.DescriptionElement, now.Series);
        return body;
    }

    private static bool Same(IEnumerable<Base?> left, IEnumerable<Base?> right)
    {
        var (one, other) = (left.OfType<Base>().ToList(), right.OfType<Base>().ToList());
        return one.Count == other.Count && one.Zip(other).All(pair => pair.First.IsExactly(pair.Second));
    }
}
