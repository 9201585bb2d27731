using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Fhir.Server.Tests.Conformance;

/// <summary>What a person decides on the authorisation pages.</summary>
internal sealed partial record Choice
{
    /// <summary>Everything that was asked for.</summary>
    public static Choice Everything { get; } = new();

    /// <summary>No.</summary>
    public static Choice Deny { get; } = new() { IsYes = false };

    public bool IsYes { get; init; } = true;

    /// <summary>Which of the scopes are ticked; those that cannot be unticked stay.</summary>
    public Func<string, bool> Ticks { get; init; } = _ => true;

    /// <summary>Whose record, where there is a choice; the person's own when null.</summary>
    public string? Record { get; init; }

    /// <summary>The id of the ImagingStudy that is chosen, where there is a choice; the first when null.</summary>
    public string? Study { get; init; }

    /// <summary>What a forged form has beside: the value of one more checkbox.</summary>
    public string? Added { get; init; }

    /// <summary>Whether the record is sent though it was not among those to choose from.</summary>
    public bool Forged { get; init; }

    /// <summary>Yes to all but some scopes.</summary>
    public static Choice Without(params string[] scopes) => new() { Ticks = scope => !scopes.Contains(scope) };

    /// <summary>Fills a form in. A checkbox's value is the scope it stands for; a radio button's or an option's names a record.</summary>
    public void Fill(IHtmlFormElement form, string ownRecord)
    {
        foreach (var box in form.QuerySelectorAll<IHtmlInputElement>("input[type=checkbox]"))
        {
            box.IsChecked = Ticks(box.GetAttribute("value") ?? "");
        }
        if (Added is not null && form.QuerySelector<IHtmlInputElement>("input[type=checkbox]") is { } pattern)
        {
            var forged = (IHtmlInputElement)pattern.Clone();
            (forged.Value, forged.IsChecked) = (Added, true);
            form.AppendChild(forged);
        }
        var record = Record ?? ownRecord;
        var radios = form.QuerySelectorAll<IHtmlInputElement>("input[type=radio]").ToList();
        if (Forged && radios.Count > 0)
        {
            radios[0].SetAttribute("value", record);
        }
        // What the page has chosen already stays, where it does not offer the wanted one; where it has chosen nothing, the first is as good as any.
        if (radios.Find(radio => Names(radio.GetAttribute("value"), record) || Names(radio.GetAttribute("value"), Study ?? "")) is { } wanted)
        {
            radios.ForEach(radio => radio.IsChecked = radio == wanted);
        }
        else if (radios.Count > 0 && !radios.Exists(radio => radio.IsChecked))
        {
            radios[0].IsChecked = true;
        }
        foreach (var option in form.QuerySelectorAll<IHtmlOptionElement>("option").Where(option => Names(option.Value, record)))
        {
            option.IsSelected = true;
        }
    }

    /// <summary>The button for yes or for no; where words do not tell, the first is yes.</summary>
    public static IHtmlElement? ButtonOf(IHtmlFormElement form, bool isYes)
    {
        var buttons = form.QuerySelectorAll<IHtmlElement>("button:not([type=button]):not([type=reset]),input[type=submit]").ToList();
        return isYes ? buttons.FirstOrDefault(one => !IsNo(one)) : buttons.FirstOrDefault(IsNo);
    }

    private static bool Names(string? value, string record) => value is not null && record.Length > 0 && value.Split('/').Contains(record);

    private static bool IsNo(IHtmlElement button) => No().IsMatch($"{button.GetAttribute("name")} {button.GetAttribute("value")} {button.TextContent}");

    [GeneratedRegex(@"\b(deny|denied|cancel|refuse|no|do not|don.t|reject|decline)\b", RegexOptions.IgnoreCase)]
    private static partial Regex No();
}
