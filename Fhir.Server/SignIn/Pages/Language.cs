using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Pages;

/// <summary>A language pages are written in.</summary>
public enum Language
{
    English,
    Spanish,
}

/// <summary>Which language a browser wants: what was chosen by the switch (a cookie), else Accept-Language (RFC 9110 §12.5.4), else English.</summary>
public static class Languages
{
    internal const string Cookie = "phr-language";

    /// <summary>The language of a request.</summary>
    public static Language LanguageOf(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Find(context.Request.Cookies[Cookie]) is { } chosen)
        {
            return chosen;
        }
        return context.Request.GetTypedHeaders().AcceptLanguage
            .Where(one => (one.Quality ?? 1) > 0).OrderByDescending(one => one.Quality ?? 1)
            .Select(one => Find(one.Value.ToString().Split('-')[0])).FirstOrDefault(one => one is not null) ?? Language.English;
    }

    /// <summary>As BCP 47 writes it.</summary>
    public static string Tag(this Language language) => language == Language.Spanish ? "es" : "en";

    internal static Language? Find(string? tag) => tag?.ToUpperInvariant() switch { "EN" => Language.English, "ES" => Language.Spanish, _ => null };
}
