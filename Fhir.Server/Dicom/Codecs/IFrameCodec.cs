using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs;

/// <summary>Takes single frames out of a compressed transfer syntax and puts them into one. PS3.5 Annex A. Safe for many threads.</summary>
public interface IFrameCodec
{
    /// <summary>Whether frames of the transfer syntax can be decoded here and now.</summary>
    bool CanDecode(string transferSyntaxUid);

    /// <summary>Whether frames can be encoded into the transfer syntax here and now.</summary>
    bool CanEncode(string transferSyntaxUid);

    /// <summary>What keeps a codec that knows the transfer syntax from working on it just now, for people; null when nothing does, or it does not know it.</summary>
    string? Hindrance(string transferSyntaxUid) => null;

    /// <summary>
    /// Decodes one frame. The sizes in the codestream's own header are compared with <paramref name="layout"/> before, the length of
    /// the result after. Colour is not converted; what the result is in, its layout says.
    /// </summary>
    /// <param name="transferSyntaxUid">What the frame is in.</param>
    /// <param name="codestream">The frame's fragments, joined.</param>
    /// <param name="layout">What the data set says of the frame.</param>
    /// <param name="cancellationToken">Stops waiting and decoding.</param>
    /// <returns>The frame; <see cref="ProblemKind.Invalid"/> when the codestream is damaged or contradicts the data set,
    /// <see cref="ProblemKind.NotAcceptable"/> when the syntax cannot be decoded here, <see cref="ProblemKind.TooCostly"/> past a limit of time or memory.</returns>
    ValueTask<Outcome<DecodedFrame>> DecodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> codestream, PixelLayout layout, CancellationToken cancellationToken);

    /// <summary>Encodes one frame without loss.</summary>
    /// <param name="transferSyntaxUid">What it shall be in.</param>
    /// <param name="frame">A native frame in little endian as <paramref name="layout"/> says.</param>
    /// <param name="layout">How it lies.</param>
    /// <param name="cancellationToken">Stops waiting and encoding.</param>
    /// <returns>The codestream, without fragment items and not padded; the layout as it must be told in the data set beside it.</returns>
    ValueTask<Outcome<EncodedFrame>> EncodeAsync(
        string transferSyntaxUid, ReadOnlyMemory<byte> frame, PixelLayout layout, CancellationToken cancellationToken);
}

/// <summary>One compressed frame.</summary>
/// <param name="Codestream">Its bytes.</param>
/// <param name="Layout">What the data set beside it must say.</param>
public sealed record EncodedFrame(ReadOnlyMemory<byte> Codestream, PixelLayout Layout);
