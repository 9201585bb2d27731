using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom;

/// <content>Loading what was left in the file.</content>
public sealed partial class DicomFile
{
    /// <summary>
    /// The bytes of an element in little endian, read from the file when they were not loaded. Fragments come one after the other
    /// as they are, without their items.
    /// </summary>
    public Outcome<ReadOnlyMemory<byte>> Load(DicomElement element, Stream source, int limit = 256 << 20)
    {
        ArgumentNullException.ThrowIfNull(element);
        ArgumentNullException.ThrowIfNull(source);
        if (element.Fragments is { } fragments)
        {
            return Join(fragments, source, limit);
        }

        if (element.Bulk is not { } bulk)
        {
            return element.Value;
        }

        var bytes = Read([bulk], source, limit);
        if (bytes.IsSuccess && Syntax.IsBigEndian)
        {
            ByteOrder.Turn(bytes.Value, element.Vr.UnitSize);
        }

        return bytes.Match<Outcome<ReadOnlyMemory<byte>>>(b => new ReadOnlyMemory<byte>(b), p => p);
    }

    private static Outcome<ReadOnlyMemory<byte>> Join(DicomFragments fragments, Stream source, int limit)
    {
        if (fragments.Values is { } values)
        {
            return new ReadOnlyMemory<byte>([.. values.SelectMany(v => v.ToArray())]);
        }

        return Read(fragments.Locations, source, limit).Match<Outcome<ReadOnlyMemory<byte>>>(b => new ReadOnlyMemory<byte>(b), p => p);
    }

    private static Outcome<byte[]> Read(IReadOnlyList<BulkValue> places, Stream source, int limit)
    {
        var length = places.Sum(p => p.Length);
        if (length > limit)
        {
            return Problem.TooLarge("The value is larger than may be loaded at once.");
        }

        var bytes = new byte[length];
        var at = 0;
        foreach (var place in places)
        {
            source.Position = place.Offset;
            if (source.ReadAtLeast(bytes.AsSpan(at, (int)place.Length), (int)place.Length, throwOnEndOfStream: false) < place.Length)
            {
                return Problem.Invalid("The file is shorter than when it was read.");
            }

            at += (int)place.Length;
        }

        return bytes;
    }
}
