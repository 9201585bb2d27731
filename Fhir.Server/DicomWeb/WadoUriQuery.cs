using System.Globalization;
using Fhir.Server.Outcomes;
using Fhir.Server.Rendering;

namespace Fhir.Server.DicomWeb;

/// <summary>What a WADO-URI request asks for. PS3.18 §9.1.2 and §9.4, §9.5</summary>
internal sealed record WadoUriQuery
{
    public required string Study { get; init; }

    public required string Series { get; init; }

    public required string Instance { get; init; }

    /// <summary>Media types, best first; those of <c>contentType</c>, else of the request.</summary>
    public required IReadOnlyList<AcceptedType> Accepted { get; init; }

    /// <summary>Null for as stored.</summary>
    public string? TransferSyntax { get; init; }

    /// <summary>From 1; null when none is named.</summary>
    public int? Frame { get; init; }

    public VoiWindow? Window { get; init; }

    /// <summary>Pixels across and down at most.</summary>
    public (int? Columns, int? Rows) Size { get; init; }

    /// <summary>Left, top, right, bottom, from 0 to 1.</summary>
    public double[]? Region { get; init; }

    /// <summary>From 1 to 100.</summary>
    public int Quality { get; init; } = Rendering.Formats.PictureEncoder.DefaultQuality;

    public Captions Captions { get; init; }

    /// <summary>Series and instance of a presentation state of the same study.</summary>
    public (string Series, string Instance)? Presentation { get; init; }

    /// <summary>Reads it; <c>Invalid</c> naming the parameter that is missing or makes no sense.</summary>
    public static Outcome<WadoUriQuery> Read(HttpRequest request)
    {
        string? Text(string name) => request.Query.TryGetValue(name, out var value) && value.ToString().Trim() is { Length: > 0 } text ? text : null;

        if (Text("requestType") != "WADO")
        {
            return Problem.Invalid("The parameter requestType must be WADO.");
        }
        if (Text("studyUID") is not { } study || Text("seriesUID") is not { } series || Text("objectUID") is not { } instance)
        {
            return Problem.Invalid("The parameters studyUID, seriesUID and objectUID are all needed.");
        }
        if (Text("anonymize") is { } anonymize)
        {
            return anonymize == "yes"
                ? Problem.NotAcceptable("This server does not take identities out of what it gives.") : Problem.Invalid("The parameter anonymize can only be yes.");
        }
        var numbers = new Numbers(Text);
        var query = new WadoUriQuery
        {
            Study = study, Series = series, Instance = instance,
            Accepted = Text("contentType") is { } types ? AcceptedType.ReadAll(types) : AcceptedType.Of(request),
            TransferSyntax = Text("transferSyntax") is { } syntax and not "*" ? syntax : null,
            Frame = numbers.Whole("frameNumber", int.MaxValue),
            Window = numbers.Window(),
            Size = (numbers.Whole("columns", Viewport.Limit), numbers.Whole("rows", Viewport.Limit)),
            Region = numbers.Region(),
            Quality = numbers.Whole("imageQuality", 100) ?? Rendering.Formats.PictureEncoder.DefaultQuality,
            Captions = CaptionsOf(Text("annotation")),
            Presentation = (Text("presentationSeriesUID"), Text("presentationUID")) is ({ } stateSeries, { } state) ? (stateSeries, state) : null,
        };
        return numbers.Problem is { } problem ? problem
            : query.Presentation is null && (Text("presentationUID") ?? Text("presentationSeriesUID")) is not null
                ? Problem.Invalid("The parameters presentationUID and presentationSeriesUID are needed together.")
            : query;
    }

    /// <summary>Size and part of the picture; null for all of the image in its own size.</summary>
    public Viewport? ViewportOf(int columns, int rows)
    {
        if (Region is not [var left, var top, var right, var bottom])
        {
            return Size is (null, null) ? null : new Viewport(Size.Columns ?? Viewport.Limit, Size.Rows ?? Viewport.Limit);
        }
        var (width, height) = ((right - left) * columns, (bottom - top) * rows);
        var ownSize = Size is (null, null);
        return new Viewport(
            ownSize ? SideOf(width) : Size.Columns ?? Viewport.Limit, ownSize ? SideOf(height) : Size.Rows ?? Viewport.Limit,
            left * columns, top * rows, width, height);
    }

    private static int SideOf(double length) => (int)Math.Clamp(Math.Round(length), 1, Viewport.Limit);

    private static Captions CaptionsOf(string? annotation) => (annotation ?? "").Split(',', StringSplitOptions.TrimEntries).Aggregate(
        Captions.None, (all, one) => all | one switch { "patient" => Captions.Patient, "technique" => Captions.Technique, _ => Captions.None });

    /// <summary>Reads numbers, and remembers the first that is none.</summary>
    private sealed class Numbers(Func<string, string?> text)
    {
        public Problem? Problem { get; private set; }

        public int? Whole(string name, int limit)
        {
            if (text(name) is not { } said)
            {
                return null;
            }
            if (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= limit)
            {
                return number;
            }
            Problem ??= Problem.Invalid(string.Create(CultureInfo.InvariantCulture, $"The parameter {name} is a whole number from 1 to {limit}."));
            return null;
        }

        public VoiWindow? Window()
        {
            var (center, width) = (text("windowCenter"), text("windowWidth"));
            if (center is null && width is null)
            {
                return null;
            }
            if (center is not null && width is not null && VoiWindow.Parse($"{center},{width}").TryGet(out var window, out _))
            {
                return window;
            }
            Problem ??= Problem.Invalid("The parameters windowCenter and windowWidth are numbers, needed together, and the width is at least 1.");
            return null;
        }

        public double[]? Region()
        {
            if (text("region") is not { } said)
            {
                return null;
            }
            var parts = said.Split(',').Select(part =>
                double.TryParse(part.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : double.NaN).ToArray();
            if (parts is [var left, var top, var right, var bottom] && Array.TrueForAll(parts, part => part is >= 0 and <= 1) && left < right && top < bottom)
            {
                return parts;
            }
            Problem ??= Problem.Invalid("The parameter region is left,top,right,bottom, each from 0 to 1.");
            return null;
        }
    }
}
