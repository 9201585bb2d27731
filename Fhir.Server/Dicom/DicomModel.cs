namespace Fhir.Server.Dicom;

/// <summary>A data set that came as JSON or XML.</summary>
/// <param name="Dataset">Its text is in UTF-8; bulk data stay addresses.</param>
/// <param name="Warnings">What was odd, in short sentences without patient data.</param>
public sealed record DicomModel(DicomDataset Dataset, IReadOnlyList<string> Warnings)
{
    /// <summary>Elements and values that were read for it, and one for itself: what it takes of <see cref="DicomReadOptions.ElementLimit"/>.</summary>
    internal int Size { get; init; }
}
