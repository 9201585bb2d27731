using Fhir.Server.Access;
using Fhir.Server.SignIn.OAuth;
using Fhir.Server.SignIn.Pages;

namespace Fhir.Server.SignIn.Texts;

/// <summary>What pages say of apps and what they may do. One table a language: a text that is missing in one does not compile.</summary>
internal abstract class AppTexts
{
    private static readonly AppTexts English = new EnglishAppTexts();
    private static readonly AppTexts Spanish = new SpanishAppTexts();

    /// <summary>The table of a language.</summary>
    public static AppTexts In(Language language) => language == Language.Spanish ? Spanish : English;

    public abstract string CannotGoOn { get; }

    public abstract string UnknownApp { get; }

    public abstract string UnknownRedirect { get; }

    public abstract string Title(string app);

    public abstract string Asks(string app, string host);

    public abstract string WhoseRecord { get; }

    public abstract string YourOwn(string name);

    public abstract string AsProxy(string name);

    public abstract string OpenedByPortal(string name);

    public abstract string WhichStudy { get; }

    public abstract string WhatItMay { get; }

    public abstract string LessIsFine { get; }

    public abstract string AlsoNew { get; }

    public abstract string HowLong { get; }

    public abstract string OneHour { get; }

    public abstract string WhileSignedIn { get; }

    public abstract string UntilEnded(int days);

    public abstract string EndAnyTime { get; }

    public abstract string Allow { get; }

    public abstract string Deny { get; }

    public abstract string ChooseRecord { get; }

    public abstract string ChooseSomething { get; }

    public abstract string Apps { get; }

    public abstract string NoApps { get; }

    public abstract string AppsText { get; }

    public abstract string Since(string day);

    public abstract string LastUsed(string day);

    public abstract string RecordOf(string name);

    public abstract string Revoke(string app);

    public abstract string Revoked { get; }

    /// <summary>A scope in plain words.</summary>
    public string Say(string scope) => SmartScope.TryParse(scope, out var parsed)
        ? Say(Verbs(parsed.Letters), TypeName(parsed.Type), parsed.Level == ScopeLevel.User, parsed.Query is { } query ? Criterion(query) : null)
        : Named(scope);

    protected abstract string Named(string scope);

    protected abstract string Say(string verbs, string type, bool everywhere, string? criterion);

    protected abstract string See { get; }

    protected abstract string Search { get; }

    protected abstract string Add { get; }

    protected abstract string Change { get; }

    protected abstract string Remove { get; }

    protected abstract string And { get; }

    protected abstract string TypeName(string type);

    /// <summary>The query of a granular scope as it can be read: without the systems of codes.</summary>
    private static string Criterion(string query) => string.Join(", ", query.Split('&').Select(pair =>
        Uri.UnescapeDataString(pair).Split('=', 2) is [var name, var value] ? $"{name} {value[(value.LastIndexOf('|') + 1)..]}" : pair));

    private string Verbs(ScopeLetters letters)
    {
        var verbs = new List<string>();
        if (letters.HasFlag(ScopeLetters.Read) || letters.HasFlag(ScopeLetters.Search))
        {
            verbs.Add(letters.HasFlag(ScopeLetters.Read) ? See : Search);
        }
        AddIf(ScopeLetters.Create, Add);
        AddIf(ScopeLetters.Update, Change);
        AddIf(ScopeLetters.Delete, Remove);
        return verbs.Count == 1 ? verbs[0] : $"{string.Join(", ", verbs[..^1])} {And} {verbs[^1]}";

        void AddIf(ScopeLetters letter, string verb)
        {
            if (letters.HasFlag(letter))
            {
                verbs.Add(verb);
            }
        }
    }
}
