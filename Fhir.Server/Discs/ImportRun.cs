using Fhir.Server.Outcomes;

namespace Fhir.Server.Discs;

/// <summary>
/// One import: walks the sources and sends what is DICOM to the record of one patient. Running it again is safe; what is there already
/// is only counted.
/// </summary>
public sealed class ImportRun
{
    private readonly ImportReport report = new();
    private readonly TimeProvider clock;
    private readonly IProgress<ImportProgress>? progress;
    private readonly ImportPatient patients;
    private readonly ImportSender sender;
    private int total;
    private string? patient;

    /// <param name="client">With the server's address, ending in a slash, and the Authorization header; without a time-out of its own.</param>
    /// <param name="clock">The time.</param>
    /// <param name="progress">Told of every step, on the thread that makes it.</param>
    public ImportRun(HttpClient client, TimeProvider clock, IProgress<ImportProgress>? progress = null)
    {
        (this.clock, this.progress) = (clock, progress);
        var server = new ServerLink(client, clock) { Waiting = why => Tell(0, why) };
        patients = new ImportPatient(server);
        sender = new ImportSender(server, report) { Sent = bytes => Tell(bytes) };
    }

    /// <summary>Does it. Always ends with a report, also when it is cancelled.</summary>
    public async Task<ImportReport> RunAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var started = clock.GetTimestamp();
        try
        {
            if ((await RunToTheEndAsync(request, cancellationToken)).Problem is { } problem)
            {
                report.Stop(problem);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            report.Cancel();
        }
        report.Elapsed = clock.GetElapsedTime(started);
        return report;
    }

    private async Task<Outcome<Done>> RunToTheEndAsync(ImportRequest request, CancellationToken cancellationToken)
    {
        var walk = new ImportWalk(request.Sources);
        if (walk.Missing is [var missing, ..])
        {
            return Problem.Invalid($"There is no file or folder '{missing}'.");
        }
        if (request.PatientId is { } id && !(await patients.FindAsync(id, cancellationToken)).TryGet(out patient, out var problem))
        {
            return problem;
        }
        report.Patient = patient;
        total = walk.Count(cancellationToken);
        var batch = new ImportBatch(request);
        foreach (var entry in walk.Entries(cancellationToken))
        {
            report.See(entry);
            if (entry is DiscInstance file && !batch.TryAdd(file))
            {
                if ((await SendAsync(batch, cancellationToken)).Problem is { } stop)
                {
                    return stop;
                }
                batch.TryAdd(file);
            }
            Tell();
        }
        return await SendAsync(batch, cancellationToken);
    }

    private async Task<Outcome<Done>> SendAsync(ImportBatch batch, CancellationToken cancellationToken)
    {
        if (batch.IsEmpty)
        {
            return default(Done);
        }
        var files = batch.Take();
        if (patient is null)
        {
            if (!(await patients.CreateAsync(files[0].Person, cancellationToken)).TryGet(out patient, out var problem))
            {
                return problem;
            }
            (report.Patient, report.IsNewPatient) = (patient, true);
        }
        var sent = await sender.SendAsync(patient, files, cancellationToken);
        Tell();
        return sent;
    }

    private void Tell(long sending = 0, string? waiting = null) =>
        progress?.Report(new(total, report.Seen, report.Settled, report.Bytes + sending, waiting));
}
