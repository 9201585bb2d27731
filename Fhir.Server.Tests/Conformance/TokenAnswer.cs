using System.Buffers.Text;
using System.Text.Json;

namespace Fhir.Server.Tests.Conformance;

/// <summary>An answer of the token endpoint or one like it.</summary>
internal sealed class TokenAnswer
{
    private TokenAnswer(HttpResponseMessage answer, string text)
    {
        Status = (int)answer.StatusCode;
        Text = text;
        CacheControl = answer.Headers.CacheControl?.ToString();
        Pragma = answer.Headers.Pragma.ToString();
        ContentType = answer.Content.Headers.ContentType?.MediaType;
        Challenge = answer.Headers.WwwAuthenticate.ToString();
        Json = ContentType == "application/json" && text.Length > 0 ? JsonSerializer.Deserialize<JsonElement>(text) : default;
    }

    public int Status { get; }

    public string Text { get; }

    public string? ContentType { get; }

    public string? CacheControl { get; }

    public string Pragma { get; }

    /// <summary>WWW-Authenticate.</summary>
    public string Challenge { get; }

    public JsonElement Json { get; }

    public string? AccessToken => String("access_token");

    public string? RefreshToken => String("refresh_token");

    public string? IdToken => String("id_token");

    public string? Patient => String("patient");

    public string? Error => String("error");

    public IReadOnlyList<string> Scopes => String("scope")?.Split(' ') ?? [];

    public int? ExpiresIn => Find("expires_in") is { ValueKind: JsonValueKind.Number } value ? value.GetInt32() : null;

    public JsonElement? Find(string name) => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty(name, out var value) ? value : null;

    public string? String(string name) => Find(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Itself when it succeeded.</summary>
    public TokenAnswer Good()
    {
        Assert.That(Status, Is.EqualTo(200), Text);
        Assert.That(AccessToken, Is.Not.Null.And.Not.Empty, Text);
        return this;
    }

    /// <summary>Fails unless it is the error, with a status.</summary>
    public void IsRefused(string error, params int[] statuses)
    {
        Assert.That((Status, Error), Is.AnyOf([.. (statuses.Length == 0 ? [400] : statuses).Select(one => (object)(one, error))]), Text);
        Assert.That(AccessToken, Is.Null);
    }

    /// <summary>The claims of an id_token.</summary>
    public static JsonElement Part(string token, int part) => JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(token.Split('.')[part]));

    public static async Task<TokenAnswer> OfAsync(HttpResponseMessage answer) => new(answer, await answer.Content.ReadAsStringAsync());
}
