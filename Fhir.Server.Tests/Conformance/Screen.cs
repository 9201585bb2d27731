using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Fhir.Server.Tests.Conformance;

/// <summary>What a browser shows after it has followed redirects as far as they stay on the server: a page, or the address it was sent away to.</summary>
internal sealed record Screen(int Status, Uri Address, IHtmlDocument? Page, Uri? Left, string Text)
{
    /// <summary>The forms of its main part, those that sign out or switch the language left aside.</summary>
    public IReadOnlyList<IHtmlFormElement> Forms => Page is null ? [] : [.. (Page.QuerySelector("main") ?? Page.Body!).QuerySelectorAll<IHtmlFormElement>("form")];

    /// <summary>The form with a field.</summary>
    public IHtmlFormElement? FormWith(string selector) => Forms.FirstOrDefault(form => form.QuerySelector(selector) is not null);

    /// <summary>What is to be read on it.</summary>
    public string Words => string.Join(' ', (Page?.Body?.TextContent ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    public override string ToString() => Left is not null ? $"left to {Left.GetLeftPart(UriPartial.Path)}" : $"{Status} at {Address.AbsolutePath}: {(Page is null ? Text : Words)}";

    public static async Task<Screen> OfAsync(HttpResponseMessage answer, Uri address)
    {
        var text = await answer.Content.ReadAsStringAsync();
        var page = answer.Content.Headers.ContentType?.MediaType == "text/html" ? await new HtmlParser().ParseDocumentAsync(text) : null;
        return new Screen((int)answer.StatusCode, address, page, null, text);
    }
}
