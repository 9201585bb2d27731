using Fhir.Server.Outcomes;

namespace Fhir.Server.Storage.Embedded;

/// <summary>
/// Makes everything derived anew: metadata of instances from their blobs, counts and attributes of series and studies from instance
/// rows, index rows from resources, Endpoints and ImagingStudies by the projection. Bytes and versions are never touched; a derived
/// resource that says the same gets no new version.
/// </summary>
internal sealed class StoreRebuild(SqliteDatabase database, SqliteWriter writer, IProjection projection, IBlobStore blobs) : IIndexRebuild
{
    private const int Batch = 200;
    private const string ProjectionKey = "projection";

    private int unreadable;

    /// <summary>True when what is stored was derived by another version of the projection, or for another public address.</summary>
    public bool IsDue() =>
        database.Read(session => session.Text("SELECT value FROM meta WHERE key = $0", ProjectionKey)) != projection.Version;

    /// <summary>Whether there is anything that could have been derived.</summary>
    public bool IsEmpty() => database.Read(session => session.Number("SELECT 1 FROM record WHERE state = 1 LIMIT 1")) is null;

    /// <summary>Notes that everything is derived by the present projection.</summary>
    public ValueTask<Outcome<Done>> MarkDoneAsync(CancellationToken cancellationToken) => writer.RunAsync<Done>(
        session =>
        {
            session.Execute("INSERT OR REPLACE INTO meta VALUES($0, $1)", ProjectionKey, projection.Version);
            return new Done();
        },
        cancellationToken);

    /// <summary>
    /// Deletes what is derived, in one commit: for tests, and before a rebuild that must not leave strays. From then on a rebuild is
    /// due, also for a process that starts after this one was killed.
    /// </summary>
    public ValueTask<Outcome<Done>> DeleteDerivedAsync(CancellationToken cancellationToken) => writer.RunAsync<Done>(
        session =>
        {
            foreach (var statement in Schema.DeleteDerived.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                session.Execute(statement);
            }
            session.Execute("DELETE FROM meta WHERE key = $0", ProjectionKey);
            return new Done();
        },
        cancellationToken);

    /// <summary>Rebuilds all, in batches between which others read and write.</summary>
    /// <returns>How many instances could not be read again; they keep what was derived of them before.</returns>
    public async ValueTask<int> RunAsync(CancellationToken cancellationToken)
    {
        unreadable = 0;
        await DescribeInstancesAsync(cancellationToken);
        await writer.RunAsync<Done>(
            session =>
            {
                ReportWriter.Forget(session);
                return new Done();
            },
            cancellationToken);
        await EachAsync("SELECT pk FROM study WHERE pk > $0 ORDER BY pk LIMIT 200", RecountStudy, cancellationToken);
        await EachAsync("SELECT pk FROM resource WHERE pk > $0 ORDER BY pk LIMIT 200", IndexResource, cancellationToken);
        await EachAsync("SELECT pk FROM record WHERE pk > $0 ORDER BY pk LIMIT 200", DeriveEndpoints, cancellationToken);
        await MarkDoneAsync(cancellationToken);
        return unreadable;
    }

    public ValueTask<IndexExtent> MeasureAsync(string? type, CancellationToken cancellationToken) => ValueTask.FromResult(database.Read(session => session.First(
        "SELECT COUNT(*), COALESCE(MAX(pk), 0) FROM resource WHERE method <> 'DELETE'" + (type is null ? "" : " AND type = $0"),
        row => new IndexExtent(row.GetInt64(0), row.GetInt64(1)), type)));

    public async ValueTask<IndexBatch?> IndexNextAsync(string? type, long after, long upTo, CancellationToken cancellationToken)
    {
        var next = "SELECT pk FROM resource WHERE pk > $1 AND pk <= $2 AND method <> 'DELETE'" + (type is null ? "" : " AND type = $0") + " ORDER BY pk LIMIT $3";
        var batch = database.Read(session => session.All(next, row => row.GetInt64(0), type, after, upTo, Batch));
        if (batch.Count == 0)
        {
            return null;
        }
        await IndexAsync(batch, cancellationToken);
        return new IndexBatch(batch[^1], batch.Count);
    }

    public async ValueTask<bool> IndexAsync(ResourceKey key, CancellationToken cancellationToken)
    {
        var found = database.Read(session => session.Number(
            "SELECT pk FROM resource WHERE type = $0 AND id = $1 AND method <> 'DELETE'", key.Type, key.Id));
        if (found is { } pk)
        {
            await IndexAsync([pk], cancellationToken);
        }
        return found is not null;
    }

    /// <summary>In one commit: whoever searches sees the rows of before or of after. The content is read inside it, so that none older is indexed.</summary>
    private async ValueTask IndexAsync(List<long> batch, CancellationToken cancellationToken)
    {
        var outcome = await writer.RunAsync<Done>(
            session =>
            {
                batch.ForEach(pk => IndexResource(session, pk));
                return new Done();
            },
            cancellationToken);
        if (!outcome.IsSuccess)
        {
            throw new IOException("Index rows could not be rebuilt: " + outcome.Problem!.Text);
        }
    }

    private async ValueTask EachAsync(string next, Action<WriteSession, long> work, CancellationToken cancellationToken)
    {
        var last = 0L;
        while (true)
        {
            var batch = database.Read(session => session.All(next, row => row.GetInt64(0), last));
            if (batch.Count == 0)
            {
                return;
            }
            var outcome = await writer.RunAsync<Done>(
                session =>
                {
                    batch.ForEach(pk => work(session, pk));
                    return new Done();
                },
                cancellationToken);
            if (!outcome.IsSuccess)
            {
                throw new IOException("Derived data could not be rebuilt: " + outcome.Problem!.Text);
            }
            last = batch[^1];
        }
    }

    /// <summary>Files are read outside the writer, which only takes the results.</summary>
    private async ValueTask DescribeInstancesAsync(CancellationToken cancellationToken)
    {
        const int AtOnce = 50;
        var last = 0L;
        while (true)
        {
            var batch = database.Read(session => session.All(
                "SELECT pk, blob FROM instance WHERE pk > $0 ORDER BY pk LIMIT $1", row => (Pk: row.GetInt64(0), Blob: row.GetString(1)), last, AtOnce));
            if (batch.Count == 0)
            {
                return;
            }
            var described = new List<(long Pk, string Blob, InstanceDescription Description)>();
            foreach (var (pk, blob) in batch)
            {
                if (await DescribeAsync(new(blob), cancellationToken) is { } description)
                {
                    described.Add((pk, blob, description));
                }
                else
                {
                    unreadable++;
                }
            }
            await writer.RunAsync<Done>(
                session =>
                {
                    foreach (var (pk, blob, description) in described)
                    {
                        if (session.Number("SELECT 1 FROM instance WHERE pk = $0 AND blob = $1", pk, blob) is not null)
                        {
                            InstanceWriter.WriteMetadata(session, pk, description);
                        }
                    }
                    return new Done();
                },
                cancellationToken);
            last = batch[^1].Pk;
        }
    }

    /// <summary>
    /// What a stored file says of itself; null when its bytes are missing or damaged. One such file must not keep the whole store from
    /// opening: the count is told, and a restored file heals at the next rebuild.
    /// </summary>
    private async ValueTask<InstanceDescription?> DescribeAsync(BlobName blob, CancellationToken cancellationToken)
    {
        try
        {
            using var content = await blobs.OpenAsync(blob, cancellationToken);
            using var stream = content?.OpenStream();
            return stream is not null && projection.Describe(stream).TryGet(out var description, out _) ? description : null;
        }
        catch (Exception damaged) when (damaged is IOException or InvalidDataException)
        {
            return null;
        }
    }

    private static void RecountStudy(WriteSession session, long pk)
    {
        InstanceWriter.Recount(session, pk);
        InstanceWriter.MarkDirty(session, pk, session.Now);
    }

    private void IndexResource(WriteSession session, long pk)
    {
        var (type, method, json) = session.First(
            "SELECT type, method, json FROM resource WHERE pk = $0", row => (row.GetString(0), row.GetString(1), row.Bytes(2)), pk);
        if (type is not null && method != "DELETE")
        {
            IndexWriter.Replace(session, pk, type, projection.Describe(json), isNew: false);
        }
    }

    private void DeriveEndpoints(WriteSession session, long pk)
    {
        var name = session.Text("SELECT name FROM record WHERE pk = $0 AND state = 1", pk);
        if (name is null || name == RecordId.Shared.Value)
        {
            return;
        }
        var record = session.FindRecord(new(name))!;
        session.Tick(record);
        var things = new List<ChangedThing>();
        new CommitWriter(projection, blobs).PutEndpoints(session, record, things);
        CommitWriter.Finish(session, record, things);
    }
}
