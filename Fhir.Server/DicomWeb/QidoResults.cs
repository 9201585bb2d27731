using System.Buffers;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Storage;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// The results of a search as they are sent: what the index lacks is read from metadata some results at a time, so that a page of ten
/// thousand takes no more memory than a few of them.
/// </summary>
internal sealed class QidoResults(GuardedRecord guard, QidoAnswer answer, IReadOnlyList<QidoRow> rows, DicomWebBase webBase)
{
    private const int AtOnce = 100;
    private const long BytesAtOnce = 4 << 20;

    public int Count => rows.Count;

    public ValueTask WriteAsync(IBufferWriter<byte> output, QidoRow row, ReadOnlyMemory<byte> metadata, CancellationToken cancellationToken) =>
        answer.WriteAsync(output, row, metadata, webBase, cancellationToken);

    public string BaseOf(QidoRow row) => webBase.Of(row.Record);

    /// <summary>Each result with the metadata pieces it needs.</summary>
    public async IAsyncEnumerable<(QidoRow Row, ReadOnlyMemory<byte> Metadata)> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var done = 0; done < rows.Count;)
        {
            var some = rows.Skip(done).Take(AtOnce).ToList();
            // Either every result of a search needs some or none does; a series without instances has none to read.
            var pieces = answer.NeedsMetadata
                ? await guard.MetadataAsync([.. some.Select(row => row.Metadata ?? default)], BytesAtOnce, cancellationToken)
                : [.. some.Select(_ => ReadOnlyMemory<byte>.Empty)];
            foreach (var (row, metadata) in some.Zip(pieces))
            {
                yield return (row, metadata);
            }
            done += pieces.Count;
        }
    }
}

/// <summary>The results of a search as one DICOM JSON array, gzipped for who takes that; sent while it is written.</summary>
internal sealed class QidoJsonResult(QidoResults results, string mediaType, bool gzip) : IResult
{
    private const int SendAt = 1 << 16;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancelled) = (httpContext.Response, httpContext.RequestAborted);
        response.ContentType = mediaType;
        if (gzip)
        {
            response.Headers.ContentEncoding = "gzip";
        }
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }
        await using var body = gzip ? new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true) : null;
        var output = body ?? response.Body;
        var buffer = new ArrayBufferWriter<byte>(SendAt);
        buffer.Write("["u8);
        var isFirst = true;
        await foreach (var (row, metadata) in results.ReadAsync(cancelled))
        {
            if (!isFirst)
            {
                buffer.Write(","u8);
            }
            isFirst = false;
            await results.WriteAsync(buffer, row, metadata, cancelled);
            if (buffer.WrittenCount >= SendAt)
            {
                await output.WriteAsync(buffer.WrittenMemory, cancelled);
                buffer.ResetWrittenCount();
            }
        }
        buffer.Write("]"u8);
        await output.WriteAsync(buffer.WrittenMemory, cancelled);
    }
}

/// <summary>The results of a search as the Native DICOM Model, a part a result, each made when its turn comes. PS3.18 §8.7.3, PS3.19 §A.1</summary>
internal sealed class QidoXmlResult(QidoResults results) : IResult
{
    private readonly MultipartFrame frame = new(XmlMetadata.MediaType, Guid.NewGuid().ToString("N"));

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var (response, cancelled) = (httpContext.Response, httpContext.RequestAborted);
        if (results.Count == 0)
        {
            // Nothing at all has no parts.
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        response.ContentType = frame.ContentType;
        if (HttpMethods.IsHead(httpContext.Request.Method))
        {
            return;
        }
        var json = new ArrayBufferWriter<byte>();
        var isFirst = true;
        await foreach (var (row, metadata) in results.ReadAsync(cancelled))
        {
            json.ResetWrittenCount();
            await results.WriteAsync(json, row, metadata, cancelled);
            var content = new HeldContent(Xml(json.WrittenSpan, results.BaseOf(row)));
            await response.BodyWriter.WriteAsync(frame.HeadOf(new MultipartPart(XmlMetadata.MediaType, null, content), isFirst), cancelled);
            await content.CopyAsync(response.BodyWriter, cancelled);
            isFirst = false;
        }
        await response.BodyWriter.WriteAsync(frame.End, cancelled);
    }

    private static ReadOnlyMemory<byte> Xml(ReadOnlySpan<byte> json, string baseAddress)
    {
        if (!DicomJsonReader.Read(json).TryGet(out var read, out var problem))
        {
            throw new InvalidOperationException("A search result could not be read back: " + problem.Text);
        }
        using var xml = new MemoryStream();
        DicomXml.Write(xml, read.Dataset, baseAddress);
        return xml.GetBuffer().AsMemory(0, (int)xml.Length);
    }
}
