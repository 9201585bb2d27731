using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Fhir.Server.Tests.SignIn;

/// <summary>A browser as far as pages without scripts need one: cookies, forms with their hidden fields; redirects are followed only when asked to.</summary>
internal sealed partial class Browser : IDisposable
{
    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false };
    private readonly HttpClient client;

    public Browser(PhrServer server, string? language = null)
    {
        client = new HttpClient(handler) { BaseAddress = server.Client.BaseAddress };
        if (language is not null)
        {
            client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        }
    }

    public CookieContainer Cookies => handler.CookieContainer;

    public HttpClient Client => client;

    /// <summary>GETs a page.</summary>
    public async Task<Page> GetAsync(string path) => await Page.OfAsync(await client.GetAsync(path));

    /// <summary>POSTs exactly these fields.</summary>
    public async Task<Page> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(one => KeyValuePair.Create(one.Name, one.Value)));
        return await Page.OfAsync(await client.PostAsync(path, content));
    }

    /// <summary>Opens a page and sends its form with that action: the fields as they stand there, but for those given.</summary>
    public async Task<Page> SendAsync(string page, string action, params (string Name, string Value)[] fields) =>
        await SendAsync(await GetAsync(page), action, fields);

    /// <summary>Sends a form of a page that is open.</summary>
    public async Task<Page> SendAsync(Page page, string action, params (string Name, string Value)[] fields)
    {
        var form = Forms().Matches(page.Html).FirstOrDefault(one => one.Groups["action"].Value == action)
            ?? throw new InvalidOperationException($"There is no form for {action} on the page: {page.Status} {page.Location} {page.Html}");
        var values = Inputs().Matches(form.Value).Where(one => one.Groups["value"].Success).ToDictionary(
            one => one.Groups["name"].Value, one => WebUtility.HtmlDecode(one.Groups["value"].Value));
        foreach (Match select in Selects().Matches(form.Value))
        {
            values[select.Groups["name"].Value] = select.Groups["value"].Value;
        }
        foreach (var (name, value) in fields)
        {
            values[name] = value;
        }
        return await PostAsync(action, [.. values.Select(one => (one.Key, one.Value))]);
    }

    /// <summary>Signs in by password; the page that answers.</summary>
    public Task<Page> SignInAsync(string email, string password, string? returnUrl = null) => SendAsync(
        "/account/sign-in?again=true" + (returnUrl is null ? "" : "&returnUrl=" + Uri.EscapeDataString(returnUrl)), "/account/sign-in", ("email", email), ("password", password));

    public void Dispose()
    {
        client.Dispose();
        handler.Dispose();
    }

    [GeneratedRegex("""<form method="post" action="(?<action>[^"]*)">.*?</form>""", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("""<input (?=[^>]*type="(?!checkbox))[^>]*?name="(?<name>[^"]*)"[^>]*?(value="(?<value>[^"]*)")[^>]*>""")]
    private static partial Regex Inputs();

    [GeneratedRegex("""<select [^>]*name="(?<name>[^"]*)">(?:(?!</select>).)*?<option value="(?<value>[^"]*)"(?: selected)?>""", RegexOptions.Singleline)]
    private static partial Regex Selects();
}

/// <summary>A page that came.</summary>
internal sealed record Page(HttpStatusCode Status, string? Location, string Html, HttpResponseMessage Answer)
{
    public static async Task<Page> OfAsync(HttpResponseMessage answer) =>
        new(answer.StatusCode, answer.Headers.Location?.OriginalString, await answer.Content.ReadAsStringAsync(), answer);
}

/// <summary>What the server mailed, by default into a folder beside its keys.</summary>
internal static partial class Mailbox
{
    /// <summary>All messages to an address, oldest first.</summary>
    public static IReadOnlyList<string> Of(PhrServer server, string address)
    {
        var folder = new DirectoryInfo(server.Folder + "-keys/mail");
        return folder.Exists
            ? [.. folder.GetFiles("*.eml").OrderBy(file => file.CreationTimeUtc).ThenBy(file => file.LastWriteTimeUtc).Select(file => File.ReadAllText(file.FullName, Encoding.UTF8))
                .Where(text => text.StartsWith($"To: {address}\r\n", StringComparison.Ordinal))]
            : [];
    }

    /// <summary>The link in the last message to an address, without the server's own.</summary>
    public static string LastLink(PhrServer server, string address) => Links().Match(Of(server, address)[^1]).Groups["path"].Value;

    [GeneratedRegex(@"https?://[^/\s]+(?<path>/\S+)")]
    private static partial Regex Links();
}
