using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Fhir.Server.Discs;

/// <summary>
/// The body of a store request: the files one after the other, straight from the disc. PS3.18 §10.5.1 and §8.7.1
/// </summary>
internal sealed class StowContent : HttpContent
{
    private const int ChunkLength = 128 * 1024;
    private static readonly byte[] PartEnd = "\r\n"u8.ToArray();
    private readonly IReadOnlyList<DiscInstance> files;
    private readonly Action<long> sent;
    private readonly byte[] partStart;
    private readonly byte[] end;

    /// <param name="files">What to send.</param>
    /// <param name="sent">Told again and again how many bytes are out.</param>
    public StowContent(IReadOnlyList<DiscInstance> files, Action<long> sent)
    {
        (this.files, this.sent) = (files, sent);
        var boundary = Guid.NewGuid().ToString("N");
        partStart = Encoding.ASCII.GetBytes($"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n");
        end = Encoding.ASCII.GetBytes($"--{boundary}--\r\n");
        Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/related; type=\"application/dicom\"; boundary={boundary}");
    }

    /// <summary>The file at which the body broke off; null when it did not.</summary>
    public DiscReadException? Unreadable { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkLength);
        try
        {
            var total = 0L;
            foreach (var file in files)
            {
                await stream.WriteAsync(partStart, cancellationToken);
                await CopyAsync(file, stream, chunk, total, cancellationToken);
                await stream.WriteAsync(PartEnd, cancellationToken);
                total += file.Length;
            }
            await stream.WriteAsync(end, cancellationToken);
        }
        catch (DiscReadException unreadable)
        {
            Unreadable = unreadable;
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = files.Sum(file => partStart.Length + file.Length + PartEnd.Length) + end.Length;
        return true;
    }

    private async Task CopyAsync(DiscInstance file, Stream stream, byte[] chunk, long before, CancellationToken cancellationToken)
    {
        await using var source = Open(file);
        for (var left = file.Length; left > 0;)
        {
            var read = await ReadAsync(file, source, chunk.AsMemory(0, (int)Math.Min(left, ChunkLength)), cancellationToken);
            await stream.WriteAsync(chunk.AsMemory(0, read), cancellationToken);
            left -= read;
            sent(before + file.Length - left);
        }
    }

    private static FileStream Open(DiscInstance file)
    {
        try
        {
            return new FileStream(file.Path, new FileStreamOptions
            {
                BufferSize = 0, Share = FileShare.ReadWrite, Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DiscReadException(file, "the file can no longer be opened", e);
        }
    }

    private static async ValueTask<int> ReadAsync(DiscInstance file, FileStream source, Memory<byte> chunk, CancellationToken cancellationToken)
    {
        try
        {
            var read = await source.ReadAsync(chunk, cancellationToken);
            return read > 0 ? read : throw new DiscReadException(file, "the file became shorter while it was sent");
        }
        catch (IOException e)
        {
            throw new DiscReadException(file, "the file cannot be read to its end", e);
        }
    }
}
