using System.Globalization;
using System.Runtime.CompilerServices;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>Frames that are converted on the way, one by one.</summary>
/// <param name="maker">Who makes them.</param>
/// <param name="row">The instance.</param>
/// <param name="numbers">Which frames, from 1.</param>
/// <param name="form">What they become.</param>
/// <param name="address">The address of a frame without its number.</param>
/// <param name="tag">The entity tag of the answer.</param>
internal sealed class MadeFrames(InstanceMaker maker, InstanceRow row, IReadOnlyList<int> numbers, FrameForm form, string address, string tag)
    : MadeAnswer(maker.Gate)
{
    protected override async ValueTask<Problem?> SendAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (!(await maker.OpenAsync(row, cancellationToken)).TryGet(out var opened, out var problem))
        {
            return InstanceMaker.Refusal(problem);
        }
        using (opened)
        {
            if (!maker.Transcoder.Frames(opened.File, opened.Stream, form.Syntax).TryGet(out var frames, out problem))
            {
                return InstanceMaker.Refusal(problem);
            }
            await using var parts = PartsAsync(frames, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await parts.MoveNextAsync();
            if (form.AsMultipart)
            {
                await SendMultipartAsync(context, form.MediaType, tag, parts, cancellationToken);
            }
            else
            {
                await new SinglePartResult(parts.Current).ExecuteAsync(context);
            }
            return null;
        }
    }

    private async IAsyncEnumerable<MultipartPart> PartsAsync(TranscodedFrames frames, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var number in numbers)
        {
            await Turn.TakeAsync(cancellationToken);
            if (!(await frames.ReadAsync(number - 1, cancellationToken)).TryGet(out var bytes, out var problem))
            {
                throw new BrokenOffException(InstanceMaker.Refusal(problem).Text);
            }
            Turn.Leave();
            yield return new MultipartPart(
                $"{form.MediaType}; transfer-syntax={form.Syntax}", address + number.ToString(CultureInfo.InvariantCulture), new HeldContent(bytes));
        }
    }
}
