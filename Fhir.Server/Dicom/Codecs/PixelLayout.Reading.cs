using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <content>Taking it from a data set, of which real ones leave out much. PS3.3 §C.7.6.3.</content>
public sealed partial record PixelLayout
{
    private const int Largest = 0xFFFF;

    /// <summary>
    /// What the data set says of its frames. What is missing or nonsense is guessed where only one guess makes sense; sizes that are
    /// missing, and samples of a size this server does not know, are problems.
    /// </summary>
    public static Outcome<PixelLayout> Of(DicomDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (dataset.GetInt32(DicomTag.Rows) is not (> 0 and <= Largest and var rows)
            || dataset.GetInt32(DicomTag.Columns) is not (> 0 and <= Largest and var columns))
        {
            return Problem.Invalid("The header does not say how many rows and columns an image has.");
        }

        var (said, samples) = (Said(dataset), SamplesOf(dataset));
        if (samples is not (1 or 3 or 4))
        {
            return Problem.Invalid($"An image of {samples} samples a pixel is none that DICOM knows.");
        }

        var allocated = AllocatedBits(dataset);
        // Before DICOM samples of 12 bits were packed; nobody has compressed them so.
        if (allocated is not (1 or 8 or 16 or 32 or 64) && !(allocated == 12 && dataset.Find(DicomTag.PixelData) is { Fragments: null }))
        {
            return allocated == 0
                ? Problem.Invalid("The header does not say how many bits a sample has.")
                : Problem.NotAcceptable($"Samples of {allocated} bits cannot be read here.");
        }

        var stored = dataset.GetInt32(DicomTag.BitsStored) is > 0 and var bits && bits <= allocated ? bits : allocated;
        var high = dataset.GetInt32(DicomTag.HighBit) is { } top && top >= stored - 1 && top < allocated ? top : stored - 1;
        return new PixelLayout(
            rows, columns, samples, allocated, stored, high, dataset.GetInt32(DicomTag.PixelRepresentation) == 1,
            samples > 1 && dataset.GetInt32(DicomTag.PlanarConfiguration) == 1, Interpretation(said, samples));
    }

    /// <summary>Samples a pixel; of colours three, where the data set does not tell.</summary>
    internal static int SamplesOf(DicomDataset dataset) => dataset.GetInt32(DicomTag.SamplesPerPixel) ?? (IsColour(Said(dataset)) ? 3 : 1);

    private static string Said(DicomDataset dataset) => dataset.GetString(DicomTag.PhotometricInterpretation)?.Trim().ToUpperInvariant() ?? "";

    private static int AllocatedBits(DicomDataset dataset) =>
        dataset.Contains(DicomTag.FloatPixelData) ? 32
        : dataset.Contains(DicomTag.DoubleFloatPixelData) ? 64
        : dataset.GetInt32(DicomTag.BitsAllocated) ?? dataset.GetInt32(DicomTag.BitsStored) switch
        {
            1 => 1,
            > 1 and <= 8 => 8,
            > 8 and <= 16 => 16,
            _ => 0,
        };

    private static string Interpretation(string said, int samples) => samples switch
    {
        1 => said.Length == 0 || IsColour(said) ? "MONOCHROME2" : said,
        3 => IsColour(said) ? said : "RGB",
        _ => said.Length == 0 ? "CMYK" : said,
    };

    private static bool IsColour(string said) => said is "RGB" or "HSV" or "XYB" || said.StartsWith("YBR_", StringComparison.Ordinal);
}
