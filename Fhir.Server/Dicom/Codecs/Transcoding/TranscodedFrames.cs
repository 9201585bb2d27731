using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>Frames of one file in another transfer syntax, any of them at any time. One reader at a time.</summary>
public sealed class TranscodedFrames
{
    private readonly WholeFrames whole;
    private readonly EncodedFrames? encoded;

    internal TranscodedFrames(WholeFrames whole, EncodedFrames? encoded) => (this.whole, this.encoded) = (whole, encoded);

    /// <summary>How many there are.</summary>
    public int Count => whole.Count;

    /// <summary>The bytes of a frame, counted from 0: native samples in little endian, or its codestream.</summary>
    /// <returns>The bytes; a problem when it is damaged, too large, or of a kind the target does not carry.</returns>
    public async ValueTask<Outcome<ReadOnlyMemory<byte>>> ReadAsync(int frame, CancellationToken cancellationToken) => encoded is null
        ? (await whole.ReadAsync(frame, cancellationToken)).Match<Outcome<ReadOnlyMemory<byte>>>(one => one.Bytes, problem => problem)
        : (await encoded.EncodeAsync(frame, cancellationToken)).Match<Outcome<ReadOnlyMemory<byte>>>(one => one.Codestream, problem => problem);
}
