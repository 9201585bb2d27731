using System.Data.Common;
using System.Globalization;
using System.Threading.Channels;
using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Consents;

/// <summary>
/// Remembers who looked at what. A refusal is durable before it is answered. Reads, and whatever was not found, are gathered for up to
/// a second, equal ones into one row with a count, and never waited for; a clean stop writes what is gathered.
/// </summary>
internal sealed partial class AccessLog(IResourceStore store, TimeProvider clock, ILogger<AccessLog> logger) : BackgroundService
{
    private const int Gathered = 65_536;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(800);

    private readonly Channel<AuditEntry> entries = Channel.CreateBounded<AuditEntry>(
        new BoundedChannelOptions(Gathered) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    /// <summary>The entry of something a caller did.</summary>
    public AuditEntry Entry(Caller caller, RecordId record, string action, string what, int outcome = 0, string detail = "") => new(
        record, clock.GetUtcNow(), caller.User ?? caller.Client, caller.Client, action, what, outcome,
        caller.Kind switch
        {
            CallerKind.Open => "open-mode",
            CallerKind.Operator => "operator",
            CallerKind.Token => caller.Capability is null ? "token" : "capability",
            _ => "reach",
        },
        caller.Capability is null ? detail : $"{detail}{(detail.Length > 0 ? ";" : "")}capability={caller.Capability};authorisation={caller.Authorisation?.Id}");

    /// <summary>Notes a read, or an answer of "not found". Waits only when more is gathered than memory should hold.</summary>
    public ValueTask NoteAsync(AuditEntry entry, CancellationToken cancellationToken) =>
        entries.Writer.TryWrite(entry) ? ValueTask.CompletedTask : entries.Writer.WriteAsync(entry, cancellationToken);

    /// <summary>Makes a refusal durable, then hands it on as the answer.</summary>
    public async ValueTask<Problem> RefusedAsync(AuditEntry entry, Problem problem, CancellationToken cancellationToken)
    {
        await store.AppendAuditAsync([entry with { Outcome = 4, Detail = problem.Kind.ToString() }], cancellationToken);
        return problem;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        entries.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        await (ExecuteTask ?? Task.CompletedTask).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await FlushAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await entries.Reader.WaitToReadAsync(stoppingToken))
            {
                await Task.Delay(Window, stoppingToken);
                await FlushAsync();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The rest is written by StopAsync.
        }
    }

    private async Task FlushAsync()
    {
        var groups = new Dictionary<AuditEntry, (AuditEntry First, int Count)>();
        while (entries.Reader.TryRead(out var entry))
        {
            var key = entry with { Time = default };
            groups[key] = groups.TryGetValue(key, out var group) ? (group.First, group.Count + 1) : (entry, 1);
        }
        if (groups.Count == 0)
        {
            return;
        }
        try
        {
            foreach (var chunk in groups.Values.Chunk(500))
            {
                await store.AppendAuditAsync([.. chunk.Select(group => Counted(group.First, group.Count))], CancellationToken.None);
            }
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or DbException)
        {
            CouldNotWrite(logger, groups.Count, failure);
        }
    }

    private static AuditEntry Counted(AuditEntry entry, int count) => count == 1
        ? entry
        : entry with { Detail = $"{entry.Detail}{(entry.Detail.Length > 0 ? ";" : "")}times={count.ToString(CultureInfo.InvariantCulture)}" };

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Count} audit rows of reads could not be written")]
    private static partial void CouldNotWrite(ILogger logger, int count, Exception failure);
}
