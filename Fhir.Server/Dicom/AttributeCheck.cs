namespace Fhir.Server.Dicom;

/// <summary>Finds what is odd in a data set that will be kept all the same. Private elements, and values that were not loaded, are left alone.</summary>
internal sealed class AttributeCheck
{
    /// <summary>Faults that are told of one data set; there may be more.</summary>
    public const int Most = 32;

    private static readonly DicomTag[] Pixels =
    [
        DicomTag.SamplesPerPixel, DicomTag.PhotometricInterpretation, DicomTag.Rows, DicomTag.Columns, DicomTag.BitsAllocated,
        DicomTag.BitsStored, DicomTag.HighBit, DicomTag.PixelRepresentation,
    ];

    private readonly List<AttributeFault> faults = [];
    private readonly List<AttributeStep> path = [];

    private AttributeCheck()
    {
    }

    /// <summary>What is odd, in the order of tags, then what is missing.</summary>
    public static IReadOnlyList<AttributeFault> Check(DicomFile file)
    {
        var check = new AttributeCheck();
        check.Walk(file.Dataset);
        check.Missing(file.Dataset);
        return check.faults;
    }

    private void Walk(DicomDataset dataset)
    {
        foreach (var element in dataset)
        {
            if (faults.Count >= Most)
            {
                return;
            }

            if (!element.Tag.IsPrivate && !element.Tag.IsGroupLength && ValueRules.FaultOf(dataset, element) is { } text)
            {
                Add(element.Tag, text);
            }

            var items = element.Items ?? [];
            for (var i = 0; i < items.Count; i++)
            {
                path.Add(new AttributeStep(element.Tag, i + 1));
                Walk(items[i]);
                path.RemoveAt(path.Count - 1);
            }
        }
    }

    /// <summary>What every composite object has, and every image. PS3.3 §C.7.3.1, §C.7.6.3.</summary>
    private void Missing(DicomDataset dataset)
    {
        IEnumerable<DicomTag> wanted = dataset.Contains(DicomTag.PixelData) ? Pixels.Prepend(DicomTag.Modality) : [DicomTag.Modality];
        foreach (var tag in wanted.Where(tag => faults.Count < Most && dataset.Find(tag) is null or { IsEmpty: true }))
        {
            Add(tag, "It is missing or empty, and objects of this kind need it.");
        }
    }

    private void Add(DicomTag tag, string text) => faults.Add(new AttributeFault([.. path, new AttributeStep(tag, 0)], text));
}
