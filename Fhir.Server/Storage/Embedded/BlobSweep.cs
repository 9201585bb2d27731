using Fhir.Server.Outcomes;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Removes what nothing mentions: rows of deleted generations, blobs of erased records, and blobs a day old that no instance mentions
/// and no upload holds. A blob is doomed through the writer first, so that no commit can begin to mention it while it goes.
/// </summary>
internal sealed class BlobSweep(SqliteDatabase database, SqliteWriter writer, IBlobStore blobs, TimeProvider clock)
{
    private const int Batch = 500;

    /// <summary>How long a blob may stay without being mentioned.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>One sweep; says how many blobs it removed.</summary>
    public async ValueTask<int> RunAsync(CancellationToken cancellationToken)
    {
        await RemoveClosedGenerationsAsync(cancellationToken);
        await DoomUnmentionedAsync(cancellationToken);
        return await RemoveDoomedAsync(cancellationToken);
    }

    private async ValueTask RemoveClosedGenerationsAsync(CancellationToken cancellationToken)
    {
        const string Closed = "SELECT i.pk FROM instance i JOIN closed_generation c ON c.study = i.study AND c.generation = i.generation LIMIT 500";
        var removed = Batch;
        while (removed == Batch)
        {
            var outcome = await writer.RunAsync<int>(
                session =>
                {
                    var rows = session.All(Closed, row => row.GetInt64(0));
                    foreach (var row in rows)
                    {
                        session.Execute("INSERT OR IGNORE INTO doomed_blob SELECT blob FROM instance WHERE pk = $0", row);
                        session.Execute("DELETE FROM instance_metadata WHERE instance = $0", row);
                        session.Execute("DELETE FROM instance WHERE pk = $0", row);
                    }
                    if (rows.Count < Batch)
                    {
                        session.Execute(
                            "DELETE FROM series WHERE pk IN (SELECT e.pk FROM series e JOIN closed_generation c ON c.study = e.study AND c.generation = e.generation)");
                        session.Execute("DELETE FROM closed_generation");
                    }
                    return rows.Count;
                },
                cancellationToken);
            removed = outcome.IsSuccess ? outcome.Value : throw new IOException("Deleted studies could not be removed: " + outcome.Problem!.Text);
        }
    }

    private async ValueTask DoomUnmentionedAsync(CancellationToken cancellationToken)
    {
        var old = blobs.MadeBefore(clock.GetUtcNow() - Grace).Where(name => !blobs.IsLeased(name));
        foreach (var names in old.Chunk(Batch))
        {
            var unmentioned = database.Read(session => names.Where(name =>
                session.Number("SELECT 1 FROM instance WHERE blob = $0", name.Value) is null).ToList());
            if (unmentioned.Count == 0)
            {
                continue;
            }
            await writer.RunAsync<Done>(
                session =>
                {
                    foreach (var name in unmentioned.Where(name => !blobs.IsLeased(name)))
                    {
                        session.Execute(
                            "INSERT OR IGNORE INTO doomed_blob SELECT $0 WHERE NOT EXISTS(SELECT 1 FROM instance WHERE blob = $0)", name.Value);
                    }
                    return new Done();
                },
                cancellationToken);
        }
    }

    private async ValueTask<int> RemoveDoomedAsync(CancellationToken cancellationToken)
    {
        var doomed = database.Read(session => session.All(
            "SELECT name FROM doomed_blob WHERE NOT EXISTS(SELECT 1 FROM instance WHERE blob = name)", row => new BlobName(row.GetString(0))));
        foreach (var names in doomed.Chunk(Batch))
        {
            foreach (var name in names)
            {
                blobs.Delete(name);
            }
            // A name is random and never used again, so forgetting that it was doomed opens nothing: the file is gone.
            await writer.RunAsync<Done>(
                session =>
                {
                    foreach (var name in names)
                    {
                        session.Execute("DELETE FROM doomed_blob WHERE name = $0", name.Value);
                    }
                    return new Done();
                },
                cancellationToken);
        }
        return doomed.Count;
    }
}
