using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Reads DICOM files. PS3.10 §7.</summary>
public static class Part10Reader
{
    /// <summary>
    /// Reads a file from the beginning of a seekable stream; big values and pixels stay where they are. Bad bytes are a problem or a
    /// warning; what the stream itself throws goes through.
    /// </summary>
    public static Outcome<DicomFile> Read(Stream stream, DicomReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= DicomReadOptions.Default;
        using var source = new ByteSource(stream);
        var warnings = new ReadWarnings();
        if (FileStart.Of(source.Peek(FileStart.Needed), source.Length) is not { } start)
        {
            return Problem.Invalid(source.Length < 132
                ? "The file is too short to be DICOM." : "The file is not DICOM: it has no prefix DICM, and its first bytes are no data set either.");
        }

        var meta = new DicomDataset();
        source.Seek(start.Offset);
        if (start.Warning is { } odd)
        {
            warnings.Add(odd);
        }

        var reader = new DatasetReader(source, options, warnings, cancellationToken);
        if (start.HasMeta && !reader.ReadMeta(meta))
        {
            return reader.Problem!;
        }

        var offset = source.Position;
        if (!FindSyntax(meta, source, warnings).TryGet(out var found, out var problem))
        {
            return problem;
        }

        var (syntax, layout) = found;
        var dataset = new DicomDataset();
        if (!syntax.IsDeflated)
        {
            return reader.ReadDataset(dataset, layout)
                ? Finish(reader, source, default) : reader.Problem!;
        }

        if (!Inflation.Inflate(stream, offset, options, cancellationToken).TryGet(out var inflated, out problem))
        {
            return problem;
        }

        using var memory = new ByteSource(inflated.Whole, inflated.Whole.Length);
        reader = new DatasetReader(memory, options, warnings, cancellationToken);
        if (reader.ReadDataset(dataset, layout))
        {
            return Finish(reader, memory, inflated.Memory);
        }

        inflated.LetGo();
        return reader.Problem!;

        DicomFile Finish(DatasetReader read, ByteSource from, ReadOnlyMemory<byte> whole)
        {
            DropMeta(dataset, warnings);
            var pixels = read.Pixels is { } place ? new FrameFinder(dataset, from, warnings).Find(place, read.FragmentPlaces) : null;
            if (pixels is { IsEncapsulated: false } && syntax.Uid == DicomTransferSyntax.ImplicitWithBigEndianPixels)
            {
                pixels = pixels with { IsBigEndian = true };
            }

            if (pixels is not null && pixels.IsEncapsulated != syntax.IsEncapsulated)
            {
                warnings.Add("The pixel data are not written as the transfer syntax says.");
            }

            return new DicomFile
            {
                FileMeta = meta, Dataset = dataset, Syntax = syntax, DataSetOffset = offset, Length = source.Length,
                Warnings = warnings.Texts, PixelData = pixels, Inflated = whole,
            };
        }
    }

    /// <summary>Whether these first bytes could begin a DICOM file; 512 give the best answer.</summary>
    public static bool LooksLikeDicom(ReadOnlySpan<byte> first) => FileStart.Of(first, long.MaxValue) is not null;

    /// <summary>
    /// Where the data set begins in a file that begins so: after the elements of group 0002. Null when these bytes do not tell, as when
    /// the file meta goes on beyond them or there is none.
    /// </summary>
    public static long? DataSetOffset(ReadOnlySpan<byte> first)
    {
        if (FileStart.Of(first, long.MaxValue) is not { HasMeta: true } start)
        {
            return null;
        }

        using var source = new ByteSource(first.ToArray(), first.Length);
        source.Seek(start.Offset);
        var reader = new DatasetReader(source, DicomReadOptions.Default, new ReadWarnings(), CancellationToken.None);
        return reader.ReadMeta(new DicomDataset()) && source.Peek(4).Length == 4 ? source.Position : null;
    }

    /// <summary>Groups 0000 and 0002 belong to messages and to the beginning of files. PS3.5 §7.1, PS3.10 §7.1.</summary>
    private static void DropMeta(DicomDataset dataset, ReadWarnings warnings)
    {
        if (dataset.RemoveAll(tag => tag.Group is 0x0000 or 0x0002) > 0)
        {
            warnings.Add("There are elements of the file meta in the data set; they are left out.");
        }
    }

    private static Outcome<(DicomTransferSyntax Syntax, Layout Layout)> FindSyntax(DicomDataset meta, ByteSource source, ReadWarnings warnings)
    {
        var declared = meta.GetString(DicomTag.TransferSyntaxUID) is { } uid ? DicomTransferSyntax.Of(uid) : null;
        if (declared is { IsDeflated: true })
        {
            return (declared, Layout.ExplicitLittle);
        }

        var first = source.Peek(FileStart.Needed);
        if (first.IsEmpty)
        {
            return Problem.Invalid("The file ends before its data set begins.");
        }

        var guess = LayoutGuess.Of(first, source.Length - source.Position);
        if (declared is not null)
        {
            var layout = new Layout(declared.IsExplicit, declared.IsBigEndian);
            if (guess is not { } seen || seen == layout)
            {
                return (declared, layout);
            }

            warnings.Add("The data set is not written as the transfer syntax says.");
            return (declared.IsEncapsulated ? declared : Named(seen), seen);
        }

        if (guess is not { } told)
        {
            return Problem.Invalid("The file does not say how it is written, and it cannot be told from its bytes.");
        }

        warnings.Add("The file does not name its transfer syntax; it was told from its bytes.");
        return (Named(told), told);
    }

    private static DicomTransferSyntax Named(Layout layout) => DicomTransferSyntax.Of(
        !layout.IsExplicit ? DicomTransferSyntax.ImplicitLittleEndian
        : layout.IsBigEndian ? DicomTransferSyntax.ExplicitBigEndian : DicomTransferSyntax.ExplicitLittleEndian);
}
