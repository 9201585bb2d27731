using System.Globalization;
using System.Text.RegularExpressions;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>Numbers as searches write them, and those of resources. See https://hl7.org/fhir/R4/search.html#number</summary>
internal static partial class FhirNumbers
{
    private const int Longest = 64;

    /// <summary>
    /// Reads a number and the stretch its precision covers: <c>100</c> is [99.5, 100.5), <c>100.00</c> is [99.995, 100.005). With an
    /// exponent a whole number counts as written with one more digit, as R4 has it: <c>1e2</c> is [95, 105).
    /// </summary>
    public static bool TryParse(string text, out NumberValue number)
    {
        number = new(Comparison.Eq, 0, 0, 0);
        var match = text.Length > Longest ? Match.Empty : Pattern().Match(text);
        if (!match.Success)
        {
            return false;
        }

        var written = match.Groups["exponent"];
        var digits = match.Groups["fraction"].Length;
        var scale = written.Success ? int.Parse(written.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) - Math.Max(digits, 1) : -digits;
        if (scale >= -27 && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) && Half(scale) is { } half
            && decimal.MaxValue - Math.Abs(exact) > half)
        {
            number = new(Comparison.Eq, ToDouble(exact), ToDouble(exact - half), ToDouble(exact + half));
            return true;
        }

        var value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        var margin = double.Parse($"5e{scale - 1}", NumberStyles.Float, CultureInfo.InvariantCulture);
        number = new(Comparison.Eq, value, value - margin, value + margin);
        return double.IsFinite(value - margin) && double.IsFinite(value + margin);
    }

    /// <summary>The same number under a prefix; with <c>ap</c> widened by a tenth, as R4 recommends, but never less than the precision.</summary>
    public static NumberValue With(NumberValue number, Comparison comparison)
    {
        if (comparison != Comparison.Ap)
        {
            return number with { Comparison = comparison };
        }

        var margin = Math.Abs(number.Exact) / 10;
        return new(comparison, number.Exact, Math.Min(number.From, number.Exact - margin), Math.Max(number.Until, number.Exact + margin));
    }

    /// <summary>The number a primitive holds; null when it holds none.</summary>
    public static double? Read(PrimitiveType? primitive) => primitive?.JsonValue switch
    {
        decimal number => ToDouble(number),
        int number => number,
        long number => number,
        _ => null,
    };

    /// <summary>The nearest one, which a cast does not always give: numbers that differ only in zeros at their end must stay equal.</summary>
    private static double ToDouble(decimal number)
    {
        Span<char> text = stackalloc char[32];
        return number.TryFormat(text, out var length, provider: CultureInfo.InvariantCulture)
            ? double.Parse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture)
            : (double)number;
    }

    private static decimal? Half(int scale) => scale switch
    {
        > 27 => null,
        > 0 => 5 * Power(scale - 1),
        _ => new decimal(5, 0, 0, false, (byte)(1 - scale)),
    };

    private static decimal Power(int exponent)
    {
        var power = 1m;
        for (var i = 0; i < exponent; i++)
        {
            power *= 10;
        }

        return power;
    }

    [GeneratedRegex(@"\A[+-]?[0-9]+(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]{1,3}))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
