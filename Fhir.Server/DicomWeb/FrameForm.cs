using Fhir.Server.Dicom;
using Fhir.Server.Dicom.Codecs.Transcoding;
using Fhir.Server.Outcomes;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// What frames are given as. PS3.18 §8.7.3.3: <c>application/octet-stream</c> without a transfer syntax means native samples, since bytes
/// alone do not say what they are in; <c>*</c>, and <c>*/*</c>, mean as stored; an image type means that type, as stored where it is stored so.
/// </summary>
/// <param name="MediaType">Of each part.</param>
/// <param name="Syntax">The transfer syntax of each part.</param>
/// <param name="IsStored">Stored bytes are given.</param>
/// <param name="AsMultipart">As multipart/related.</param>
internal sealed record FrameForm(string MediaType, string Syntax, bool IsStored, bool AsMultipart)
{
    /// <summary>
    /// As stored where that is as welcome as anything else, else the most welcome form that can be made; null when none can. A type by name
    /// goes before a range of types of the same quality.
    /// </summary>
    /// <param name="accepted">Best first.</param>
    /// <param name="stored">The transfer syntax the bytes of a frame are in.</param>
    /// <param name="isOne">There is one frame, which may go alone.</param>
    /// <param name="transcoder">What can be converted.</param>
    public static FrameForm? Choose(IReadOnlyList<AcceptedType> accepted, string stored, bool isOne, Transcoder transcoder) => accepted
        .Where(type => type.IsMultipart || type.IsAnything || isOne)
        .GroupBy(type => (type.Quality, type.IsRange))
        .Select(equal => equal.Select(type => AsStored(type, stored)).FirstOrDefault(form => form is not null)
            ?? equal.Select(type => Converted(type, stored, transcoder)).FirstOrDefault(form => form is not null))
        .FirstOrDefault(form => form is not null);

    /// <summary>Says what would have been given.</summary>
    public static Problem Refusal(IReadOnlyList<AcceptedType> accepted, string stored, Transcoder transcoder)
    {
        var media = FrameMediaTypes.Of(stored);
        var able = transcoder.CanRead(stored) ? FrameMediaTypes.Made.Where(one => one != stored && transcoder.CanWrite(one)).ToList() : [];
        var hindrance = accepted.Select(type => type.TransferSyntax ?? "*").Append(stored).Select(transcoder.Hindrance).FirstOrDefault(one => one is not null);
        return Problem.NotAcceptable(
            $"Frames are given as multipart/related, one also alone: as {(media == FrameMediaTypes.OctetStream ? "" : media + " or ")}application/octet-stream "
            + $"in the transfer syntax {stored} they are stored in" + (able.Count > 0 ? $", or in {string.Join(", ", able)}." : ".") + (hindrance is null ? "" : " " + hindrance));
    }

    private static FrameForm? AsStored(AcceptedType type, string stored)
    {
        var isNative = stored is DicomTransferSyntax.ExplicitLittleEndian or DicomTransferSyntax.ImplicitLittleEndian;
        var isWanted = type.TransferSyntax == stored
            || (type.TransferSyntax is null ? type.Inner != FrameMediaTypes.OctetStream || isNative : type.TransferSyntax == "*");
        return isWanted && MediaOf(type, stored) is { } media ? new FrameForm(media, stored, true, AsMultipartFor(type)) : null;
    }

    private static FrameForm? Converted(AcceptedType type, string stored, Transcoder transcoder)
    {
        var target = type.TakesAnySyntax ? FrameMediaTypes.DefaultSyntax(type.Inner) : type.TransferSyntax;
        return target is not null && target != stored && MediaOf(type, target) is { } media && transcoder.CanWrite(target) && transcoder.CanRead(stored)
            ? new FrameForm(media, target, false, AsMultipartFor(type)) : null;
    }

    private static bool AsMultipartFor(AcceptedType type) => type.IsMultipart || type.IsAnything;

    /// <summary>What a syntax is called to who accepts a type: by the name that was used, as octets to who takes octets, else by its own; null when it is not accepted.</summary>
    private static string? MediaOf(AcceptedType type, string syntax) =>
        FrameMediaTypes.NamesOf(syntax).Contains(type.Inner) ? type.Inner
        : type.Takes(FrameMediaTypes.OctetStream) ? FrameMediaTypes.OctetStream
        : type.Takes(FrameMediaTypes.Of(syntax)) ? FrameMediaTypes.Of(syntax) : null;
}
