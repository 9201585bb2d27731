namespace Fhir.Server.Storage.Embedded;

/// <summary>How much room a record has left within one commit. What it holds is kept count of by the database (see <see cref="Schema"/>).</summary>
internal sealed class QuotaWatch
{
    private long bytes = long.MaxValue;
    private long instances = long.MaxValue;

    public QuotaWatch(WriteSession session, RecordState record, RecordQuota? quota)
    {
        if (quota is not null)
        {
            var used = session.First(
                "SELECT bytes, instances FROM record_use WHERE record = $0", row => (Bytes: row.GetInt64(0), Instances: row.GetInt64(1)), record.Pk);
            (bytes, instances) = (quota.Bytes - used.Bytes, quota.Instances - used.Instances);
        }
    }

    /// <summary>Takes the room for one more instance, if there is so much.</summary>
    public bool Takes(long length)
    {
        if (instances < 1 || bytes < length)
        {
            return false;
        }
        (bytes, instances) = (bytes - length, instances - 1);
        return true;
    }
}
