using System.Text;

namespace Fhir.Server.Imaging.Reports;

/// <summary>
/// Writes a content tree as the XHTML a narrative may hold: headings, paragraphs, lists; every value escaped. UIDs are left out: they say
/// nothing to people, and may name what a reader may not see. See https://hl7.org/fhir/R4/narrative.html
/// </summary>
internal sealed class ReportText
{
    private const int SmallestHeading = 6;
    private const string Punctuation = ".,;:!?)";

    private readonly StringBuilder html = new();
    private readonly int limit;

    private ReportText(int limit) => this.limit = limit;

    private bool IsFull => html.Length >= limit;

    /// <summary>The tree as one <c>div</c> of at most about so many characters; what does not fit is said to be left out.</summary>
    public static string ToDiv(ContentItem root, int limit)
    {
        var text = new ReportText(limit);
        text.html.Append("<div xmlns=\"http://www.w3.org/1999/xhtml\">");
        text.Heading(root.Name?.Text ?? "Report", 2);
        text.Children(root, 3);
        if (text.IsFull)
        {
            text.html.Append("<p>The report is longer than is shown here.</p>");
        }
        return text.html.Append("</div>").ToString();
    }

    /// <summary>A document of its own around what <see cref="ToDiv"/> gives.</summary>
    public static string ToPage(ContentItem root, string? language)
    {
        var page = new StringBuilder("<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\"");
        if (language is not null)
        {
            page.Append(" lang=\"").Append(language).Append('"');
        }
        page.Append("><head><meta charset=\"utf-8\"/><title>");
        Escape(page, root.Name?.Text ?? "Report", page.Length + DicomText.LongestPhrase);
        return page.Append("</title></head><body>").Append(ToDiv(root, ReportLimits.Page)).Append("</body></html>\n").ToString();
    }

    /// <summary>Text with its line ends, which become LF, and without other control characters or halves of characters; null when nothing is left.</summary>
    public static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || (!Rune.IsControl(rune) && rune != Rune.ReplacementChar && (rune.Value & 0xFFFE) != 0xFFFE))
            {
                clean.Append(rune);
            }
        }
        var trimmed = clean.ToString().Trim();
        return trimmed.Length == 0 ? null : trimmed;
    }

    private void Children(ContentItem item, int heading)
    {
        // Words of a sentence, without their names: only where there are sentences.
        var flows = item.IsContinuous && item.Children.Any(child => child.IsA("TEXT") && child.Relationship == "CONTAINS");
        var isOpen = false;
        foreach (var child in item.Children.TakeWhile(_ => !IsFull))
        {
            if (flows && child is { Relationship: "CONTAINS", Text: { } words } && !child.IsA("UIDREF") && Shown(child).Count == 0)
            {
                html.Append(isOpen ? Punctuation.Contains(words[0]) ? "" : " " : "<p>");
                Escape(html, words, limit);
                isOpen = true;
                continue;
            }
            html.Append(isOpen ? "</p>" : "");
            isOpen = false;
            Item(child, heading);
        }
        html.Append(isOpen ? "</p>" : "");
    }

    private void Item(ContentItem item, int heading)
    {
        if (item.IsA("UIDREF") || Concepts.IsLanguage(item.Name))
        {
            return;
        }
        if (item.IsA("CONTAINER"))
        {
            if (item.Name is { } title)
            {
                Heading(title.Text, heading);
            }
            Children(item, heading + 1);
            return;
        }
        html.Append("<p>");
        Line(item);
        html.Append("</p>");
        Below(item);
    }

    /// <summary>What belongs to an item of text: a list, in which lists may stand.</summary>
    private void Below(ContentItem item)
    {
        var parts = Shown(item);
        if (parts.Count == 0 || IsFull)
        {
            return;
        }
        html.Append("<ul>");
        foreach (var part in parts.TakeWhile(_ => !IsFull))
        {
            html.Append("<li>");
            Line(part);
            Below(part);
            html.Append("</li>");
        }
        html.Append("</ul>");
    }

    private static List<ContentItem> Shown(ContentItem item) =>
        [.. item.Children.Where(child => !child.IsA("UIDREF") && (child.Text is not null || child.Children.Count > 0))];

    private void Line(ContentItem item)
    {
        if (item.Name is { } name)
        {
            html.Append("<b>");
            Escape(html, name.Text, limit);
            html.Append("</b>: ");
        }
        var value = item.Text ?? item.ValueType switch
        {
            "NUM" => item.Qualifier?.Text ?? "no value",
            "IMAGE" => "an image",
            "WAVEFORM" => "a waveform",
            "COMPOSITE" => "another object",
            "SCOORD" or "SCOORD3D" => "a region",
            "TCOORD" => "a moment",
            _ => "",
        };
        Escape(html, value, limit);
    }

    private void Heading(string text, int level)
    {
        var tag = $"h{Math.Min(level, SmallestHeading)}";
        html.Append('<').Append(tag).Append('>');
        Escape(html, text, limit);
        html.Append("</").Append(tag).Append('>');
    }

    private static void Escape(StringBuilder html, string text, int limit)
    {
        foreach (var rune in (Clean(text) ?? "").EnumerateRunes())
        {
            if (html.Length >= limit)
            {
                return;
            }
            _ = rune.Value switch
            {
                '&' => html.Append("&amp;"),
                '<' => html.Append("&lt;"),
                '>' => html.Append("&gt;"),
                '"' => html.Append("&quot;"),
                '\n' => html.Append("<br/>"),
                _ => html.Append(rune),
            };
        }
    }
}
