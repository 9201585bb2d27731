using Fhir.Server.Outcomes;

namespace Fhir.Server.Dicom.Codecs.Transcoding;

/// <summary>A file about to be written in another transfer syntax. Written once.</summary>
public sealed class TranscodedFile
{
    private readonly DicomFile file;
    private readonly Stream stream;
    private readonly TranscodedPixels pixels;

    internal TranscodedFile(DicomFile file, Stream stream, TranscodedPixels pixels)
    {
        (this.file, this.stream, this.pixels) = (file, stream, pixels);
        Elements = new TranscodedElements(file, pixels);
        Length = pixels.IsLengthKnown ? new ElementOutput(Stream.Null, stream, file.Syntax.IsBigEndian).LengthOf(Head().Length, Elements) + pixels.Length : null;
    }

    /// <summary>What it will be in.</summary>
    public string TransferSyntax => pixels.TransferSyntax;

    /// <summary>Bytes of the whole file; null when only writing tells.</summary>
    public long? Length { get; }

    internal TranscodedElements Elements { get; }

    /// <summary>
    /// Writes the file. The target need not be seekable; when it is, long compressed pixels get an offset table that otherwise they lack.
    /// A problem after the first byte leaves half a file: whoever sends it breaks off.
    /// </summary>
    public async ValueTask<Outcome<Done>> WriteAsync(Stream target, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        var output = new ElementOutput(target, stream, file.Syntax.IsBigEndian);
        var elements = Elements;
        var problem = await pixels.BeginAsync(target.CanSeek, cancellationToken)
            ?? await output.WriteAsync(Head(), cancellationToken)
            ?? await output.WriteAsync(elements.Before.Concat(pixels.Tables), cancellationToken)
            ?? await pixels.WriteAsync(output, cancellationToken)
            ?? await output.WriteAsync(elements.After, cancellationToken);
        return problem is null ? default(Done) : problem;
    }

    private byte[] Head()
    {
        using var head = new MemoryStream();
        Part10Writer.WriteMeta(head, file.SopClassUid!, file.SopInstanceUid!, TransferSyntax);
        return head.ToArray();
    }
}
