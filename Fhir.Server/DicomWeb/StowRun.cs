using System.Globalization;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.Extensions.Options;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// One store request under way: while the next part is being copied, those before it are read and made durable, and committed in
/// groups, so that neither memory nor waiting grows with their number.
/// </summary>
internal sealed class StowRun(
    Intake intake, InstanceComposer composer, GuardedRecord guard, IOptions<DicomWebOptions> web, IOptions<StowOptions> stow)
{
    private const int UnderWay = 8;
    private const int CommitEach = 100;

    private readonly List<Task<ReceivedInstance>> pending = [];
    private readonly InstanceSource source = guard.Caller.Kind == CallerKind.Operator ? InstanceSource.Import : InstanceSource.Stow;
    private RecordId? record;
    private string? study;

    public List<StoredInstance> Results { get; } = [];

    private long InstanceLimit => web.Value.InstanceLimit;

    /// <summary>Stores all; a problem when the request as a whole is at fault. What was committed before stays.</summary>
    /// <param name="body">The request.</param>
    /// <param name="into">The record; null to route by PatientID.</param>
    /// <param name="onlyStudy">The study everything must belong to; null for any.</param>
    /// <param name="cancellationToken">The sender has gone.</param>
    public async ValueTask<Problem?> ReceiveAsync(StowBody body, RecordId? into, string? onlyStudy, CancellationToken cancellationToken)
    {
        (record, study) = (into, onlyStudy);
        try
        {
            await using var parts = body.PartsAsync(stow.Value, cancellationToken).GetAsyncEnumerator(cancellationToken);
            var problem = await ReceiveAsync(body.Root, parts, cancellationToken);
            await CommitAsync(cancellationToken);
            return problem is null ? Busy() : Told(problem);
        }
        finally
        {
            await LetGoAsync();
        }
    }

    private async ValueTask<Problem?> ReceiveAsync(string? root, IAsyncEnumerator<Outcome<StowPart>> parts, CancellationToken cancellationToken)
    {
        StowMetadata? metadata = null;
        try
        {
            while (await parts.MoveNextAsync())
            {
                if (!parts.Current.TryGet(out var part, out var problem))
                {
                    return problem;
                }
                root ??= part.Type?.Type is StowBody.Json or StowBody.Xml ? part.Type.Type : StowBody.Dicom;
                problem = root == StowBody.Dicom
                    ? await FileAsync(part, cancellationToken)
                    : await (metadata ??= new StowMetadata(composer, stow.Value, InstanceLimit)).TakeAsync(root, part, cancellationToken);
                if (problem is not null)
                {
                    return problem;
                }
            }
            return metadata is null ? null : await ComposeAsync(metadata, cancellationToken);
        }
        finally
        {
            if (metadata is not null)
            {
                await metadata.DisposeAsync();
            }
        }
    }

    private async ValueTask<Problem?> FileAsync(StowPart part, CancellationToken cancellationToken)
    {
        if (part.Type is { } type && type.Type != StowBody.Dicom)
        {
            return Problem.Unsupported("A part of the request is not application/dicom.");
        }
        if (!(await intake.CopyAsync(part.Body, InstanceLimit, cancellationToken)).TryGet(out var file, out var problem))
        {
            return problem;
        }
        await QueueAsync(file, cancellationToken);
        return null;
    }

    private async ValueTask<Problem?> ComposeAsync(StowMetadata metadata, CancellationToken cancellationToken)
    {
        await foreach (var one in metadata.ComposeAsync(cancellationToken))
        {
            if (!one.TryGet(out var composed, out var problem))
            {
                return problem;
            }
            if (composed.File is { } file)
            {
                await QueueAsync(file, cancellationToken);
            }
            else
            {
                await AddAsync(Task.FromResult(new ReceivedInstance(null, null, composed.Refusal)), cancellationToken);
            }
        }
        return null;
    }

    private async ValueTask QueueAsync(CopiedFile file, CancellationToken cancellationToken)
    {
        await RoomAsync(pending, UnderWay);
        await AddAsync(Task.Run(() => intake.FinishAsync(file, study, source, cancellationToken), CancellationToken.None), cancellationToken);
    }

    /// <summary>Waits until fewer than so many are under way. They may all end while they are looked at.</summary>
    internal static async ValueTask RoomAsync(IEnumerable<Task> tasks, int most)
    {
        while (tasks.Where(task => !task.IsCompleted).ToList() is { } busy && busy.Count >= most)
        {
            await Task.WhenAny(busy);
        }
    }

    private async ValueTask AddAsync(Task<ReceivedInstance> one, CancellationToken cancellationToken)
    {
        pending.Add(one);
        if (pending.Count >= CommitEach)
        {
            await CommitAsync(cancellationToken);
        }
    }

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        var received = await Task.WhenAll(pending);
        pending.Clear();
        Results.AddRange(await intake.StoreAsync(received, record, cancellationToken));
    }

    /// <summary>Lets go of what was received and will not be stored any more, since the sender has gone or something failed.</summary>
    private async ValueTask LetGoAsync()
    {
        foreach (var task in pending)
        {
            await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (task.IsCompletedSuccessfully && (await task).Upload is { } upload)
            {
                await upload.DisposeAsync();
            }
        }
    }

    /// <summary>When nothing was stored because there was no room to look at it, all can be sent again.</summary>
    private Problem? Busy() => Results.Exists(result => result.Refusal is null)
        ? null : Results.Find(result => result.Refusal!.Problem.Kind == ProblemKind.Unavailable)?.Refusal!.Problem;

    /// <summary>What came whole is kept, and the sender told that the request was not.</summary>
    private Problem Told(Problem problem)
    {
        var stored = Results.Count(result => result.Refusal is null);
        return stored == 0
            ? problem
            : problem with { Text = $"{problem.Text} {stored.ToString(CultureInfo.InvariantCulture)} instances before that were stored." };
    }
}
