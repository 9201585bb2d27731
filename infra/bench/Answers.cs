using System.Text;
using System.Text.Json;

namespace Bench;

/// <summary>Looks at answers before they are measured: a fast wrong one would be no figure.</summary>
internal static class Answers
{
    private static readonly HttpClient Client = new();

    /// <summary>Sends a request made by <see cref="Requests"/>.</summary>
    /// <returns>The body of an answer of 200 or 201.</returns>
    public static byte[] Ask(Child server, byte[] request)
    {
        var end = request.AsSpan().IndexOf("\r\n\r\n"u8);
        var head = Encoding.ASCII.GetString(request, 0, end).Split("\r\n");
        var line = head[0].Split(' ');
        using var message = new HttpRequestMessage(new HttpMethod(line[0]), new Uri($"http://127.0.0.1:{server.Port}{line[1]}"));
        if (request.Length > end + 4)
        {
            message.Content = new ByteArrayContent(request, end + 4, request.Length - end - 4);
        }
        foreach (var header in head.Skip(2).Select(one => one.Split(": ", 2)))
        {
            if (!message.Headers.TryAddWithoutValidation(header[0], header[1]))
            {
                message.Content?.Headers.TryAddWithoutValidation(header[0], header[1]);
            }
        }
        using var answer = Client.Send(message);
        using var body = new MemoryStream();
        answer.Content.CopyTo(body, null, default);
        return (int)answer.StatusCode is 200 or 201
            ? body.ToArray()
            : throw new InvalidOperationException($"{head[0]} was answered with {(int)answer.StatusCode}: {Encoding.UTF8.GetString(body.ToArray())}");
    }

    /// <summary>A resource in JSON.</summary>
    public static void Resource(byte[] answer)
    {
        using var json = JsonDocument.Parse(answer);
        Hold(json.RootElement.TryGetProperty("id", out _), "A resource has no id.");
    }

    /// <summary>A Patient in XML.</summary>
    public static void Xml(byte[] answer) =>
        Hold(answer.AsSpan().IndexOf("<Patient xmlns=\"http://hl7.org/fhir\""u8) >= 0, "An answer is not a Patient in XML.");

    /// <summary>A searchset with so many matches.</summary>
    public static Action<byte[]> Matches(int least, int most) => answer =>
    {
        var matches = EntriesOf(answer, entry => entry.GetProperty("search").GetProperty("mode").GetString()!).Count(mode => mode == "match");
        Hold(matches >= least && matches <= most, $"A search found {matches} matches, not {least} to {most}.");
    };

    /// <summary>A Bundle with so many resources of each of these types; others (the Endpoints of a record) may be with them.</summary>
    public static Action<byte[]> Holds(params (string Type, int Count)[] expected) => answer =>
    {
        var types = EntriesOf(answer, entry => entry.GetProperty("resource").GetProperty("resourceType").GetString()!).CountBy(type => type).ToDictionary(one => one.Key, one => one.Value);
        foreach (var (type, count) in expected)
        {
            Hold(types.GetValueOrDefault(type) == count, $"A Bundle has {types.GetValueOrDefault(type)} of {type}, not {count}.");
        }
    };

    /// <summary>The answer to a batch or transaction of so many entries, each with this status.</summary>
    public static Action<byte[]> Statuses(int count, string status) => answer =>
    {
        var good = EntriesOf(answer, entry => entry.GetProperty("response").GetProperty("status").GetString()!).Count(one => one.StartsWith(status, StringComparison.Ordinal));
        Hold(good == count, $"{good} of {count} entries were answered with {status}.");
    };

    private static List<string> EntriesOf(byte[] answer, Func<JsonElement, string> read)
    {
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.TryGetProperty("entry", out var entries) ? [.. entries.EnumerateArray().Select(read)] : [];
    }

    private static void Hold(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
