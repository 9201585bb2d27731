using Fhir.Server.SignIn.Pages;

namespace Fhir.Server.SignIn.Texts;

/// <summary>What stands around every page. One table a language: a text that is missing in one does not compile.</summary>
internal abstract class FrameTexts
{
    private static readonly FrameTexts English = new EnglishFrameTexts();
    private static readonly FrameTexts Spanish = new SpanishFrameTexts();

    /// <summary>The table of a language.</summary>
    public static FrameTexts In(Language language) => language == Language.Spanish ? Spanish : English;

    /// <summary>What a language calls itself.</summary>
    public static string NameOf(Language language) => language == Language.Spanish ? "Español" : "English";

    public abstract string SkipToContent { get; }

    public abstract string AccountNavigation { get; }

    public abstract string SignOut { get; }

    public abstract string FormExpired { get; }

    public abstract string FormExpiredText { get; }

    public abstract string TooMany { get; }

    public abstract string TooManyText(string minutes);

    public abstract string NotFound { get; }
}
