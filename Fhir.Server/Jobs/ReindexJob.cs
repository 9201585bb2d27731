using System.Globalization;
using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Jobs;

/// <summary>Makes the index rows of all resources, or of those of a type, anew, batch by batch; saves after each.</summary>
internal sealed class ReindexJob(IIndexRebuild index) : IJobHandler
{
    public const string KindName = "reindex";

    public string Kind => KindName;

    /// <summary>The input of a job for a type; null = all.</summary>
    public static string InputOf(string? type) => JsonSerializer.Serialize(new Wish(type));

    public async ValueTask<Outcome<byte[]?>> RunAsync(JobRun run, CancellationToken cancellationToken)
    {
        var type = JsonSerializer.Deserialize<Wish>(run.Input)!.Type;
        var place = run.Position is { } saved ? JsonSerializer.Deserialize<Place>(saved)! : await BeginAsync(type, cancellationToken);
        while (await index.IndexNextAsync(type, place.Last, place.UpTo, cancellationToken) is { } batch)
        {
            place = place with { Last = batch.Last, Done = place.Done + batch.Count };
            if (!await run.SaveAsync(JsonSerializer.Serialize(place), Describe(place), cancellationToken))
            {
                return (byte[]?)null;
            }
        }
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            resourceType = "Parameters",
            parameter = new[] { new { name = "resources", valueDecimal = place.Done } },
        });
    }

    private async ValueTask<Place> BeginAsync(string? type, CancellationToken cancellationToken)
    {
        var extent = await index.MeasureAsync(type, cancellationToken);
        return new Place(0, 0, extent.Last, extent.Count);
    }

    private static string Describe(Place place) => string.Create(CultureInfo.InvariantCulture, $"{place.Done} of {place.Count} resources");

    private sealed record Wish(string? Type);

    /// <param name="Last">The place of the last one done.</param>
    /// <param name="Done">How many are done.</param>
    /// <param name="UpTo">The place of the newest when the job began.</param>
    /// <param name="Count">How many there were then.</param>
    private sealed record Place(long Last, long Done, long UpTo, long Count);
}
