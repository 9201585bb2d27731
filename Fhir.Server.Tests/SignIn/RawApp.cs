using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.Tests.SignIn;

/// <summary>An app that speaks the protocol by hand, so that it can also do it wrongly.</summary>
internal sealed class RawApp(OAuthWorld world, string id = "app")
{
    /// <summary>The test vector of RFC 7636 appendix B.</summary>
    public const string Verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    public const string Challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    public const string State = "state with / and ?";

    public string Id => id;

    /// <summary>An authorization request in order, but for what is changed; null leaves a parameter out.</summary>
    public Dictionary<string, string> Request(string scope, params (string Name, string? Value)[] changes)
    {
        var request = new Dictionary<string, string>
        {
            ["response_type"] = "code", ["client_id"] = id, ["redirect_uri"] = OAuthWorld.Redirect, ["scope"] = scope, ["state"] = State,
            ["aud"] = world.Fhir, ["code_challenge"] = Challenge, ["code_challenge_method"] = "S256",
        };
        foreach (var (name, value) in changes)
        {
            request.Remove(name);
            if (value is not null)
            {
                request[name] = value;
            }
        }
        return request;
    }

    /// <summary>Sends a request as a browser is sent; the answer, whatever it is.</summary>
    public static Task<HttpResponseMessage> AskAsync(AppBrowser browser, Dictionary<string, string> request, bool post = false) => post
        ? browser.PostAsync("/oauth/authorize", request)
        : browser.GetAsync(QueryHelpers.AddQueryString("/oauth/authorize", request!));

    /// <summary>What the app is told at its redirect address.</summary>
    public static Dictionary<string, string> Told(HttpResponseMessage answer)
    {
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Redirect).Or.EqualTo(HttpStatusCode.SeeOther));
        Assert.That(answer.Headers.Location!.ToString(), Does.StartWith(OAuthWorld.Redirect + "?"));
        return QueryHelpers.ParseQuery(answer.Headers.Location!.Query).ToDictionary(one => one.Key, one => one.Value.ToString());
    }

    /// <summary>The authorisation screen of a request.</summary>
    public static async Task<AppBrowser.Form> ScreenAsync(AppBrowser browser, Dictionary<string, string> request, bool post = false)
    {
        using var page = await AskAsync(browser, request, post);
        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK), page.Headers.Location?.ToString());
        return AppBrowser.Form.Of(await page.Content.ReadAsStringAsync(), "/oauth/authorize");
    }

    /// <summary>Allows what was asked, less what is taken away; what the app is told.</summary>
    public static async Task<Dictionary<string, string>> AllowAsync(
        AppBrowser browser, Dictionary<string, string> request, Func<string, bool>? keep = null, string? record = null)
    {
        var form = await ScreenAsync(browser, request);
        form = form.Without(one => one.Key == "granted" && keep?.Invoke(one.Value) == false).With(("decision", "allow"));
        using var answer = await browser.PostAsync("/oauth/authorize", (record is null ? form : form.With(("record", record))).Fields);
        return Told(answer);
    }

    /// <summary>A code for scopes, allowed by somebody.</summary>
    public async Task<string> CodeAsync(string scope, string user = "ada", Func<string, bool>? keep = null, string? record = null, params (string, string?)[] changes)
    {
        using var browser = await world.BrowserOfAsync(user);
        return await CodeAsync(browser, scope, keep, record, changes);
    }

    public async Task<string> CodeAsync(AppBrowser browser, string scope, Func<string, bool>? keep = null, string? record = null, params (string, string?)[] changes)
    {
        var told = await AllowAsync(browser, Request(scope, changes), keep, record);
        Assert.That(told, Does.ContainKey("code"), string.Join(' ', told));
        return told["code"];
    }

    /// <summary>Sends a token request.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, IEnumerable<KeyValuePair<string, string>> form, string? basic = null)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, world.Address + path) { Content = new FormUrlEncodedContent(form) };
        if (basic is not null)
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes($"{Uri.EscapeDataString(id)}:{Uri.EscapeDataString(basic)}")));
        }
        return await client.SendAsync(request);
    }

    /// <summary>The form that exchanges a code, but for what is changed.</summary>
    public Dictionary<string, string> Exchange(string code, params (string Name, string? Value)[] changes) => Changed(
        new()
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = OAuthWorld.Redirect, ["client_id"] = id, ["code_verifier"] = Verifier,
        },
        changes);

    /// <summary>The form that refreshes, but for what is changed.</summary>
    public Dictionary<string, string> Refresh(string token, params (string Name, string? Value)[] changes) =>
        Changed(new() { ["grant_type"] = "refresh_token", ["refresh_token"] = token, ["client_id"] = id }, changes);

    /// <summary>The whole way to a token response.</summary>
    public async Task<JsonElement> TokenAsync(string scope, string user = "ada", Func<string, bool>? keep = null, string? record = null, params (string, string?)[] changes) =>
        await GoodAsync("/oauth/token", Exchange(await CodeAsync(scope, user, keep, record, changes)));

    /// <summary>Sends a form that must be answered with 200 and JSON.</summary>
    public async Task<JsonElement> GoodAsync(string path, Dictionary<string, string> form, string? basic = null)
    {
        using var answer = await PostAsync(path, form, basic);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Sends a form that must be refused; the error.</summary>
    public async Task<string> RefusedAsync(string path, Dictionary<string, string> form, HttpStatusCode status = HttpStatusCode.BadRequest, string? basic = null)
    {
        using var answer = await PostAsync(path, form, basic);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), text);
        return JsonDocument.Parse(text).RootElement.GetProperty("error").GetString()!;
    }

    private static Dictionary<string, string> Changed(Dictionary<string, string> form, (string Name, string? Value)[] changes)
    {
        foreach (var (name, value) in changes)
        {
            form.Remove(name);
            if (value is not null)
            {
                form[name] = value;
            }
        }
        return form;
    }
}
