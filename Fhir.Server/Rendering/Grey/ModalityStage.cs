using Fhir.Server.Dicom;

namespace Fhir.Server.Rendering.Grey;

/// <summary>Finds the way from stored values to what was measured. PS3.3 §C.11.1 and §C.7.6.16.2.9.</summary>
internal static class ModalityStage
{
    /// <summary>Of a frame: its functional groups, else a table or the slope of the image.</summary>
    public static GreyStage Of(FrameAttributes attributes, bool isSigned)
    {
        var group = attributes.Group(RenderingTags.PixelValueTransformationSequence);
        return Of(group, isSigned) ?? Of(attributes.Image, isSigned) ?? OfDose(attributes.Image) ?? GreyStage.Nothing;
    }

    /// <summary>Of a data set or a functional group; null when it says nothing.</summary>
    public static GreyStage? Of(DicomDataset holder, bool isSigned)
    {
        if (holder.Items(DicomTag.ModalityLUTSequence) is [var item, ..] && LookupTable.Read(item, isSigned) is { } table)
        {
            return new ModalityTable(table);
        }

        var (slope, intercept) = (holder.GetDouble(DicomTag.RescaleSlope), holder.GetDouble(DicomTag.RescaleIntercept));
        return (slope, intercept) switch
        {
            (null, null) => null,
            // A slope of nothing would make everything alike.
            (0, _) => null,
            var (s, i) when !double.IsFinite(s ?? 1) || !double.IsFinite(i ?? 0) => null,
            var (s, i) => new Rescale(s ?? 1, i ?? 0),
        };
    }

    private static Rescale? OfDose(DicomDataset image) =>
        image.GetDouble(RenderingTags.DoseGridScaling) is { } scaling and > 0 && double.IsFinite(scaling) ? new Rescale(scaling, 0) : null;
}
