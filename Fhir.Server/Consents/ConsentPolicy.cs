using Fhir.Server.Access;
using Fhir.Server.Storage;

namespace Fhir.Server.Consents;

/// <summary>
/// Turns a caller into what it may see. Today a caller's reach is all that bounds it; recorded consents will only take away from here,
/// and act at the next request, since nothing of this is kept between requests.
/// </summary>
internal static class ConsentPolicy
{
    public static Visibility VisibilityOf(Caller caller)
    {
        if (caller.Reach.IsEverything)
        {
            // Open mode, and commands with the operator key.
            return Visibility.Everything;
        }
        return Visibility.Of(caller.Reach.Records.SelectMany(ViewsOf));
    }

    private static IEnumerable<RecordView> ViewsOf(ReachedRecord reached)
    {
        var record = new RecordId(reached.Record);
        return reached.Studies is null
            ? [RecordView.Whole(record)]
            : reached.Studies.Select(study => study.Series is null
                ? RecordView.Study(record, study.StudyInstanceUid)
                : RecordView.Series(record, study.StudyInstanceUid, study.Series));
    }
}
