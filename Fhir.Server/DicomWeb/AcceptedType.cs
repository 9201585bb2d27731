using System.Globalization;

namespace Fhir.Server.DicomWeb;

/// <summary>
/// One media type a caller accepts, read as leniently as clients write them: <c>type</c> and <c>transfer-syntax</c> quoted or not.
/// PS3.18 §8.7.5
/// </summary>
/// <param name="Type">As <c>multipart/related</c>; lower case.</param>
/// <param name="Root">The <c>type</c> parameter of a multipart; lower case; null when absent.</param>
/// <param name="TransferSyntax">A UID or <c>*</c>; null when absent.</param>
/// <param name="Quality">From 0 to 1.</param>
internal sealed record AcceptedType(string Type, string? Root, string? TransferSyntax, double Quality)
{
    public bool IsMultipart => Type == "multipart/related";

    public bool IsAnything => Type == "*/*";

    /// <summary>A range of types, as <c>image/*</c>.</summary>
    public bool IsRange => Type.EndsWith("/*", StringComparison.Ordinal);

    /// <summary>The media type of what is inside: the root of a multipart, else the type itself; <c>*/*</c> for a multipart without root.</summary>
    public string Inner => IsMultipart ? Root ?? "*/*" : Type;

    /// <summary>No transfer syntax in particular is asked for.</summary>
    public bool TakesAnySyntax => TransferSyntax is null or "*";

    /// <summary>Whether a media type is what is wanted inside: by its name, by <c>*/*</c> or by the first half and a star.</summary>
    public bool Takes(string mediaType) => Inner == mediaType || Inner == "*/*"
        || (Inner.EndsWith("/*", StringComparison.Ordinal) && mediaType.StartsWith(Inner[..^1], StringComparison.Ordinal));

    /// <summary>What a request accepts, best first, of equal ones the more definite: the <c>accept</c> query parameter before the header; anything when it says nothing.</summary>
    public static IReadOnlyList<AcceptedType> Of(HttpRequest request)
    {
        return ReadAll(request.Query.TryGetValue("accept", out var asked) ? asked.ToString() : string.Join(',', request.Headers.Accept.AsEnumerable()));
    }

    /// <summary>The types of a list, best first; anything when it is empty.</summary>
    public static IReadOnlyList<AcceptedType> ReadAll(string text)
    {
        // A plus that was not encoded arrives as a blank, and no media type has one.
        text = text.Replace("dicom json", "dicom+json", StringComparison.OrdinalIgnoreCase).Replace("dicom xml", "dicom+xml", StringComparison.OrdinalIgnoreCase);
        var types = Split(text, ',').Select(Parse).OfType<AcceptedType>().Where(type => type.Quality > 0).ToList();
        return types.Count == 0 && text.Trim().Length == 0
            ? [new AcceptedType("*/*", null, null, 1)]
            : [.. types.OrderByDescending(type => type.Quality).ThenBy(type => type.IsRange)];
    }

    /// <summary>The first type that can be given, and whether as multipart; null when none can.</summary>
    /// <param name="request">Who asks.</param>
    /// <param name="gives">Whether what is asked for can be given as a type says.</param>
    /// <param name="isOne">Whether it is one part, which may go alone.</param>
    /// <param name="prefersAlone">Whether a single part goes alone to who takes anything.</param>
    public static (AcceptedType Type, bool AsMultipart)? Choose(HttpRequest request, Func<AcceptedType, bool> gives, bool isOne, bool prefersAlone = false)
    {
        foreach (var type in Of(request).Where(gives))
        {
            if (type.IsMultipart || (type.IsAnything && !(isOne && prefersAlone)))
            {
                return (type, true);
            }
            if (isOne)
            {
                return (type, false);
            }
        }
        return null;
    }

    private static AcceptedType? Parse(string text)
    {
        var parts = Split(text, ';').Select(part => part.Trim()).ToList();
        if (parts is not [{ Length: > 0 } type, ..])
        {
            return null;
        }
        var parameters = parts.Skip(1).Select(part => part.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0].Trim().ToLowerInvariant()).ToDictionary(group => group.Key, group => group.First()[1].Trim().Trim('"'));
        var quality = parameters.TryGetValue("q", out var q) && double.TryParse(q, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : 1;
        return new AcceptedType(
            type.ToLowerInvariant(), parameters.GetValueOrDefault("type")?.ToLowerInvariant(), parameters.GetValueOrDefault("transfer-syntax"), quality);
    }

    private static List<string> Split(string text, char separator)
    {
        var parts = new List<string>();
        var (start, quoted) = (0, false);
        for (var i = 0; i < text.Length; i++)
        {
            quoted ^= text[i] == '"';
            if (text[i] == separator && !quoted)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }
        parts.Add(text[start..]);
        return parts;
    }
}
