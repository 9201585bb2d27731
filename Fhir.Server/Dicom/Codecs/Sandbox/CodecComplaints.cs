namespace Fhir.Server.Dicom.Codecs.Sandbox;

/// <summary>
/// Notes whether a decoder said that the codestream is damaged although it went on: IJG fills what is missing with grey, OpenJPH goes on
/// with what there is. Remarks that mean no harm, such as bytes of padding before a marker, are passed over.
/// </summary>
internal sealed class CodecComplaints
{
    /// <summary>It did since <see cref="Forget"/>.</summary>
    public bool Any { get; private set; }

    public void Forget() => Any = false;

    public void Hear(ReadOnlySpan<byte> words) => Any |= words.IndexOf("remature end"u8) >= 0 || words.IndexOf("bad Huffman code"u8) >= 0
        || words.IndexOf("instead of RST"u8) >= 0 || words.StartsWith("ojph "u8);
}
