using System.Text.RegularExpressions;

namespace Fhir.Server.Search;

/// <summary>Reads references as text, in resources and in queries alike. See https://hl7.org/fhir/R4/references.html#literal</summary>
/// <param name="publicBaseUrl">References that begin with it are references to this server.</param>
internal sealed partial class References(string? publicBaseUrl)
{
    private readonly string? ownBase = string.IsNullOrEmpty(publicBaseUrl) ? null : publicBaseUrl.TrimEnd('/') + "/";

    /// <summary>Type and id for a resource of this server; no type and the whole text for anything else. The version is dropped.</summary>
    public (string? Type, string Id) Read(string reference)
    {
        var text = WithoutVersion(reference);
        var local = ownBase is not null && text.StartsWith(ownBase, StringComparison.OrdinalIgnoreCase) ? text[ownBase.Length..] : text;
        var slash = local.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && SearchParameters.IsResourceType(local[..slash]) && IsId(local[(slash + 1)..])
            ? (local[..slash], local[(slash + 1)..])
            : (null, text);
    }

    /// <summary>The type a literal reference shows, also one that leads away: <c>http://other/fhir/Patient/1</c> is a Patient.</summary>
    public static string? ShownType(string reference)
    {
        var parts = WithoutVersion(reference).Split('/');
        return parts.Length >= 2 && SearchParameters.IsResourceType(parts[^2]) ? parts[^2] : null;
    }

    /// <summary>Whether this can be an id. See https://hl7.org/fhir/R4/datatypes.html#id</summary>
    public static bool IsId(string text) => Id().IsMatch(text);

    private static string WithoutVersion(string reference) =>
        reference.IndexOf("/_history/", StringComparison.Ordinal) is > 0 and var at ? reference[..at] : reference;

    [GeneratedRegex(@"\A[A-Za-z0-9\-.]{1,64}\z")]
    private static partial Regex Id();
}
