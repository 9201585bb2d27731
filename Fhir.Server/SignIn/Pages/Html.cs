using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace Fhir.Server.SignIn.Pages;

/// <summary>
/// Markup. Written as an interpolated string, <c>Html page = $"&lt;p&gt;{name}&lt;/p&gt;"</c>: what stands in the source stays as it is, and everything
/// that is put in is encoded, for text and for quoted attributes alike, unless it is markup itself. There is no other way to make one.
/// </summary>
[InterpolatedStringHandler]
public sealed class Html
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder text;

    /// <summary>Called by the compiler.</summary>
    public Html(int literalLength, int formattedCount) => text = new StringBuilder(literalLength + (16 * formattedCount));

    /// <summary>Nothing.</summary>
    public static Html Empty => $"";

    /// <summary>One after another.</summary>
    public static Html Join(IEnumerable<Html> parts) => $"{parts}";

    /// <summary>Markup of the server's own source.</summary>
    public void AppendLiteral(string value) => text.Append(value);

    /// <summary>Text from anywhere, encoded.</summary>
    public void AppendFormatted(string? value) => text.Append(Encoder.Encode(value ?? ""));

    /// <summary>A number or the like, encoded.</summary>
    public void AppendFormatted<T>(T value, string? format = null)
        where T : IFormattable => AppendFormatted(value.ToString(format, CultureInfo.InvariantCulture));

    /// <summary>Markup, as it is.</summary>
    public void AppendFormatted(Html? value) => text.Append(value?.text);

    /// <summary>Several pieces of markup.</summary>
    public void AppendFormatted(IEnumerable<Html> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
        {
            text.Append(value.text);
        }
    }

    public override string ToString() => text.ToString();
}
