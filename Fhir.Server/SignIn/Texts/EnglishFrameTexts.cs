namespace Fhir.Server.SignIn.Texts;

/// <summary>In English.</summary>
internal sealed class EnglishFrameTexts : FrameTexts
{
    public override string SkipToContent => "Skip to the content";

    public override string AccountNavigation => "Account";

    public override string SignOut => "Sign out";

    public override string FormExpired => "This page was open too long";

    public override string FormExpiredText => "Nothing was done. Go back, load the page again and send it once more.";

    public override string TooMany => "Too many attempts";

    public override string TooManyText(string minutes) => $"Wait about {minutes} minutes before you try again.";

    public override string NotFound => "There is no such page";
}
