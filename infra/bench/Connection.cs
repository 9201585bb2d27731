using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Bench;

/// <summary>
/// A kept-alive HTTP/1.1 connection that sends bytes made beforehand and looks at no more of an answer than its status and its end:
/// client and server share the machine's cores, so whatever the client saves makes the comparison sharper.
/// </summary>
internal sealed class Connection : IDisposable
{
    private const int KeptOfChunks = 7;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
    private readonly byte[] buffer = new byte[256 * 1024];

    public Connection(int port) => socket.Connect(IPAddress.Loopback, port);

    /// <summary>Sends a request and reads the whole answer.</summary>
    /// <returns>The status.</returns>
    public int Ask(ReadOnlySpan<byte> request)
    {
        while (!request.IsEmpty)
        {
            request = request[socket.Send(request)..];
        }
        var (filled, end) = (0, -1);
        while (end < 0)
        {
            filled += Receive(filled);
            end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
        }
        var head = Encoding.ASCII.GetString(buffer, 0, end + 2);
        if (head.Contains("Transfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase))
        {
            while (!buffer.AsSpan(0, filled).EndsWith("\r\n0\r\n\r\n"u8))
            {
                if (filled > buffer.Length / 2)
                {
                    buffer.AsSpan(filled - KeptOfChunks, KeptOfChunks).CopyTo(buffer);
                    filled = KeptOfChunks;
                }
                filled += Receive(filled);
            }
        }
        else
        {
            for (var left = LengthOf(head) - (filled - end - 4); left > 0;)
            {
                left -= Receive(0);
            }
        }
        return int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
    }

    public void Dispose() => socket.Dispose();

    private static long LengthOf(string head)
    {
        const string Name = "Content-Length: ";
        var at = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        return long.Parse(head.AsSpan(at, head.IndexOf('\r', at) - at), CultureInfo.InvariantCulture);
    }

    private int Receive(int from)
    {
        var read = socket.Receive(buffer, from, buffer.Length - from, SocketFlags.None);
        return read > 0 ? read : throw new IOException("The connection was closed before the answer ended.");
    }
}

/// <summary>Requests as they go over the wire.</summary>
internal static class Requests
{
    public static byte[] Get(string path, string accept = "*/*", string more = "") =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n{more}\r\n");

    public static byte[] Send(string method, string path, string contentType, ReadOnlySpan<byte> body) =>
    [
        .. Encoding.ASCII.GetBytes($"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n"),
        .. body,
    ];

    /// <summary>A STOW of several instances in one request.</summary>
    public static byte[] Stow(string path, IReadOnlyList<byte[]> instances)
    {
        using var body = new MemoryStream();
        foreach (var instance in instances)
        {
            body.Write("--bench\r\nContent-Type: application/dicom\r\n\r\n"u8);
            body.Write(instance);
            body.Write("\r\n"u8);
        }
        body.Write("--bench--\r\n"u8);
        return Send("POST", path, "multipart/related; type=\"application/dicom\"; boundary=bench", body.ToArray());
    }
}
