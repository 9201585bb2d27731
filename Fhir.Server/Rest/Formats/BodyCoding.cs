using System.IO.Compression;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Rest.Formats;

/// <summary>Bodies that come compressed: by gzip, and no further than a limit. See https://hl7.org/fhir/R4/http.html#mime-type and RFC 9110 §8.4</summary>
internal static class BodyCoding
{
    private const int Chunk = 64 * 1024;

    /// <summary>A problem when a body has a coding that is not understood.</summary>
    public static Problem? Unsupported(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString().Trim() is not { Length: > 0 } coding || coding.Equals("identity", StringComparison.OrdinalIgnoreCase) || IsGzip(request)
            ? null
            : Problem.Unsupported("A body is sent plain or by gzip.");

    /// <summary>Whether a body comes by gzip.</summary>
    public static bool IsGzip(HttpRequest request) =>
        request.Headers.ContentEncoding.ToString().Trim() is var coding && (coding.Equals("gzip", StringComparison.OrdinalIgnoreCase) || coding.Equals("x-gzip", StringComparison.OrdinalIgnoreCase));

    /// <summary>What gzip holds; <c>TooLarge</c> as soon as it is more than the limit, <c>Invalid</c> when it is broken or cut short.</summary>
    public static Outcome<ReadOnlyMemory<byte>> Inflate(ReadOnlyMemory<byte> bytes, int limit)
    {
        var inflated = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(bytes.ToArray(), writable: false), CompressionMode.Decompress);
            var buffer = new byte[Chunk];
            int read;
            while ((read = gzip.Read(buffer)) > 0)
            {
                inflated.Write(buffer.AsSpan(0, read));
                if (inflated.Length > limit)
                {
                    return Problem.TooLarge($"A body may have at most {limit} bytes, also when it comes by gzip.");
                }
            }
        }
        catch (InvalidDataException)
        {
            return Problem.Invalid("The body is not the gzip it is said to be.");
        }
        return (ReadOnlyMemory<byte>)inflated.GetBuffer().AsMemory(0, (int)inflated.Length);
    }
}
