namespace Fhir.Server.Dicom;

/// <summary>An encapsulated value: the basic offset table and the fragments after it. PS3.5 §A.4.</summary>
/// <param name="OffsetTable">The bytes of the first item.</param>
/// <param name="Locations">Where the fragments are in the source, without their item headers; empty when they are in memory.</param>
/// <param name="Values">The fragments in memory; null when only their places are known.</param>
public sealed record DicomFragments(
    ReadOnlyMemory<byte> OffsetTable, IReadOnlyList<BulkValue> Locations, IReadOnlyList<ReadOnlyMemory<byte>>? Values)
{
    /// <summary>How many fragments.</summary>
    public int Count => Values?.Count ?? Locations.Count;

    internal long LengthOf(int index) => Values is null ? Locations[index].Length : Values[index].Length;
}
