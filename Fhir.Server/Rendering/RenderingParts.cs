using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rendering;

/// <summary>Fetches what a reader left in the file and rendering needs: tables, palettes and overlays. The pixels stay where they are.</summary>
public static class RenderingParts
{
    private const int PartLimit = 1 << 24;
    private const int TotalLimit = 1 << 26;
    private const int DepthLimit = 8;

    /// <summary>Puts the values into the file's data set. A value that cannot be read, or is too large by itself, is left out; all together too large is a problem.</summary>
    public static Outcome<Done> Load(DicomFile file, Stream source)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(source);
        var left = (long)TotalLimit;
        return Load(file, file.Dataset, source, ref left, 0);
    }

    private static Outcome<Done> Load(DicomFile file, DicomDataset dataset, Stream source, ref long left, int depth)
    {
        List<DicomElement>? loaded = null;
        foreach (var element in dataset)
        {
            foreach (var item in depth < DepthLimit && MayHoldTables(element.Tag) ? element.Items ?? [] : [])
            {
                if (Load(file, item, source, ref left, depth + 1).Problem is { } problem)
                {
                    return problem;
                }
            }

            if (element.Bulk is not { Length: <= PartLimit } bulk || !IsNeeded(element.Tag))
            {
                continue;
            }

            if ((left -= bulk.Length) < 0)
            {
                return Problem.TooLarge("The tables and overlays of the image are larger than may be loaded.");
            }

            if (file.Load(element, source, PartLimit).TryGet(out var bytes, out _))
            {
                (loaded ??= []).Add(new DicomElement(element.Tag, element.Vr, bytes));
            }
        }

        loaded?.ForEach(one => dataset.Add(one));
        return new Done();
    }

    private static bool IsNeeded(DicomTag tag) =>
        tag == DicomTag.LUTData || tag == RenderingTags.GraphicData || tag == RenderingTags.VerticesOfPolygonalShutter
        || (tag.Group == 0x0028 && tag.Element is >= 0x1201 and <= 0x1223)
        || (tag.Group is >= 0x6000 and <= 0x601E && tag.Element == 0x3000);

    private static bool MayHoldTables(DicomTag tag) => tag.Group is 0x0028 or 0x0070 or 0x2050 or 0x5200;
}
