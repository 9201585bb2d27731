using Fhir.Server.Outcomes;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Places and distances on Earth. See https://hl7.org/fhir/R4/location.html#positional</summary>
internal static class Positions
{
    /// <summary>The mean radius of the Earth in metres.</summary>
    private const double Radius = 6_371_008.8;

    /// <summary>What "near" means when no distance is given: 50 km. R4 leaves it to the server.</summary>
    private const double NearEnough = 50_000;

    /// <summary>The place of a Location; null when it names none on Earth.</summary>
    public static PositionRow? Row(string parameter, Location.PositionComponent position, string? seriesUid) =>
        FhirNumbers.Read(position.LatitudeElement) is { } latitude && FhirNumbers.Read(position.LongitudeElement) is { } longitude
        && Point(latitude, longitude) is { } point
            ? new(parameter, point.X, point.Y, point.Z, seriesUid)
            : null;

    /// <summary>Reads <c>latitude|longitude|distance|units</c>; kilometres when no unit is given.</summary>
    public static Outcome<SearchValue> Read(string parameter, string text)
    {
        var parts = SearchSyntax.Split(text, '|').Select(SearchSyntax.Unescape).ToArray();
        if (parts.Length is < 2 or > 4 || Number(parts[0]) is not { } latitude || Number(parts[1]) is not { } longitude
            || Point(latitude, longitude) is not { } point)
        {
            return Problem.Invalid($"{parameter} takes latitude|longitude|distance|units, in degrees from -90 to 90 and from -180 to 180.");
        }

        var distance = NearEnough;
        var unit = parts.Length == 4 && parts[3].Length > 0 ? parts[3] : "km";
        if (parts.Length > 2 && parts[2].Length > 0)
        {
            if (Number(parts[2]) is not { } number || number < 0 || UcumUnits.Find(unit) is not { Base: "m" } length)
            {
                return Problem.Invalid($"{parameter} takes a distance of 0 or more and a UCUM unit of length, such as km, m or [mi_i].");
            }

            distance = length.Convert(number);
        }

        // Behind half the way around everything is near.
        return new PositionValue(point.X, point.Y, point.Z, 2 * Math.Sin(Math.Min(distance / (2 * Radius), Math.PI / 2)));
    }

    private static double? Number(string text) => FhirNumbers.TryParse(text, out var number) ? number.Exact : null;

    private static (double X, double Y, double Z)? Point(double latitude, double longitude)
    {
        if (!(Math.Abs(latitude) <= 90 && Math.Abs(longitude) <= 180))
        {
            return null;
        }

        var (sin, cos) = Math.SinCos(latitude * Math.PI / 180);
        var (east, ahead) = Math.SinCos(longitude * Math.PI / 180);
        return (cos * ahead, cos * east, sin);
    }
}
