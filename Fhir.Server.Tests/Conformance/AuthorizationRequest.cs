namespace Fhir.Server.Tests.Conformance;

/// <summary>An authorization request: its parameters can be changed or left out. smart.md §2</summary>
internal sealed class AuthorizationRequest
{
    public AuthorizationRequest(string client, string redirectUri, string scope, string audience, string? launch = null)
    {
        Pkce = Pkce.Make();
        State = Pkce.Secret();
        Parameters = new Dictionary<string, string>
        {
            ["response_type"] = "code", ["client_id"] = client, ["redirect_uri"] = redirectUri, ["scope"] = scope, ["state"] = State,
            ["aud"] = audience, ["code_challenge"] = Pkce.Challenge, ["code_challenge_method"] = "S256",
        };
        if (launch is not null)
        {
            Parameters["launch"] = launch;
        }
    }

    public Pkce Pkce { get; }

    public string State { get; }

    public Dictionary<string, string> Parameters { get; }

    /// <summary>The same with a parameter changed, or left out when null.</summary>
    public AuthorizationRequest With(string name, string? value)
    {
        if (value is null)
        {
            Parameters.Remove(name);
        }
        else
        {
            Parameters[name] = value;
        }
        return this;
    }

    public string Query => string.Join('&', Parameters.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"));
}

/// <summary>What came of it: the parameters the app was sent, or the page the person was left at.</summary>
internal sealed record AuthorizationAnswer(Screen Last, IReadOnlyDictionary<string, string> Sent, IReadOnlyList<Screen> Screens)
{
    public string? Code => Sent.GetValueOrDefault("code");

    public string? Error => Sent.GetValueOrDefault("error");

    public string? State => Sent.GetValueOrDefault("state");

    public override string ToString() => Last.Left is null
        ? Last.ToString() : string.Join('&', Sent.Where(one => one.Key is not ("code" or "state")).Select(one => $"{one.Key}={one.Value}").Append(Code is null ? "no code" : "a code"));
}
