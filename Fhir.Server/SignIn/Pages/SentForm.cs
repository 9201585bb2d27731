using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Pages;

/// <summary>A form that was sent.</summary>
internal sealed class SentForm
{
    private const int LongestLine = 2_000;
    private readonly IFormCollection fields;

    private SentForm(IFormCollection fields) => this.fields = fields;

    /// <summary>Reads the form of a request; an empty one when its body is none.</summary>
    public static async Task<SentForm> ReadAsync(HttpContext context) =>
        new(context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty);

    /// <summary>A line, trimmed, cut at a length nobody types; empty when there is none.</summary>
    public string Line(string name) => Raw(name).Trim() is { Length: > LongestLine } line ? line[..LongestLine] : Raw(name).Trim();

    /// <summary>As it was sent; for passwords.</summary>
    public string Raw(string name) => fields[name].ToString();

    /// <summary>Whether a tick was set.</summary>
    public bool Ticked(string name) => fields[name] == "yes";
}
