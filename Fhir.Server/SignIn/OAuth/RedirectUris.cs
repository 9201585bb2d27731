using System.Net;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Addresses a browser is sent back to: registered ones and no others. https://www.rfc-editor.org/rfc/rfc9700#section-2.1</summary>
internal static class RedirectUris
{
    /// <summary>Whether an address can be registered.</summary>
    public static bool IsAcceptable(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || text.Contains('#', StringComparison.Ordinal) || text.Contains('*', StringComparison.Ordinal))
        {
            return false;
        }
        // A native app's own scheme is a name it has, turned round, so that it has a dot (RFC 8252 §7.1).
        return uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback) || uri.Scheme.Contains('.', StringComparison.Ordinal);
    }

    /// <summary>Whether it is http on a loopback address, whose port may differ (RFC 8252 §7.3).</summary>
    public static bool IsLoopback(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsLoopback(uri);

    /// <summary>Whether an asked address is a registered one: to the letter, but for the port of a loopback address.</summary>
    public static bool Matches(string registered, string asked)
    {
        if (registered == asked)
        {
            return true;
        }
        return Uri.TryCreate(registered, UriKind.Absolute, out var known) && Uri.TryCreate(asked, UriKind.Absolute, out var uri)
            && IsLoopback(known) && IsLoopback(uri) && WithoutPort(registered, known) == WithoutPort(asked, uri);
    }

    private static bool IsLoopback(Uri uri) => uri.Scheme == Uri.UriSchemeHttp
        && (uri.Host == "localhost" || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)));

    /// <summary>The text itself, not what parsing makes of it: letters, slashes and escapes still count.</summary>
    private static string WithoutPort(string text, Uri uri)
    {
        var behind = text.IndexOf("//", StringComparison.Ordinal) + 2;
        var end = text.IndexOfAny(['/', '?'], behind);
        var authority = end < 0 ? text[behind..] : text[behind..end];
        var port = $":{uri.Port}";
        return text[..behind] + (authority.EndsWith(port, StringComparison.Ordinal) ? authority[..^port.Length] : authority) + (end < 0 ? "" : text[end..]);
    }
}
