using System.Globalization;
using System.Runtime.CompilerServices;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.DicomWeb;

/// <summary>One part of a store request.</summary>
/// <param name="Type">Its media type; null when it names none.</param>
/// <param name="Location">Its Content-Location; null without.</param>
/// <param name="Body">Its bytes; to be read before the next part is asked for.</param>
internal sealed record StowPart(AcceptedType? Type, string? Location, Stream Body);

/// <summary>The body of a store request: what it is declared to be, and its parts. PS3.18 §10.5.1</summary>
internal sealed class StowBody
{
    public const string Dicom = "application/dicom";
    public const string Json = "application/dicom+json";
    public const string Xml = "application/dicom+xml";

    /// <summary>RFC 2046 §5.1.1 allows 70 characters; Orthanc sends 73.</summary>
    private const int BoundaryLimit = 200;

    private readonly HttpRequest request;
    private readonly string? boundary;

    private StowBody(HttpRequest request, string? boundary, string? root)
    {
        this.request = request;
        this.boundary = boundary;
        Root = root;
    }

    /// <summary>The media type of what is stored: of the single part, or the root of a multipart; null when a multipart does not name it.</summary>
    public string? Root { get; }

    /// <summary>Null when the request's media type is none of those that are stored.</summary>
    public static StowBody? Of(HttpRequest request)
    {
        switch (TypeOf(request.ContentType))
        {
            case { Type: Dicom }:
                return new StowBody(request, null, Dicom);
            case { IsMultipart: true, Root: null or Dicom or Json or Xml } type when BoundaryOf(request) is { } boundary:
                return new StowBody(request, boundary, type.Root);
            default:
                return null;
        }
    }

    /// <summary>The parts one after the other; a problem is the last.</summary>
    public async IAsyncEnumerable<Outcome<StowPart>> PartsAsync(StowOptions limits, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var watched = new WatchedStream(
            request.Body, limits.RequestLimit, limits.StallLimit, new SlownessWatch(limits.MinimumRate, limits.RateWindow), cancellationToken);
        if (boundary is null)
        {
            yield return new StowPart(TypeOf(Dicom), null, watched);
            yield break;
        }
        var reader = new MultipartReader(boundary, watched) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        for (var count = 0; ; count++)
        {
            if (!(await NextAsync(reader, cancellationToken)).TryGet(out var section, out var problem))
            {
                yield return problem;
                yield break;
            }
            if (section is null)
            {
                yield break;
            }
            if (count == limits.PartLimit)
            {
                yield return Problem.TooLarge(string.Create(CultureInfo.InvariantCulture, $"A request may have at most {limits.PartLimit} parts."));
                yield break;
            }
            var location = section.Headers is { } headers && headers.TryGetValue("Content-Location", out var named) ? named.ToString() : null;
            yield return new StowPart(TypeOf(section.ContentType), location, section.Body);
        }
    }

    private static async ValueTask<Outcome<MultipartSection?>> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return Intake.ProblemOf(broken);
        }
    }

    private static AcceptedType? TypeOf(string? header)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            return null;
        }
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = header;
        return AcceptedType.Of(request) is [var type, ..] ? type : null;
    }

    private static string? BoundaryOf(HttpRequest request)
    {
        // Clients send type=application/dicom without quotes, which a strict parser of media types refuses.
        var text = request.ContentType ?? "";
        var at = text.IndexOf("boundary", StringComparison.OrdinalIgnoreCase);
        var rest = at < 0 ? "" : text[(at + "boundary".Length)..].TrimStart();
        if (!rest.StartsWith('='))
        {
            return null;
        }
        var value = rest[1..].TrimStart();
        var boundary = value.StartsWith('"') ? value[1..].Split('"')[0] : value.Split(';')[0].Trim();
        return boundary.Length is > 0 and <= BoundaryLimit ? HeaderUtilities.RemoveQuotes(boundary).Value : null;
    }
}
