namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>
/// The elements of the data set around its pixels, with those that describe the pixels made true again. What tells of an earlier loss
/// stays; icons and everything else within items stay as they are. PS3.3 §C.7.6.3, §C.7.6.1.1.5.
/// </summary>
internal sealed class TranscodedElements
{
    private static readonly DicomTag EncapsulatedLength = new(0x7FE00003);

    public TranscodedElements(DicomFile file, TranscodedPixels pixels)
    {
        var replaced = pixels.Layout is { } layout ? Describe(layout, file) : new DicomDataset();
        var kept = file.Dataset.Elements.Where(element => !replaced.Contains(element.Tag) && !IsAboutPixels(element.Tag, pixels) && !element.Tag.IsGroupLength);
        var all = kept.Concat(replaced.Elements).OrderBy(element => element.Tag.Value).ToList();
        Before = all.FindAll(element => element.Tag < DicomTag.PixelData);
        After = all.FindAll(element => element.Tag >= DicomTag.PixelData);
    }

    /// <summary>Elements below PixelData.</summary>
    public IReadOnlyList<DicomElement> Before { get; }

    /// <summary>Elements from there on; PixelData itself only when it is copied.</summary>
    public IReadOnlyList<DicomElement> After { get; }

    private static bool IsAboutPixels(DicomTag tag, TranscodedPixels pixels) => pixels.Layout is not null
        && (tag == DicomTag.PixelData || tag == DicomTag.ExtendedOffsetTable || tag == DicomTag.ExtendedOffsetTableLengths || tag == EncapsulatedLength);

    private static DicomDataset Describe(PixelLayout layout, DicomFile file)
    {
        var told = new DicomDataset()
            .AddNumbers(DicomTag.SamplesPerPixel, DicomVr.US, layout.SamplesPerPixel)
            .Add(DicomTag.PhotometricInterpretation, DicomVr.CS, layout.PhotometricInterpretation)
            .AddNumbers(DicomTag.BitsAllocated, DicomVr.US, layout.BitsAllocated)
            .AddNumbers(DicomTag.BitsStored, DicomVr.US, layout.BitsStored)
            .AddNumbers(DicomTag.HighBit, DicomVr.US, layout.HighBit)
            .AddNumbers(DicomTag.PixelRepresentation, DicomVr.US, layout.IsSigned ? 1 : 0);
        if (layout.SamplesPerPixel > 1)
        {
            told.AddNumbers(DicomTag.PlanarConfiguration, DicomVr.US, layout.IsPlanar ? 1 : 0);
        }

        return CodecSyntaxes.IsAlwaysLossy(file.TransferSyntax) ? told.Add(DicomTag.LossyImageCompression, DicomVr.CS, "01") : told;
    }
}
