namespace Fhir.Server.Dicom;

/// <summary>One attribute of a data set: bytes in little endian, items, fragments, or the place where its bytes are. PS3.5 §7.1.</summary>
public sealed class DicomElement
{
    private readonly object? content;

    /// <summary>An element with its bytes in little endian. An odd length is made even when it is written.</summary>
    public DicomElement(DicomTag tag, DicomVr vr, ReadOnlyMemory<byte> value)
    {
        (Tag, Vr, Value) = (tag, vr, value);
    }

    /// <summary>A sequence.</summary>
    public DicomElement(DicomTag tag, IReadOnlyList<DicomDataset> items)
    {
        (Tag, Vr, content) = (tag, DicomVr.SQ, items);
    }

    /// <summary>An element whose bytes were left where they are.</summary>
    public DicomElement(DicomTag tag, DicomVr vr, BulkValue bulk)
    {
        (Tag, Vr, content) = (tag, vr, bulk);
    }

    /// <summary>An encapsulated value.</summary>
    public DicomElement(DicomTag tag, DicomVr vr, DicomFragments fragments)
    {
        (Tag, Vr, content) = (tag, vr, fragments);
    }

    /// <summary>An element whose bytes are elsewhere, by their address. PS3.18 §F.2.6, PS3.19 §A.1.5.</summary>
    public DicomElement(DicomTag tag, DicomVr vr, string bulkAddress)
    {
        ArgumentException.ThrowIfNullOrEmpty(bulkAddress);
        (Tag, Vr, content) = (tag, vr, bulkAddress);
    }

    /// <summary>Its name.</summary>
    public DicomTag Tag { get; }

    /// <summary>Its value representation.</summary>
    public DicomVr Vr { get; }

    /// <summary>Its bytes in little endian; empty for a sequence, a bulk value or fragments.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The items of a sequence, else null.</summary>
    public IReadOnlyList<DicomDataset>? Items => content as IReadOnlyList<DicomDataset>;

    /// <summary>Where the bytes are when they were not loaded, else null.</summary>
    public BulkValue? Bulk => content as BulkValue?;

    /// <summary>The address of bytes that are elsewhere, else null.</summary>
    public string? BulkAddress => content as string;

    /// <summary>The fragments of an encapsulated value, else null.</summary>
    public DicomFragments? Fragments => content as DicomFragments;

    /// <summary>No bytes, no items, no fragments.</summary>
    public bool IsEmpty => Length == 0 && (content is null or BulkValue or IReadOnlyList<DicomDataset> { Count: 0 });

    /// <summary>Bytes of the value, loaded or not; 0 for sequences and fragments.</summary>
    public long Length => content is BulkValue bulk ? bulk.Length : Value.Length;

    /// <summary>The tag and the representation; never the value.</summary>
    public override string ToString() => $"{Tag} {Vr.Code}";
}
