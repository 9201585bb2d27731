namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>What one call of the module is told of a frame.</summary>
/// <param name="Function">Name of the exported function.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="Samples">Samples a pixel.</param>
/// <param name="Allocated">Bits kept for a sample in the native bytes.</param>
/// <param name="Stored">Bits of a sample that mean something.</param>
/// <param name="IsSigned">Samples are in two's complement.</param>
/// <param name="IsRgb">The samples are red, green and blue; encoders transform those.</param>
internal sealed record CodecJob(string Function, int Rows, int Columns, int Samples, int Allocated, int Stored, bool IsSigned, bool IsRgb)
{
    /// <summary>Bytes of the frame without compression.</summary>
    public long NativeLength => (long)Rows * Columns * Samples * Allocated / 8;

    /// <summary>An encoder is called, not a decoder.</summary>
    public bool IsEncoding => Function.StartsWith("Encode", StringComparison.Ordinal);
}

/// <summary>What came of a job.</summary>
/// <param name="Bytes">The frame or the codestream.</param>
/// <param name="IsDamaged">The decoder met with damage, and went on.</param>
internal readonly record struct CodecResult(byte[] Bytes, bool IsDamaged);
