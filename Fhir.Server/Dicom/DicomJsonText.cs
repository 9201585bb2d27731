using System.Text.Json;

namespace Fhir.Server.Dicom;

/// <summary>JSON in pieces: between each two belongs the base address of the DICOMweb service, escaped for JSON.</summary>
/// <param name="Pieces">UTF-8, at least one.</param>
public sealed record DicomJsonText(IReadOnlyList<ReadOnlyMemory<byte>> Pieces)
{
    /// <summary>The whole text for a base address without a slash at its end, in UTF-8 and already escaped for JSON.</summary>
    public byte[] ToArray(ReadOnlySpan<byte> escapedBase)
    {
        var length = (Pieces.Count - 1) * escapedBase.Length;
        foreach (var piece in Pieces)
        {
            length += piece.Length;
        }

        var whole = new byte[length];
        var rest = whole.AsSpan();
        for (var i = 0; i < Pieces.Count; i++)
        {
            if (i > 0)
            {
                escapedBase.CopyTo(rest);
                rest = rest[escapedBase.Length..];
            }

            Pieces[i].Span.CopyTo(rest);
            rest = rest[Pieces[i].Length..];
        }

        return whole;
    }

    /// <summary>The whole text for a base address such as <c>https://example.org/dicomweb</c>.</summary>
    public byte[] ToArray(string baseAddress) => ToArray(Escape(baseAddress));

    /// <summary>A base address as it is put between pieces.</summary>
    public static ReadOnlySpan<byte> Escape(string baseAddress) => JsonEncodedText.Encode(baseAddress).EncodedUtf8Bytes;
}
