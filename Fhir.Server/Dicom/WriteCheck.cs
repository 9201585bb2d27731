using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <summary>Finds out before the first byte is written why a data set cannot be.</summary>
internal sealed class WriteCheck(DicomTransferSyntax syntax, DicomWriteOptions options)
{
    private const long LongestValue = 0xFFFFFFFE;
    private readonly DatasetLengths lengths = new(syntax.IsExplicit, options);

    /// <summary>Why this data set cannot be written so; null when it can.</summary>
    public Problem? Check(DicomDataset dataset, int depth = 0)
    {
        foreach (var element in dataset)
        {
            if (Check(element, depth) is { } problem)
            {
                return problem;
            }

            foreach (var item in element.Items ?? [])
            {
                if (Check(item, depth + 1) is { } within)
                {
                    return within;
                }
            }
        }

        return null;
    }

    private Problem? Check(DicomElement element, int depth)
    {
        if (element.BulkAddress is not null
            || (options.Source is null && (element.Bulk is not null || element.Fragments is { Values: null, Count: > 0 })))
        {
            return Problem.Invalid("A value was not loaded, and its source is not at hand.");
        }

        if (depth == 0 && element.Tag == DicomTag.PixelData && !element.IsEmpty && element.Fragments is not null != syntax.IsEncapsulated)
        {
            return Problem.Invalid("The pixel data do not fit the transfer syntax.");
        }

        if (element.Fragments is not null && !syntax.IsExplicit)
        {
            return Problem.Invalid("Fragments cannot be written without value representations.");
        }

        if (element.Tag.Group is 0x0002 or 0xFFFE or 0)
        {
            return Problem.Invalid("The data set holds elements that do not belong in one.");
        }

        return depth == 0 && lengths.OfValue(element) is > LongestValue and var length && element.Fragments is null
            ? Problem.TooLarge($"A value is too long for DICOM; it would take {length} bytes.") : null;
    }
}
