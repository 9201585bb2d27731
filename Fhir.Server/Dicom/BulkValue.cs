namespace Fhir.Server.Dicom;

/// <summary>Where bytes are that were not loaded.</summary>
/// <param name="Offset">First byte, from the beginning of the file.</param>
/// <param name="Length">How many.</param>
public readonly record struct BulkValue(long Offset, long Length)
{
    /// <summary>The first byte after it.</summary>
    public long End => Offset + Length;
}
