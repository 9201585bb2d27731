using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Fhir.Server.Tests.Conformance;

/// <summary>A browser without scripts: keeps cookies, follows redirects by hand as long as they stay on the server, sends forms as HTML says.</summary>
internal sealed class Browser : IDisposable
{
    private const int MostRedirects = 10;
    private readonly CookieContainer cookies = new();
    private readonly HttpClient client;
    private readonly string server;

    public Browser(string server, string language = "en")
    {
        this.server = server;
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = cookies }) { BaseAddress = new Uri(server) };
        client.DefaultRequestHeaders.Add("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        client.DefaultRequestHeaders.Add("Accept-Language", language);
    }

    public Task<Screen> OpenAsync(string address) => GoAsync(HttpMethod.Get, new Uri(new Uri(server), address), null);

    public Task<Screen> PostAsync(string address, IEnumerable<KeyValuePair<string, string>> fields) =>
        GoAsync(HttpMethod.Post, new Uri(new Uri(server), address), fields.ToList());

    /// <summary>Sends a form of a page by one of its buttons.</summary>
    public Task<Screen> SendAsync(Screen screen, IHtmlFormElement form, IHtmlElement? button)
    {
        var action = new Uri(screen.Address, form.GetAttribute("action") ?? screen.Address.ToString());
        var fields = Fields(form, button).ToList();
        if (!string.Equals(form.GetAttribute("method"), "post", StringComparison.OrdinalIgnoreCase))
        {
            var query = string.Join('&', fields.Select(one => $"{Uri.EscapeDataString(one.Key)}={Uri.EscapeDataString(one.Value)}"));
            return GoAsync(HttpMethod.Get, new UriBuilder(action) { Query = query }.Uri, null);
        }
        return GoAsync(HttpMethod.Post, action, fields);
    }

    public void Dispose() => client.Dispose();

    private async Task<Screen> GoAsync(HttpMethod method, Uri address, List<KeyValuePair<string, string>>? fields)
    {
        for (var redirect = 0; redirect < MostRedirects; redirect++)
        {
            using var request = new HttpRequestMessage(method, address) { Content = fields is null ? null : new FormUrlEncodedContent(fields) };
            using var answer = await client.SendAsync(request);
            if ((int)answer.StatusCode is < 300 or > 399 || answer.Headers.Location is null)
            {
                return await Screen.OfAsync(answer, address);
            }
            var next = new Uri(address, answer.Headers.Location);
            if (!next.ToString().StartsWith(server + "/", StringComparison.Ordinal) || next.AbsolutePath.StartsWith("/app/", StringComparison.Ordinal))
            {
                return new Screen((int)answer.StatusCode, address, null, next, "");
            }
            // 307 and 308 alone keep the method and the body.
            if ((int)answer.StatusCode is not (307 or 308))
            {
                (method, fields) = (HttpMethod.Get, null);
            }
            address = next;
        }
        throw new InvalidOperationException($"The server redirects for ever, last to {address.GetLeftPart(UriPartial.Path)}.");
    }

    /// <summary>The successful controls (HTML §4.10.22.4).</summary>
    private static IEnumerable<KeyValuePair<string, string>> Fields(IHtmlFormElement form, IHtmlElement? button)
    {
        foreach (var element in form.Elements.OfType<IHtmlElement>())
        {
            var name = element.GetAttribute("name");
            if (string.IsNullOrEmpty(name) || element.HasAttribute("disabled"))
            {
                continue;
            }
            switch (element)
            {
                case IHtmlInputElement { Type: "checkbox" or "radio" } box:
                    if (box.IsChecked)
                    {
                        yield return new(name, box.GetAttribute("value") ?? "on");
                    }
                    break;
                case IHtmlInputElement { Type: "submit" or "button" or "image" or "reset" } or IHtmlButtonElement:
                    if (element == button)
                    {
                        yield return new(name, element.GetAttribute("value") ?? "");
                    }
                    break;
                case IHtmlInputElement input:
                    yield return new(name, input.Value);
                    break;
                case IHtmlSelectElement select:
                    foreach (var option in select.Options.Where(one => one.IsSelected))
                    {
                        yield return new(name, option.Value);
                    }
                    break;
                case IHtmlTextAreaElement area:
                    yield return new(name, area.Value);
                    break;
                default:
                    break;
            }
        }
    }
}
