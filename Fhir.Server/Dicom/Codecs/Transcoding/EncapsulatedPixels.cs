using System.Buffers.Binary;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>
/// Encoded frames, one fragment each. While they are few they wait in memory, and the offset table before them is right. When they
/// are more, a target that can seek gets room for the table, filled in at the end; another gets an empty one, as PS3.5 §A.4 allows.
/// </summary>
internal sealed class EncapsulatedPixels(EncodedFrames frames, EncodedFrame first) : TranscodedPixels
{
    /// <summary>Bytes of frames that wait in memory.</summary>
    internal const long SpoolLimit = 32 << 20;

    private const ushort ItemElement = 0xE000;
    private const ushort EndElement = 0xE0DD;
    private readonly Queue<ReadOnlyMemory<byte>> spooled = new([first.Codestream]);
    private readonly OffsetTable table = new();
    private bool isRewritten;

    public override string TransferSyntax => frames.Target;

    public override PixelLayout Layout => first.Layout;

    public override bool IsLengthKnown => false;

    public override IEnumerable<DicomElement> Tables => table.Elements(frames.Count);

    public override async ValueTask<Problem?> BeginAsync(bool canSeek, CancellationToken cancellationToken)
    {
        for (var waiting = (long)first.Codestream.Length; !frames.IsAtEnd && waiting <= SpoolLimit;)
        {
            if (!(await NextAsync(cancellationToken)).TryGet(out var frame, out var problem))
            {
                return problem;
            }

            spooled.Enqueue(frame);
            waiting += frame.Length;
        }

        isRewritten = !frames.IsAtEnd && canSeek;
        table.Choose(frames.IsAtEnd ? spooled.Sum(frame => 8 + Even(frame.Length)) : frames.NativeLength * 2, isKnown: frames.IsAtEnd || canSeek);
        foreach (var frame in frames.IsAtEnd ? spooled : [])
        {
            table.Add(frame.Length);
        }

        return null;
    }

    public override async ValueTask<Problem?> WriteAsync(ElementOutput output, CancellationToken cancellationToken)
    {
        var isKnown = frames.IsAtEnd;
        var begin = isRewritten ? output.Position : 0;
        var basic = table.Basic(frames.Count);
        await output.WriteAsync(Begin(basic), cancellationToken);
        while (spooled.Count > 0 || !frames.IsAtEnd)
        {
            var outcome = spooled.TryDequeue(out var waiting) ? waiting : await NextAsync(cancellationToken);
            if (!outcome.TryGet(out var frame, out var problem))
            {
                return problem;
            }

            if (!isKnown)
            {
                table.Add(frame.Length);
            }

            await output.WriteAsync(Item(ItemElement, Even(frame.Length)), cancellationToken);
            await output.WriteAsync(frame, cancellationToken);
            await output.WriteAsync(new byte[frame.Length & 1], cancellationToken);
        }

        await output.WriteAsync(Item(EndElement, 0), cancellationToken);
        return isRewritten ? await RewriteAsync(output, begin, cancellationToken) : null;
    }

    private async ValueTask<Outcome<ReadOnlyMemory<byte>>> NextAsync(CancellationToken cancellationToken)
    {
        if (!(await frames.NextAsync(cancellationToken)).TryGet(out var frame, out var problem))
        {
            return problem;
        }

        return frame.Layout == Layout ? frame.Codestream : Problem.Invalid("The frames of the instance are not all of one kind.");
    }

    private async ValueTask<Problem?> RewriteAsync(ElementOutput output, long begin, CancellationToken cancellationToken)
    {
        using var tables = new MemoryStream();
        var writer = new DatasetWriter(tables, isExplicit: true, DicomWriteOptions.Default);
        foreach (var element in Tables)
        {
            writer.Write(element);
        }

        tables.Write(Begin(table.Basic(frames.Count)));
        var from = begin - (tables.Length - Begin(table.Basic(frames.Count)).Length);
        await output.RewriteAsync(from, tables.ToArray(), cancellationToken);
        return null;
    }

    /// <summary>The header of the element and the item of the basic offset table.</summary>
    private static byte[] Begin(byte[] basic)
    {
        var header = new byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(header, DicomTag.PixelData.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), DicomTag.PixelData.Element);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)DicomVr.OB);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), ElementHeader.Undefined);
        return [.. header, .. Item(ItemElement, basic.Length), .. basic];
    }

    private static byte[] Item(ushort element, int length)
    {
        var item = new byte[8];
        BinaryPrimitives.WriteUInt16LittleEndian(item, 0xFFFE);
        BinaryPrimitives.WriteUInt16LittleEndian(item.AsSpan(2), element);
        BinaryPrimitives.WriteUInt32LittleEndian(item.AsSpan(4), (uint)length);
        return item;
    }

    private static int Even(int length) => length + (length & 1);
}
