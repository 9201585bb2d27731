using Fhir.Server.Consents;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>An answer went wrong after it had begun: it is broken off, so that nobody takes a part for the whole.</summary>
internal sealed class BrokenOffException(string reason) : Exception(reason);

/// <summary>Makes of instances what is not stored: other transfer syntaxes, of files and of single frames.</summary>
internal sealed class InstanceMaker(GuardedRecord guard, Transcoder transcoder, TranscodingGate gate)
{
    /// <summary>What can be made.</summary>
    public Transcoder Transcoder => transcoder;

    /// <summary>The place of who makes something.</summary>
    public TranscodingGate Gate => gate;

    /// <summary>Opens an instance.</summary>
    public ValueTask<Outcome<OpenInstance>> OpenAsync(InstanceRow row, CancellationToken cancellationToken) => OpenInstance.OpenAsync(guard, row, cancellationToken);

    /// <summary>An instance in another transfer syntax; its first frame is converted already.</summary>
    /// <param name="planned">The instance, and what it becomes.</param>
    /// <param name="turn">The place for converting it now, and for what is left to do while it is sent.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What can be sent; <c>NotAcceptable</c> with the reason when it cannot be made.</returns>
    public async ValueTask<Outcome<MadeInstance>> MakeAsync(PlannedInstance planned, GateTurn turn, CancellationToken cancellationToken)
    {
        if (planned.Target is not { } target)
        {
            return new MadeInstance(null, new StoredContent(guard, planned.Row));
        }
        await turn.TakeAsync(cancellationToken);
        if (!(await OpenAsync(planned.Row, cancellationToken)).TryGet(out var opened, out var problem))
        {
            return Refusal(problem);
        }
        try
        {
            if ((await transcoder.PrepareAsync(opened.File, opened.Stream, target, cancellationToken)).TryGet(out var file, out problem))
            {
                var made = new MadeInstance(opened, new WrittenContent(file.Length, async (output, cancel) =>
                {
                    await turn.TakeAsync(cancel);
                    await using var body = new TurnWriter(output, turn).AsStream(leaveOpen: true);
                    var written = await file.WriteAsync(body, cancel);
                    turn.Leave();
                    if (written.Problem is { } late)
                    {
                        throw new BrokenOffException(Refusal(late).Text);
                    }
                }));
                opened = null;
                return made;
            }
            return Refusal(problem);
        }
        finally
        {
            opened?.Dispose();
        }
    }

    /// <summary>What cannot be made may be had as it is.</summary>
    public static Problem Refusal(Problem problem) => problem.Kind is ProblemKind.NotFound or ProblemKind.Unavailable
        ? problem : Problem.NotAcceptable($"{problem.Text} It is given as it is stored, with transfer-syntax=*.");
}

/// <summary>An instance ready to be sent once.</summary>
internal sealed class MadeInstance(OpenInstance? opened, PartContent content) : IDisposable
{
    public PartContent Content => content;

    public void Dispose() => opened?.Dispose();
}
