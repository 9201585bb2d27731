using System.Text.Json;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;

namespace Fhir.Server.Rest;

/// <summary>One entry of a batch or transaction as it was sent. See https://hl7.org/fhir/R4/bundle-definitions.html#Bundle.entry</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="FullUrl">How the others call it; null when it is not said.</param>
/// <param name="Resource">JSON of the resource; empty when there is none.</param>
/// <param name="Method">GET, HEAD, POST, PUT, PATCH or DELETE.</param>
/// <param name="Path">What stands before the question mark, relative to the FHIR base.</param>
/// <param name="Query">What stands behind it, without; empty for none.</param>
/// <param name="IfMatch">As the header.</param>
/// <param name="IfNoneMatch">As the header.</param>
/// <param name="IfModifiedSince">An instant.</param>
/// <param name="IfNoneExist">The criteria of a conditional create.</param>
internal sealed record BundleEntry(
    int Index, string? FullUrl, ReadOnlyMemory<byte> Resource, string Method, string Path, string Query,
    string? IfMatch, string? IfNoneMatch, string? IfModifiedSince, string? IfNoneExist)
{
    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    /// <summary>How problems call it.</summary>
    public string Expression => ExpressionOf(Index);

    public static string ExpressionOf(int index) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Bundle.entry[{index}]");

    /// <summary>The parts of <see cref="Path"/>.</summary>
    public string[] Segments => Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads an entry; <c>Invalid</c> when it asks nothing, or not of this server.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="entry">Its JSON.</param>
    /// <param name="resource">JSON of its resource.</param>
    /// <param name="fhirBase">The address of this server.</param>
    public static Outcome<BundleEntry> Read(int index, JsonElement entry, ReadOnlyMemory<byte> resource, string fhirBase)
    {
        Problem At(string text) => Problem.Invalid(text, ExpressionOf(index) + ".request");
        if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("request", out var request) || request.ValueKind != JsonValueKind.Object)
        {
            return At("An entry has no request, so it says nothing that could be done.");
        }
        var method = Text(request, "method");
        var url = Text(request, "url");
        if (method is null || !Methods.Contains(method, StringComparer.Ordinal) || url is null)
        {
            return At("An entry's request needs a method (GET, HEAD, POST, PUT, PATCH, DELETE) and a url.");
        }
        if (url.StartsWith(fhirBase + "/", StringComparison.Ordinal))
        {
            url = url[(fhirBase.Length + 1)..];
        }
        else if (url.Contains("://", StringComparison.Ordinal) && url.IndexOf("://", StringComparison.Ordinal) < (url.IndexOf('?', StringComparison.Ordinal) is var mark and >= 0 ? mark : int.MaxValue))
        {
            return At("An entry asks another server.");
        }
        url = url.TrimStart('/');
        var question = url.IndexOf('?', StringComparison.Ordinal);
        var (path, query) = question < 0 ? (url, "") : (url[..question], url[(question + 1)..]);
        if (path.Split('/').Any(part => part is "." or "..") || path.Contains('\\', StringComparison.Ordinal) || path.Contains('#', StringComparison.Ordinal)
            || path.Contains("%00", StringComparison.Ordinal) || path.Contains('\0', StringComparison.Ordinal))
        {
            return At("An entry's url is not an address below the FHIR base.");
        }
        return new BundleEntry(
            index, Text(entry, "fullUrl"), resource, method, path, query,
            Text(request, "ifMatch"), Text(request, "ifNoneMatch"), Text(request, "ifModifiedSince"), Text(request, "ifNoneExist"));
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
}

/// <summary>A batch or transaction as it was sent.</summary>
/// <param name="IsTransaction">All or nothing; else each for itself.</param>
/// <param name="Entries">In their order; the ones that could not be read as their problem.</param>
internal sealed record BundleRequest(bool IsTransaction, IReadOnlyList<Outcome<BundleEntry>> Entries)
{
    /// <summary>Bytes such a bundle may have.</summary>
    public const int Limit = 100 << 20;

    /// <summary>Entries it may have.</summary>
    public const int EntryLimit = 20_000;

    /// <summary>Reads a bundle; what its resources are is judged with each.</summary>
    public static Outcome<BundleRequest> Read(ReadOnlyMemory<byte> json, string fhirBase)
    {
        if (JsonText.Fault(json.Span) is { } fault)
        {
            return Problem.Invalid(fault);
        }
        if (JsonText.TypeOf(json.Span) != "Bundle")
        {
            return Problem.Invalid("What is posted to the FHIR base is a Bundle.", "Resource");
        }
        using var document = JsonDocument.Parse(json);
        var type = document.RootElement.TryGetProperty("type", out var told) && told.ValueKind == JsonValueKind.String ? told.GetString() : null;
        if (type is not ("batch" or "transaction"))
        {
            return Problem.Invalid("A Bundle that is to be done is a batch or a transaction; one that is to be kept is posted to Bundle.", "Bundle.type");
        }
        if (!document.RootElement.TryGetProperty("entry", out var entries))
        {
            return new BundleRequest(type == "transaction", []);
        }
        if (entries.ValueKind != JsonValueKind.Array)
        {
            return Problem.Invalid("Bundle.entry is not a list.", "Bundle.entry");
        }
        if (entries.GetArrayLength() > EntryLimit)
        {
            return Problem.TooCostly(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"A Bundle may have at most {EntryLimit} entries."));
        }
        var places = ResourcePlaces(json);
        return new BundleRequest(
            type == "transaction", [.. entries.EnumerateArray().Select((entry, i) => BundleEntry.Read(i, entry, places[i], fhirBase))]);
    }

    /// <summary>Where the JSON of each entry's resource is.</summary>
    private static List<ReadOnlyMemory<byte>> ResourcePlaces(ReadOnlyMemory<byte> json)
    {
        var places = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isEntry = reader.ValueTextEquals("entry");
            reader.Read();
            if (!isEntry)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                places.Add(ResourceOf(ref reader, json));
            }
        }
        return places;
    }

    private static ReadOnlyMemory<byte> ResourceOf(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        var found = ReadOnlyMemory<byte>.Empty;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return found;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isResource = reader.ValueTextEquals("resource");
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            found = isResource ? json[from..(int)reader.BytesConsumed] : found;
        }
        return found;
    }
}
