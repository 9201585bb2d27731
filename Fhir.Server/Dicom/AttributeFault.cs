namespace Fhir.Server.Dicom;

/// <summary>A value that is not as the standard wants it, though the data set can be kept.</summary>
/// <param name="Path">Where: tags, and between them item numbers from 1.</param>
/// <param name="Text">Why, in one short sentence without the value.</param>
public sealed record AttributeFault(IReadOnlyList<AttributeStep> Path, string Text)
{
    /// <summary>The element itself.</summary>
    public DicomTag Tag => Path[^1].Tag;
}

/// <summary>One step to an element.</summary>
/// <param name="Tag">The element.</param>
/// <param name="Item">The item of it that is gone into, from 1; 0 for the last step.</param>
public readonly record struct AttributeStep(DicomTag Tag, int Item);
