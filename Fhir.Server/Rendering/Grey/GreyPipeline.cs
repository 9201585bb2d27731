namespace Fhir.Server.Rendering.Grey;

/// <summary>All steps from stored values to bytes that are seen. Equal pipelines do the same. PS3.4 §N.2.</summary>
/// <param name="Modality">To what was measured, such as Hounsfield units.</param>
/// <param name="Voi">To brightness from 0 to 1.</param>
/// <param name="Presentation">To brightness as it is shown.</param>
internal sealed record GreyPipeline(GreyStage Modality, GreyStage Voi, GreyStage Presentation)
{
    /// <summary>Maps values, which are used up, to bytes.</summary>
    public void Apply(Span<double> values, Span<byte> target)
    {
        Modality.Apply(values);
        Voi.Apply(values);
        Presentation.Apply(values);
        for (var i = 0; i < values.Length; i++)
        {
            // No number at all is shown as black.
            target[i] = values[i] > 0 ? (byte)Math.Min((values[i] * 255) + 0.5, 255) : (byte)0;
        }
    }

    /// <summary>The bytes for every container of at most 16 bits.</summary>
    public byte[] ToTable(StoredBits bits)
    {
        var values = new double[1 << bits.Stored];
        for (var code = 0; code < values.Length; code++)
        {
            values[code] = bits.ValueOf(code);
        }

        var byCode = new byte[values.Length];
        Apply(values, byCode);
        if (bits.Stored == bits.Allocated)
        {
            return byCode;
        }

        var table = new byte[1 << bits.Allocated];
        for (var container = 0; container < table.Length; container++)
        {
            table[container] = byCode[bits.CodeOf(container)];
        }

        return table;
    }
}
