namespace Fhir.Server.Dicom;

/// <content>Copies.</content>
public sealed partial class DicomDataset
{
    /// <summary>A data set of its own with the same elements; values are shared, items are copies too. It has no parent.</summary>
    public DicomDataset Copy()
    {
        var copy = new DicomDataset();
        foreach (var element in elements)
        {
            copy.Add(element.Items is { } items ? new DicomElement(element.Tag, [.. items.Select(item => item.Copy())]) : element);
        }

        return copy;
    }
}
