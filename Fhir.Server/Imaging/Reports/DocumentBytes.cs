using System.Text;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// The document an instance holds, as bytes: an encapsulated file as it lies in the instance, or the page of a structured report. The media
/// type comes from the SOP class; what a file says of itself is not repeated under this server's address.
/// </summary>
public sealed class DocumentBytes
{
    internal const string Pdf = "application/pdf";
    internal const string Xml = "text/xml";
    internal const string Html = "text/html";
    internal const string Dicom = "application/dicom";

    private readonly BulkValue? place;
    private readonly ReadOnlyMemory<byte> bytes;

    private DocumentBytes(string contentType, BulkValue? place, ReadOnlyMemory<byte> bytes)
    {
        (ContentType, this.place, this.bytes) = (contentType, place, bytes);
        Length = place?.Length ?? bytes.Length;
    }

    /// <summary>The media type.</summary>
    public string ContentType { get; }

    /// <summary>How many bytes there are.</summary>
    public long Length { get; }

    /// <summary>Opens the document of a stored instance; <c>NotFound</c> when it holds none. The stream takes the content with it when it is disposed.</summary>
    public static Outcome<DocumentStream> Open(IBlobContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        var stream = content.OpenStream();
        if (!Part10Reader.Read(stream).TryGet(out var file, out var problem))
        {
            stream.Dispose();
            return problem;
        }
        var found = file.SopClassUid != SopClasses.KeyObjectSelection && SopClasses.IsStructuredReport(file.SopClassUid)
            ? new DocumentBytes(Html, null, Encoding.UTF8.GetBytes(StructuredReport.ToPage(file.Dataset)))
            : Find(file);
        if (found is null)
        {
            stream.Dispose();
            return Problem.NotFound();
        }
        return new DocumentStream(found.ContentType, found.Open(stream, content));
    }

    /// <summary>The encapsulated file of an instance; null when there is none.</summary>
    internal static DocumentBytes? Find(DicomFile file)
    {
        if (SopClasses.EncapsulatedType(file.SopClassUid) is not { } type || file.Dataset.Find(DicomTag.EncapsulatedDocument) is not { IsEmpty: false } element)
        {
            return null;
        }
        var length = SopClasses.EncapsulatedLength(file.Dataset, element.Length);
        return element switch
        {
            { Bulk: { } bulk } when file.IsDeflated => new(type, null, file.Inflated.Slice((int)bulk.Offset, (int)length)),
            { Bulk: { } bulk } => new(type, bulk with { Length = length }, default),
            { Value.Length: > 0 } => new(type, null, element.Value[..(int)length]),
            _ => null,
        };
    }

    /// <summary>A stream over the bytes; <paramref name="owner"/> is disposed with it, and so is <paramref name="file"/> when there is one.</summary>
    internal Stream Open(Stream file, IDisposable? owner)
    {
        if (place is { } range)
        {
            return new SliceStream(file, range.Offset, range.Length, owner is null ? [] : [file, owner]);
        }
        if (owner is not null)
        {
            file.Dispose();
            owner.Dispose();
        }
        return new MemoryStream(bytes.ToArray(), writable: false);
    }
}

/// <summary>A document open for reading.</summary>
/// <param name="ContentType">Its media type.</param>
/// <param name="Content">Its bytes, seekable; the receiver disposes it.</param>
public sealed record DocumentStream(string ContentType, Stream Content);

/// <summary>A range of a seekable stream, as a stream of its own.</summary>
internal sealed class SliceStream(Stream whole, long offset, long length, IDisposable[] owned) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set => position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..Wanted(buffer.Length)];
        whole.Position = offset + position;
        var read = whole.Read(wanted);
        position += read;
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = buffer[..Wanted(buffer.Length)];
        whole.Position = offset + position;
        var read = await whole.ReadAsync(wanted, cancellationToken);
        position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var one in owned)
            {
                one.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    private int Wanted(int room) => (int)Math.Clamp(length - position, 0, room);
}
