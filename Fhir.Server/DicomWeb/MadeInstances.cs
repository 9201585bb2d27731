using System.Runtime.CompilerServices;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// Instances of which some are converted on the way. Those that cannot be and are known before the first byte are left out, with 206 and
/// a Warning; one that fails later breaks the answer off. PS3.18 §10.4.3.1
/// </summary>
internal sealed class MadeInstances(InstanceMaker maker, InstancePlan plan, Func<PlannedInstance, MultipartPart> partOf, string tag) : MadeAnswer(maker.Gate)
{
    private Problem? lastFailure;
    private int leftOut = plan.LeftOut;
    private bool isSending;

    protected override async ValueTask<Problem?> SendAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await using var parts = MakeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (!await parts.MoveNextAsync())
        {
            return lastFailure ?? Problem.NotFound();
        }
        isSending = true;
        PartialAnswer.Tell(context.Response, leftOut, plan.Instances.Count + plan.LeftOut);
        switch (plan.Packaging)
        {
            case Packaging.Alone:
                await new SinglePartResult(parts.Current.Part).ExecuteAsync(context);
                break;
            case Packaging.Multipart:
                await SendMultipartAsync(context, "application/dicom", tag, PartsOf(parts, cancellationToken), cancellationToken);
                break;
            default:
                await SendZipAsync(context, parts, cancellationToken);
                break;
        }
        return null;
    }

    private async ValueTask SendZipAsync(
        HttpContext context, IAsyncEnumerator<(PlannedInstance Instance, MultipartPart Part)> parts, CancellationToken cancellationToken)
    {
        ZipResult.Announce(context.Response, parts.Current.Instance.Row);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        HasBegun = true;
        var zip = new ZipWriter(context.Response.BodyWriter);
        do
        {
            await zip.AddAsync(ZipResult.NameOf(parts.Current.Instance.Row), parts.Current.Part.Content, cancellationToken);
        }
        while (await parts.MoveNextAsync());
        await zip.FinishAsync(cancellationToken);
    }

    private static IAsyncEnumerator<MultipartPart> PartsOf(
        IAsyncEnumerator<(PlannedInstance Instance, MultipartPart Part)> parts, CancellationToken cancellationToken)
    {
        var all = All(parts).GetAsyncEnumerator(cancellationToken);
        // The first is there already, so this ends at once.
        var moved = all.MoveNextAsync();
        return moved.IsCompletedSuccessfully && moved.Result ? all : throw new InvalidOperationException("A part that was there is gone.");

        static async IAsyncEnumerable<MultipartPart> All(IAsyncEnumerator<(PlannedInstance Instance, MultipartPart Part)> from)
        {
            do
            {
                yield return from.Current.Part;
            }
            while (await from.MoveNextAsync());
        }
    }

    private async IAsyncEnumerable<(PlannedInstance Instance, MultipartPart Part)> MakeAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var instance in plan.Instances)
        {
            if (!(await maker.MakeAsync(instance, Turn, cancellationToken)).TryGet(out var made, out var problem))
            {
                if (isSending)
                {
                    throw new BrokenOffException(problem.Text);
                }
                (lastFailure, leftOut) = (problem, leftOut + 1);
                continue;
            }
            using (made)
            {
                Turn.Leave();
                yield return (instance, partOf(instance) with { Content = made.Content });
            }
        }
    }
}

/// <summary>An answer that is not all that was asked for, and says so. PS3.18 §10.4.3.1</summary>
internal static class PartialAnswer
{
    /// <summary>206 and a Warning when anything is left out; such an answer has no tag, since it may be whole another time.</summary>
    public static void Tell(HttpResponse response, int leftOut, int all)
    {
        if (leftOut > 0)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.Warning = $"299 - \"{leftOut} of {all} instances cannot be given in the accepted transfer syntaxes and are left out\"";
            response.Headers.ETag = default;
        }
    }
}
