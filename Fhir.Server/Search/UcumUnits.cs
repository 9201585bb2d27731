using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Fhir.Metrics;

namespace Fhir.Server.Search;

/// <summary>
/// A unit in the base units of UCUM (m, s, g, rad, K, C, cd): so many of them, and for temperatures so much more.
/// See https://ucum.org/ucum
/// </summary>
/// <param name="Base">The base units, as in <c>g.m-3</c>; empty for a pure number.</param>
/// <param name="Factor">Base units in one of the unit; above 0.</param>
/// <param name="Offset">Base units at 0 of the unit.</param>
internal sealed record CanonicalUnit(string Base, double Factor, double Offset)
{
    /// <summary>
    /// A number of the unit in base units; an open end stays open. Kept to twelve digits: what is equal on paper must be equal after it was
    /// multiplied, and nothing is measured more finely.
    /// </summary>
    public double Convert(double number) => number is double.MinValue or double.MaxValue ? number : Rounded((number * Factor) + Offset);

    private static double Rounded(double number)
    {
        Span<char> text = stackalloc char[32];
        return double.IsFinite(number) && number.TryFormat(text, out var length, "E11", CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : Math.Clamp(number, double.MinValue, double.MaxValue);
    }
}

/// <summary>Units of UCUM in their base units, each worked out once.</summary>
internal static partial class UcumUnits
{
    /// <summary>The system of UCUM codes.</summary>
    public const string System = "http://unitsofmeasure.org";

    private const int Longest = 64, Kept = 10_000;

    // Temperatures are no multiples of each other.
    private static readonly Dictionary<string, CanonicalUnit> Temperatures = new(StringComparer.Ordinal)
    {
        ["Cel"] = new("K", 1, 273.15),
        ["[degF]"] = new("K", 5.0 / 9, 459.67 * 5 / 9),
    };

    private static readonly Lazy<SystemOfUnits> Units = new(UCUM.Load);
    private static readonly Lock Gate = new();
    private static readonly ConcurrentDictionary<string, CanonicalUnit?> Known = new(StringComparer.Ordinal);

    /// <summary>
    /// The unit in base units; null when UCUM has no such unit, it is on no linear scale (pH, dB), or it is an arbitrary unit such as
    /// <c>[IU]</c>, which UCUM compares with nothing else.
    /// </summary>
    public static CanonicalUnit? Find(string code)
    {
        if (code.Length is 0 or > Longest || Arbitrary().IsMatch(code))
        {
            return null;
        }

        if (Temperatures.TryGetValue(code, out var temperature))
        {
            return temperature;
        }

        if (Known.TryGetValue(code, out var known))
        {
            return known;
        }

        var found = Work(code);
        if (Known.Count < Kept)
        {
            Known[code] = found;
        }

        return found;
    }

    private static CanonicalUnit? Work(string code)
    {
        // The library's tables are not meant for many threads.
        lock (Gate)
        {
            // If the tables themselves cannot be read, that is no matter of the code, and is not caught.
            var units = Units.Value;
            try
            {
                var one = units.Canonical(units.Quantity(1, code));
                var factor = (double)one.Value.Significand * Math.Pow(10, one.Value.Exponent);
                return factor > 0 && double.IsFinite(factor) ? new(BaseOf(one.Metric.Symbols), factor, 0) : null;
            }
            catch (Exception unknown) when (unknown is not OutOfMemoryException)
            {
                // The code is any text a sender wrote, and the parser says no in many ways.
                return null;
            }
        }
    }

    /// <summary>The same units give the same text: pure numbers left out, the rest in order.</summary>
    private static string BaseOf(string symbols) =>
        string.Join('.', symbols.Split('.').Where(symbol => !Number().IsMatch(symbol)).Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\[[^\]]*U\]", RegexOptions.CultureInvariant)]
    private static partial Regex Arbitrary();

    [GeneratedRegex(@"\A(1-?[0-9]*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
