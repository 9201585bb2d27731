using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary>What the commands of clients, tokens and launches have in common: they ask the server that owns the store.</summary>
internal static class OperatorLink
{
    /// <summary>Asks; null after the reason was told.</summary>
    public static async Task<JsonNode?> AskAsync(
        IReadOnlyList<string> settings, Func<string[], WebApplication> build, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        // A server started for the command alone has nobody else to serve; accounts are open only in this mode.
        await using var server = await StoreServer.FindOrStartAsync([.. settings, "--Access:Mode", "Smart"], build, cancellationToken);
        using var client = server.MakeClient();
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        using var answer = await client.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.IsSuccessStatusCode)
        {
            return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text);
        }
        await Console.Error.WriteLineAsync(ReasonOf(text) ?? $"The server answered HTTP {(int)answer.StatusCode}. Does it run with Access:Mode=Smart?");
        return null;
    }

    private static string? ReasonOf(string text)
    {
        try
        {
            return (JsonNode.Parse(text) as JsonObject)?["error_description"]?.GetValue<string>();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
