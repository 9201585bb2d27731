using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>The pixels of a file in their new form, one way of several.</summary>
internal abstract class TranscodedPixels
{
    /// <summary>The transfer syntax they are in.</summary>
    public abstract string TransferSyntax { get; }

    /// <summary>What the data set must say of them; null when what it says stays true.</summary>
    public virtual PixelLayout? Layout => null;

    /// <summary>Whether <see cref="Length"/> is known beforehand.</summary>
    public virtual bool IsLengthKnown => true;

    /// <summary>Bytes of the element, header and all.</summary>
    public virtual long Length => 0;

    /// <summary>The elements that must stand before PixelData to find frames in it.</summary>
    public virtual IEnumerable<DicomElement> Tables => [];

    /// <summary>Does what must be done before anything is written.</summary>
    public virtual ValueTask<Problem?> BeginAsync(bool canSeek, CancellationToken cancellationToken) => default;

    /// <summary>Writes the element.</summary>
    public abstract ValueTask<Problem?> WriteAsync(ElementOutput output, CancellationToken cancellationToken);
}

/// <summary>Native pixels of a native file: the element is written like any other.</summary>
internal sealed class CopiedPixels : TranscodedPixels
{
    public override string TransferSyntax => DicomTransferSyntax.ExplicitLittleEndian;

    public override ValueTask<Problem?> WriteAsync(ElementOutput output, CancellationToken cancellationToken) => default;
}
