using System.Globalization;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>WADO-RS frames, as stored or converted. PS3.18 §10.4 and Tables 8.7.3-4, 8.7.3-5</summary>
internal static class FrameEndpoints
{
    private const int MaxFrames = 10_000;

    public static void MapFrames(this IEndpointRouteBuilder web, string names) =>
        web.MapGetAndHead("/studies/{study}/series/{series}/instances/{instance}/frames/{frames}", FramesAsync).WithName($"{names}-wado-frames");

    private static async Task<IResult> FramesAsync(
        string study, string series, string instance, string frames, HttpContext context, GuardedRecord guard, DicomWebBase webBase, InstanceMaker maker,
        FrameTables tables, CancellationToken cancellationToken)
    {
        if (!FrameList.TryRead(frames, MaxFrames, out var numbers))
        {
            return DicomWebResults.Problem(Problem.Invalid(FrameList.Wanted));
        }
        if (!(await RetrieveEndpoints.RetrieveAsync("frames", study, series, instance, guard, webBase, cancellationToken)).TryGet(out var rows, out var problem))
        {
            return DicomWebResults.Problem(problem);
        }
        var row = rows[0];
        if (numbers.Exists(number => number > row.Frames))
        {
            return DicomWebResults.Problem(Problem.NotFound());
        }
        if (VideoSyntaxes.Includes(row.TransferSyntaxUid))
        {
            return DicomWebResults.Problem(Problem.NotAcceptable(
                $"The frames of a video do not stand alone; the whole of it is at bulkdata/7FE00010 of this instance, as {FrameMediaTypes.Of(row.TransferSyntaxUid)}."));
        }
        if (await tables.OfAsync(guard, row, cancellationToken) is not { } table)
        {
            return DicomWebResults.Problem(Problem.NotAcceptable("The frames of this instance cannot be told apart; retrieve the instance."));
        }
        return await AnswerAsync(context, guard, maker, row, table, numbers, $"{QidoJson.Address(webBase, row)}/frames/", cancellationToken);
    }

    private static async ValueTask<IResult> AnswerAsync(
        HttpContext context, GuardedRecord guard, InstanceMaker maker, InstanceRow row, FrameTable table, List<int> numbers, string address,
        CancellationToken cancellationToken)
    {
        // What a deflated file inflates to is explicit little endian.
        var syntax = row.TransferSyntaxUid == DicomTransferSyntax.Deflated ? DicomTransferSyntax.ExplicitLittleEndian : row.TransferSyntaxUid;
        var accepted = AcceptedType.Of(context.Request);
        context.Response.Headers.Vary = "Accept";
        if (FrameForm.Choose(accepted, syntax, numbers.Count == 1, maker.Transcoder) is not { } form)
        {
            return DicomWebResults.Problem(FrameForm.Refusal(accepted, syntax, maker.Transcoder));
        }
        var tag = $"{row.ContentTag}-{string.Join('.', numbers)}-{form.MediaType.Replace('/', '.')}{(form.AsMultipart ? "-multipart" : "")}"
            + (form.IsStored ? "" : $"-{form.Syntax}-{RetrieveEndpoints.Program}");
        if (DicomWebResults.NotModified(context, tag) is { } notModified)
        {
            return notModified;
        }
        if (!form.IsStored)
        {
            return new MadeFrames(maker, row, numbers, form, address, tag);
        }
        var frames = new FrameBytes(guard, row);
        if (!HttpMethods.IsHead(context.Request.Method) && (await frames.PrepareAsync(cancellationToken)).Problem is { } problem)
        {
            return DicomWebResults.Problem(problem);
        }
        var parts = numbers.ConvertAll(number => new MultipartPart(
            $"{form.MediaType}; transfer-syntax={syntax}", address + number.ToString(CultureInfo.InvariantCulture), frames.Of(table[number - 1])));
        return form.AsMultipart ? new MultipartResult(form.MediaType, parts, tag) : new SinglePartResult(parts[0]);
    }

    /// <summary>The bytes of frames of one instance; a deflated one is inflated once for all of them.</summary>
    private sealed class FrameBytes(GuardedRecord guard, InstanceRow row)
    {
        private ReadOnlyMemory<byte>? inflated;

        /// <summary>Inflates a deflated instance while there still can be another answer, such as that there is no room.</summary>
        public async ValueTask<Outcome<Done>> PrepareAsync(CancellationToken cancellationToken)
        {
            if (row.TransferSyntaxUid != DicomTransferSyntax.Deflated)
            {
                return new Done();
            }
            using var content = await guard.OpenAsync(row, cancellationToken);
            if (content is null)
            {
                return Problem.NotFound();
            }
            using var file = content.OpenStream();
            if (!Part10Reader.Read(file, cancellationToken: cancellationToken).TryGet(out var dicom, out var problem))
            {
                return problem;
            }
            inflated = dicom.Inflated;
            return new Done();
        }

        public PartContent Of(FrameLocation frame) =>
            row.TransferSyntaxUid == DicomTransferSyntax.Deflated || frame.BitLength % 8 is > 0 || frame.BitOffset != 0
                ? new LoadedContent(frame.BitOffset == 0 ? frame.Length : (frame.BitLength!.Value + 7) / 8, cancel => LoadAsync(frame, cancel))
                : new StoredContent(guard, row, frame.Ranges);

        /// <summary>A frame that does not lie in the file as it is to be sent: inflated, or moved to begin at a byte and to end in zeros.</summary>
        private async ValueTask<ReadOnlyMemory<byte>> LoadAsync(FrameLocation frame, CancellationToken cancellationToken)
        {
            var bytes = new byte[frame.Length];
            if (row.TransferSyntaxUid == DicomTransferSyntax.Deflated)
            {
                inflated!.Value.Slice((int)frame.Ranges[0].Offset, bytes.Length).CopyTo(bytes);
            }
            else
            {
                using var content = await guard.OpenAsync(row, cancellationToken) ?? throw new IOException("An instance was deleted while it was being sent.");
                await content.ReadAsync(frame.Ranges[0].Offset, bytes, cancellationToken);
            }
            return frame.BitLength is { } bits && (frame.BitOffset != 0 || bits % 8 != 0) ? Shift(bytes, frame.BitOffset, bits) : bytes;
        }

        /// <summary>Bits are packed from the lowest of each byte (PS3.5 §8.1.1); those behind the frame are the next one's.</summary>
        private static byte[] Shift(byte[] bytes, int offset, long bits)
        {
            int At(int i) => i < bytes.Length ? bytes[i] : 0;
            var shifted = new byte[offset == 0 ? bytes.Length : (bits + 7) / 8];
            for (var i = 0; i < shifted.Length; i++)
            {
                shifted[i] = (byte)((At(i) >> offset) | (At(i + 1) << (8 - offset)));
            }
            if (shifted.Length == (bits + 7) / 8 && bits % 8 != 0)
            {
                shifted[^1] &= (byte)((1 << (int)(bits % 8)) - 1);
            }
            return shifted;
        }
    }
}
