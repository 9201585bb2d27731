namespace Fhir.Server.SignIn.Pages;

/// <summary>The pieces forms are made of: every field has its label, and what is wrong with it is told at it.</summary>
internal static class Fields
{
    /// <summary>A line of text.</summary>
    /// <param name="name">Of the field; its id too.</param>
    /// <param name="label">What stands above.</param>
    /// <param name="type">Of the input.</param>
    /// <param name="value">What it holds already.</param>
    /// <param name="autocomplete">What a browser may fill in (HTML §4.10.18.7.1).</param>
    /// <param name="hint">What helps to fill it in.</param>
    /// <param name="problem">What was wrong with it.</param>
    /// <param name="isRequired">Whether it may be empty.</param>
    public static Html Text(
        string name, string label, string type = "text", string? value = null, string autocomplete = "off", string? hint = null, string? problem = null, bool isRequired = true)
    {
        Html hinted = hint is null ? Html.Empty : $"<span class=\"hint\" id=\"{name}-hint\">{hint}</span>";
        Html wrong = problem is null ? Html.Empty : $"<span class=\"problem\" id=\"{name}-problem\">{problem}</span>";
        var describing = string.Join(' ', new[] { problem is null ? null : $"{name}-problem", hint is null ? null : $"{name}-hint" }.OfType<string>());
        Html described = describing.Length == 0 ? Html.Empty : $" aria-describedby=\"{describing}\"";
        Html invalid = problem is null ? Html.Empty : $" aria-invalid=\"true\"";
        Html required = isRequired ? (Html)$" required" : Html.Empty;
        return $"""
            <div class="field"><label for="{name}">{label}</label>{hinted}
            <input id="{name}" name="{name}" type="{type}" value="{value}" autocomplete="{autocomplete}"{required}{described}{invalid}>{wrong}</div>
            """;
    }

    /// <summary>One of several.</summary>
    public static Html Choice(string name, string label, IEnumerable<(string Value, string Text)> options, string? chosen = null)
    {
        var made = Html.Join(options.Select(option => Option(option.Value, option.Text, option.Value == chosen)));
        return $"<div class=\"field\"><label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\">{made}</select></div>";
    }

    /// <summary>Yes or no.</summary>
    public static Html Tick(string name, string label, bool isTicked = false, string? hint = null)
    {
        Html ticked = isTicked ? (Html)$" checked" : Html.Empty;
        Html hinted = hint is null ? Html.Empty : $"<span class=\"hint\">{hint}</span>";
        return $"<div class=\"field tick\"><input type=\"checkbox\" id=\"{name}\" name=\"{name}\" value=\"yes\"{ticked}><label for=\"{name}\">{label}{hinted}</label></div>";
    }

    /// <summary>A field nobody sees.</summary>
    public static Html Hidden(string name, string? value) => $"<input type=\"hidden\" name=\"{name}\" value=\"{value}\">";

    /// <summary>What went wrong with the whole form; read aloud at once.</summary>
    public static Html Alert(string? text) => text is null ? Html.Empty : $"<p class=\"problem\" role=\"alert\">{text}</p>";

    /// <summary>What went well.</summary>
    public static Html Notice(string? text) => text is null ? Html.Empty : $"<p class=\"notice\" role=\"status\">{text}</p>";

    private static Html Option(string value, string text, bool isChosen) =>
        isChosen ? $"<option value=\"{value}\" selected>{text}</option>" : (Html)$"<option value=\"{value}\">{text}</option>";
}
