using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Imaging;

/// <summary>An instance that came as metadata and bulk data, written as a file.</summary>
/// <param name="File">The file; null when there is none.</param>
/// <param name="Refusal">Why it could not be written; else null.</param>
public sealed record ComposedInstance(CopiedFile? File, InstanceRefusal? Refusal);

/// <summary>Makes Part 10 files of metadata and bulk data. PS3.18 §10.5.1 and §8.7.3</summary>
public sealed class InstanceComposer(GuardedRecord guard)
{
    private const int Head = 4096;

    /// <summary>Begins the bulk data of a request; <c>NoSpace</c> or <c>Forbidden</c> as for an instance.</summary>
    public async ValueTask<Outcome<BulkParts>> BeginAsync(CancellationToken cancellationToken) =>
        (await guard.BeginUploadAsync(cancellationToken)).Match<Outcome<BulkParts>>(
            upload => new BulkParts(upload, new RoomWatch(guard.Room)), problem => problem);

    /// <summary>Writes one instance; a problem when the request as a whole must end.</summary>
    /// <param name="dataset">Its metadata; what addresses stand for is put in their place.</param>
    /// <param name="bulk">The bulk data of the request.</param>
    /// <param name="limit">A file of more bytes is refused, before any is written.</param>
    /// <param name="cancellationToken">Gives up; nothing is kept.</param>
    public async ValueTask<Outcome<ComposedInstance>> ComposeAsync(DicomDataset dataset, BulkParts bulk, long limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(bulk);
        var composed = await Task.Run(() => Put(dataset, bulk), cancellationToken);
        if (!composed.TryGet(out var syntax, out var problem))
        {
            return Refused(dataset, problem, InstanceReader.DoesNotIdentify);
        }
        if (Length(dataset) > limit)
        {
            return Refused(dataset, Problem.TooLarge($"An instance may have at most {limit} bytes."), Intake.OutOfResources);
        }
        if (!(await guard.BeginUploadAsync(cancellationToken)).TryGet(out var upload, out problem))
        {
            return problem;
        }
        var isWritten = false;
        try
        {
            await using var target = new UploadStream(upload, new RoomWatch(guard.Room), cancellationToken);
            if (await Task.Run(() => Write(target, dataset, syntax, bulk), cancellationToken) is { } unfit)
            {
                return Refused(dataset, unfit, InstanceReader.DoesNotIdentify);
            }
            isWritten = true;
            return new ComposedInstance(new CopiedFile(upload, null), null);
        }
        catch (NoRoomException full)
        {
            return full.Problem;
        }
        finally
        {
            if (!isWritten)
            {
                await upload.DisposeAsync();
            }
        }
    }

    private static Problem? Write(UploadStream target, DicomDataset dataset, string syntax, BulkParts bulk)
    {
        var problem = Part10Writer.Write(target, dataset, syntax, new DicomWriteOptions { Source = bulk.Bytes }).Problem;
        if (problem is null)
        {
            target.Flush();
        }
        return problem;
    }

    /// <summary>Bytes of the data set in the file; the few before it do not count.</summary>
    private static long Length(DicomDataset dataset) => new DatasetLengths(isExplicit: true, DicomWriteOptions.Default).Of(dataset);

    private static ComposedInstance Refused(DicomDataset dataset, Problem problem, int reason) => new(null, new InstanceRefusal(
        problem with { Kind = ProblemKind.Unprocessable }, reason, Uid(dataset, DicomTag.SOPClassUID), Uid(dataset, DicomTag.SOPInstanceUID)));

    /// <summary>Puts the values in the places of their addresses; gives the transfer syntax the pixel data ask for.</summary>
    private static Outcome<string> Put(DicomDataset dataset, BulkParts bulk)
    {
        var declared = dataset.GetString(DicomTag.TransferSyntaxUID);
        dataset.RemoveAll(tag => tag.Group is 0x0000 or 0x0002);
        var syntax = DicomTransferSyntax.ExplicitLittleEndian;
        if (dataset.Find(DicomTag.PixelData) is { BulkAddress: { } address } pixels)
        {
            var parts = bulk.Named(address);
            if (parts.Count == 0)
            {
                return Missing();
            }
            var first = FirstBytes(bulk.Bytes, parts[0].Place);
            if (BitstreamSyntax.Of(parts[0].MediaType, parts[0].TransferSyntax ?? declared, first) is not { } told
                || parts.Any(part => part.MediaType != parts[0].MediaType))
            {
                return Problem.Invalid("The media type of the pixel data is none that pixel data come in.");
            }
            if (DicomTransferSyntax.Of(told) is { IsBigEndian: true } or { IsDeflated: true })
            {
                return Problem.Invalid("Pixel data cannot come in this transfer syntax.");
            }
            var isNative = !DicomTransferSyntax.Of(told).IsEncapsulated;
            var put = isNative ? Native(dataset, pixels, parts) : Encapsulated(dataset, pixels, parts, bulk.Bytes);
            if (!put.TryGet(out var element, out var problem))
            {
                return problem;
            }
            dataset.Add(element);
            syntax = isNative ? syntax : told;
        }
        return PutOthers(dataset, bulk) is { } missing ? missing : syntax;
    }

    private static Problem? PutOthers(DicomDataset dataset, BulkParts bulk)
    {
        foreach (var element in dataset.Elements.ToList())
        {
            if (element.BulkAddress is { } address)
            {
                if (Joined(bulk.Named(address)) is not { } place)
                {
                    return Missing();
                }
                dataset.Add(new DicomElement(element.Tag, element.Vr, place));
            }
            foreach (var item in element.Items ?? [])
            {
                if (PutOthers(item, bulk) is { } problem)
                {
                    return problem;
                }
            }
        }
        return null;
    }

    private static Outcome<DicomElement> Native(DicomDataset dataset, DicomElement pixels, IReadOnlyList<BulkPart> parts)
    {
        if (Joined(parts) is not { } place)
        {
            return Missing();
        }
        // Frames of 1 bit a pixel follow each other without bits between them. PS3.5 §8.1.1
        var frames = (Int128)Math.Max(1, dataset.GetInt64(DicomTag.NumberOfFrames) ?? 1);
        var wanted = ((FrameFinder.NativeFrameBits(dataset, DicomTag.PixelData) * frames) + 7) / 8;
        return place.Length < wanted
            ? Problem.Invalid("The pixel data have fewer bytes than the image needs.")
            : new DicomElement(pixels.Tag, pixels.Vr is DicomVr.OB or DicomVr.OW ? pixels.Vr : DicomVr.OW, place);
    }

    /// <summary>A fragment a frame, and a basic offset table. PS3.5 §A.4</summary>
    private static Outcome<DicomElement> Encapsulated(DicomDataset dataset, DicomElement pixels, IReadOnlyList<BulkPart> parts, Stream source)
    {
        var frames = Math.Max(1, dataset.GetInt32(DicomTag.NumberOfFrames) ?? 1);
        var isVideo = parts[0].MediaType.StartsWith("video/", StringComparison.Ordinal);
        if (!isVideo && parts.Count != frames)
        {
            return Problem.Invalid("There are not as many parts of pixel data as frames.");
        }
        var places = new List<BulkValue>(parts.Count);
        var table = new byte[isVideo || parts.Count == 1 ? 0 : parts.Count * 4];
        var offset = 0L;
        foreach (var part in parts)
        {
            if (BitstreamSyntax.WithoutBoxes(source, part.Place) is not { } place)
            {
                return Problem.Invalid("There is no codestream in the boxes of the pixel data.");
            }
            if (table.Length > 0 && offset <= uint.MaxValue)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(table.AsSpan(places.Count * 4), (uint)offset);
            }
            places.Add(place);
            offset += 8 + place.Length + (place.Length & 1);
        }
        return new DicomElement(pixels.Tag, DicomVr.OB, new DicomFragments(offset <= uint.MaxValue ? table : default, places, null));
    }

    /// <summary>One range for parts that follow each other; null for none, or when others came between.</summary>
    private static BulkValue? Joined(IReadOnlyList<BulkPart> parts)
    {
        if (parts.Count == 0)
        {
            return null;
        }
        for (var i = 1; i < parts.Count; i++)
        {
            if (parts[i].Place.Offset != parts[i - 1].Place.End)
            {
                return null;
            }
        }
        return new BulkValue(parts[0].Place.Offset, parts[^1].Place.End - parts[0].Place.Offset);
    }

    private static byte[] FirstBytes(Stream source, BulkValue place)
    {
        var first = new byte[Math.Min(Head, place.Length)];
        source.Position = place.Offset;
        source.ReadExactly(first);
        return first;
    }

    private static Problem Missing() => Problem.Invalid("Bulk data that the metadata name did not come with them.");

    private static string? Uid(DicomDataset dataset, DicomTag tag) =>
        dataset.GetString(tag) is { } uid && DicomUid.IsValid(uid) ? uid : null;
}
