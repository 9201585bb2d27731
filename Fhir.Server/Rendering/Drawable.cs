using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering;

/// <summary>Tells before anything is decoded whether an instance has a picture, in words for a person.</summary>
public static class Drawable
{
    private const string Storage = "1.2.840.10008.5.1.4.1.1.";

    private static readonly (string Prefix, string Text)[] NoPictures =
    [
        (Storage + "88.", "A structured report has no picture."),
        (Storage + "104.", "An encapsulated document has no picture here; open the document itself."),
        (Storage + "9.", "A waveform has no picture here."),
        (Storage + "11.", "A presentation state has no pixels of its own; render the image with it."),
        (Storage + "66.", "Registrations and surfaces have no picture here."),
        (Storage + "66", "Raw data have no picture."),
        (Storage + "67", "A real world value mapping has no picture."),
        (Storage + "481.3", "A structure set has no picture here."),
        (Storage + "481.", "A radiotherapy plan or record has no picture."),
        ("1.2.840.10008.1.3.10", "A directory has no picture."),
    ];

    /// <summary>Why there is no picture; null when there may be one.</summary>
    public static Problem? Refuse(DicomDataset dataset, string? sopClassUid)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        var hasPixels = dataset.Contains(DicomTag.PixelData) || dataset.Contains(DicomTag.FloatPixelData) || dataset.Contains(DicomTag.DoubleFloatPixelData);
        if (hasPixels)
        {
            return null;
        }

        var known = NoPictures.FirstOrDefault(one => sopClassUid?.StartsWith(one.Prefix, StringComparison.Ordinal) == true);
        return Problem.NotAcceptable(known.Text ?? "There are no pixels in this instance.");
    }
}
