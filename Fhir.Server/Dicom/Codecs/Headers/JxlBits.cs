namespace Fhir.Server.Dicom.Codecs.Headers;

/// <summary>Takes bits, the lowest of a byte first. ISO/IEC 18181-1 §4.</summary>
internal ref struct JxlBits(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private int at;

    /// <summary>More was taken than there is; zeros came instead.</summary>
    public readonly bool IsPastEnd => at > bytes.Length * 8;

    public bool Flag() => Take(1) == 1;

    public int Take(int count)
    {
        var value = 0;
        for (var i = 0; i < count; i++, at++)
        {
            if (at >> 3 < bytes.Length)
            {
                value |= ((bytes[at >> 3] >> (at & 7)) & 1) << i;
            }
        }

        return value;
    }
}
