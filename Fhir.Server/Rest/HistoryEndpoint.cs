using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>
/// FHIR history of one resource, of a type and of all there is. See https://hl7.org/fhir/R4/http.html#history
/// </summary>
internal static class HistoryEndpoint
{
    public static void MapHistory(this IEndpointRouteBuilder fhir)
    {
        fhir.MapLook("/{type}/{id}/_history", ReadAsync).WithName("history");
        fhir.MapLook("/{type}/_history", ReadTypeAsync).WithName("history-type");
        fhir.MapLook("/_history", ReadAllAsync).WithName("history-system");
    }

    private static Task<IResult> ReadTypeAsync(
        string type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        ReadManyAsync(type, request, record, address, cancellationToken);

    private static Task<IResult> ReadAllAsync(
        HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken) =>
        ReadManyAsync(null, request, record, address, cancellationToken);

    private static async Task<IResult> ReadManyAsync(
        string? type, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!HistoryParameters.Read(request).TryGet(out var asked, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var outcome = await record.HistoryAsync(new PastQuery(type, asked.Count, asked.Since, asked.At, asked.Cursor), cancellationToken);
        return outcome.Match(
            page => FhirResults.Document(writer => FhirBundles.WriteHistory(
                writer, new HistorySlice(type is null ? "_history" : $"{type}/_history", asked, page.Versions, page.Next), address.Fhir)),
            FhirResults.Problem);
    }

    private static async Task<IResult> ReadAsync(
        string type, string id, HttpRequest request, GuardedRecord record, PublicAddress address, CancellationToken cancellationToken)
    {
        if (!HistoryParameters.Read(request).TryGet(out var asked, out var problem))
        {
            return FhirResults.Problem(problem);
        }
        var before = asked.Cursor is null ? null : FhirNegotiation.ReadVersion(asked.Cursor);
        if (asked.Cursor is not null && before is null)
        {
            return FhirResults.Problem(Problem.Invalid("The page link is not one of this history's; begin at the first page again."));
        }
        var outcome = await new ResourceHistory(record, new(type, id), asked).ReadAsync(before, cancellationToken);
        return outcome.Match(
            page => FhirResults.Document(writer => FhirBundles.WriteHistory(writer, page, address.Fhir)), FhirResults.Problem);
    }

    /// <summary>The history of one resource, whose pages go on by version numbers.</summary>
    private sealed class ResourceHistory(GuardedRecord record, ResourceKey key, HistoryParameters asked)
    {
        private const int AtOnce = 100;

        public async ValueTask<Outcome<HistorySlice>> ReadAsync(long? before, CancellationToken cancellationToken)
        {
            var shown = new List<PastVersion>();
            // With _at, the version the page before ended with tells until when the next one was current.
            var from = asked.At is null || before is null ? before : before + 1;
            StoredResource? newer = null;
            while (true)
            {
                // One more than is looked at: it tells whether the last one was made or changed.
                var atOnce = asked.At is null ? asked.Count + 1 : AtOnce;
                if (!(await record.HistoryAsync(key, from, atOnce + 1, cancellationToken)).TryGet(out var page, out var problem))
                {
                    return problem;
                }
                for (var i = 0; i < Math.Min(page.Versions.Count, atOnce); i++)
                {
                    var version = page.Versions[i];
                    if ((before is null || version.Version < before) && IsWanted(version, newer))
                    {
                        shown.Add(new(version, !version.IsDeleted && (version.Version == 1 || page.Versions.ElementAtOrDefault(i + 1)?.IsDeleted == true)));
                    }
                    if (shown.Count > asked.Count)
                    {
                        var next = shown[asked.Count - 1].Version.Version.ToString(CultureInfo.InvariantCulture);
                        return new HistorySlice($"{key}/_history", asked, shown[..asked.Count], next);
                    }
                    newer = version;
                    if (IsTooOld(version))
                    {
                        return new HistorySlice($"{key}/_history", asked, shown, null);
                    }
                }
                if (page.Versions.Count <= atOnce)
                {
                    return new HistorySlice($"{key}/_history", asked, shown, null);
                }
                from = page.Versions[atOnce - 1].Version;
            }
        }

        /// <summary>Whether a version is of the time asked about: made in it, or current when it began.</summary>
        private bool IsWanted(StoredResource version, StoredResource? newer)
        {
            var made = Microseconds.Of(version.LastUpdated);
            if (made < asked.Since || asked.At is not { } at)
            {
                return !(made < asked.Since);
            }
            return made < at.Until && (made >= at.From || (!version.IsDeleted && (newer is null || Microseconds.Of(newer.LastUpdated) > at.From)));
        }

        private bool IsTooOld(StoredResource version)
        {
            var made = Microseconds.Of(version.LastUpdated);
            return made < asked.Since || made < asked.At?.From;
        }
    }
}
