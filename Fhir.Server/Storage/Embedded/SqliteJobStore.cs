using Fhir.Server.Outcomes;
using Microsoft.Data.Sqlite;

namespace Fhir.Server.Storage.Embedded;

/// <summary>Jobs in SQLite.</summary>
internal sealed class SqliteJobStore(SqliteDatabase database, SqliteWriter writer, TimeProvider clock) : IJobStore
{
    private const string Columns = "id, kind, asker, input, state, position, progress, result, failure_kind, failure";
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(30);

    public ValueTask<Outcome<Done>> AddAsync(NewJob job, int waitingLimit, CancellationToken cancellationToken) => writer.RunAsync<Done>(
        session =>
        {
            session.Execute("DELETE FROM job WHERE expires <= $0", session.Now);
            if (session.Number("SELECT COUNT(*) FROM job WHERE state IN ('Accepted', 'Running')") >= waitingLimit)
            {
                return new Problem(ProblemKind.TooMany, "Too much work waits already.", TryAgain);
            }
            session.Execute(
                "INSERT INTO job(id, kind, asker, input, state, created, updated) VALUES($0, $1, $2, $3, 'Accepted', $4, $4)",
                job.Id, job.Kind, job.Asker, job.Input, session.Now);
            return new Done();
        },
        cancellationToken);

    public ValueTask<StoredJob?> FindAsync(string id, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(session => session.First(
        $"SELECT {Columns} FROM job WHERE id = $0 AND (expires IS NULL OR expires > $1)", Read, id, Microseconds.Of(clock.GetUtcNow()))));

    public async ValueTask<StoredJob?> TakeAsync(CancellationToken cancellationToken)
    {
        const string Next = "FROM job WHERE state IN ('Accepted', 'Running') ORDER BY pk LIMIT 1";
        if (database.Read(session => session.Number("SELECT pk " + Next)) is null)
        {
            return null;
        }
        return Written(await writer.RunAsync<StoredJob?>(
            session =>
            {
                if (session.First($"SELECT {Columns} {Next}", Read) is not { } job)
                {
                    return (StoredJob?)null;
                }
                session.Execute("UPDATE job SET state = 'Running', updated = $1 WHERE id = $0", job.Job.Id, session.Now);
                return job with { State = JobState.Running };
            },
            cancellationToken));
    }

    public ValueTask<bool> SaveAsync(string id, string position, string progress, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE job SET position = $2, progress = $3, updated = $1 WHERE id = $0 AND state = 'Running'", id, cancellationToken, position, progress);

    public ValueTask<bool> CompleteAsync(string id, byte[] result, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE job SET state = 'Completed', result = $3, updated = $1, expires = $1 + $2 WHERE id = $0 AND state = 'Running'",
        id, cancellationToken, Kept, result);

    public ValueTask<bool> FailAsync(string id, Problem? failure, CancellationToken cancellationToken) => ChangeAsync(
        "UPDATE job SET state = 'Failed', failure_kind = $3, failure = $4, updated = $1, expires = $1 + $2 WHERE id = $0 AND state = 'Running'",
        id, cancellationToken, Kept, failure?.Kind.ToString(), failure?.Text);

    public ValueTask<Outcome<bool>> CancelAsync(string id, CancellationToken cancellationToken) => RunAsync(
        "UPDATE job SET state = 'Cancelled', result = NULL, updated = $1, expires = $1 + $2 WHERE id = $0 AND state <> 'Cancelled'",
        id, cancellationToken, Kept);

    private static long Kept => (long)IJobStore.KeptFor.TotalMicroseconds;

    private async ValueTask<bool> ChangeAsync(string sql, string id, CancellationToken cancellationToken, params object?[] values) =>
        Written(await RunAsync(sql, id, cancellationToken, values));

    private ValueTask<Outcome<bool>> RunAsync(string sql, string id, CancellationToken cancellationToken, params object?[] values) =>
        writer.RunAsync<bool>(session => session.Execute(sql, [id, session.Now, .. values]) > 0, cancellationToken);

    private static T Written<T>(Outcome<T> outcome) =>
        outcome.IsSuccess ? outcome.Value : throw new IOException("A job could not be written: " + outcome.Problem!.Text);

    private static StoredJob Read(SqliteDataReader row) => new(
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3)), Enum.Parse<JobState>(row.GetString(4)), row.TextOrNull(5), row.GetString(6),
        row.IsDBNull(7) ? null : row.Bytes(7), row.TextOrNull(8) is { } kind ? new Problem(Enum.Parse<ProblemKind>(kind), row.GetString(9)) : null);
}
