using System.Globalization;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>Dates, numbers and quantities, which have an order. See https://hl7.org/fhir/R4/search.html#prefix</summary>
internal static partial class SearchOracle
{
    /// <summary>What the test takes for now.</summary>
    public static readonly DateTimeOffset Now = new(2026, 2, 14, 9, 30, 0, TimeSpan.Zero);

    /// <summary>So many base units are one of these, and where their 0 is.</summary>
    private static readonly Dictionary<string, (string Of, decimal Factor, decimal Zero)> Ucum = new()
    {
        ["mg"] = ("g", 0.001m, 0), ["g"] = ("g", 1, 0), ["kg"] = ("g", 1000, 0), ["mm"] = ("m", 0.001m, 0), ["m"] = ("m", 1, 0),
        ["K"] = ("K", 1, 0), ["Cel"] = ("K", 1, 273.15m), ["[degF]"] = ("K", 5m / 9, 459.67m * 5 / 9), ["{score}"] = ("1", 1, 0),
    };

    private sealed record Measure(decimal Low, decimal High, string? System, string? Code, string? Unit);

    private static bool Compared((DateTimeOffset From, DateTimeOffset Until) row, string value)
    {
        var (prefix, text) = Prefix(value);
        var (from, until) = Stretch(text);
        switch (prefix)
        {
            case "eq": return from <= row.From && row.Until <= until;
            case "ne": return !(from <= row.From && row.Until <= until);
            case "gt": return row.Until > until;
            case "lt": return row.From < from;
            case "ge": return row.Until > until || (from <= row.From && row.Until <= until);
            case "le": return row.From < from || (from <= row.From && row.Until <= until);
            case "sa": return row.From >= until;
            case "eb": return row.Until <= from;
            default:
                var margin = TimeSpan.FromTicks((Now - from).Duration().Ticks / 10);
                return row.From < until + margin && row.Until > from - margin;
        }
    }

    private static (DateTimeOffset From, DateTimeOffset Until)? Span(Base element)
    {
        switch (element)
        {
            case Period { Start: null, End: null }:
                return null;
            case Period period:
                var from = period.Start is null ? DateTimeOffset.MinValue : Stretch(period.Start).From;
                var until = period.End is null ? DateTimeOffset.MaxValue : Stretch(period.End).Until;
                return from < until ? (from, until) : null;
            case Timing timing:
                var all = timing.Event.Where(one => one is not null).Select(one => Stretch(one!)).ToList();
                if (timing.Repeat?.Bounds is Period bounds && Span(bounds) is { } span)
                {
                    all.Add(span);
                }

                return all.Count == 0 ? null : (all.Min(one => one.From), all.Max(one => one.Until));
            case Date or FhirDateTime:
                return Stretch(Text((PrimitiveType)element));
            case Instant instant:
                var moment = instant.Value!.Value;
                return (moment, moment.AddSeconds(1));
            default:
                return null;
        }
    }

    private static (DateTimeOffset From, DateTimeOffset Until) Stretch(string text)
    {
        var whole = text.Length switch { 4 => text + "-01-01T00:00:00Z", 7 => text + "-01T00:00:00Z", 10 => text + "T00:00:00Z", _ => text };
        var from = DateTimeOffset.Parse(whole, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime();
        var until = text.Length switch
        {
            4 => from.AddYears(1),
            7 => from.AddMonths(1),
            10 => from.AddDays(1),
            _ => text.Contains('.', StringComparison.Ordinal) ? from.AddMilliseconds(1) : from.AddSeconds(1),
        };
        return (from, until);
    }

    private static IEnumerable<Measure> Measures(Base element) => element switch
    {
        Quantity { Value: { } number } quantity => [Bounds(number, quantity.Comparator, quantity)],
        Money { Value: { } number } money => [new(number, number, "urn:iso:std:iso:4217", money.Currency.ToString(), null)],
        Hl7.Fhir.Model.Range { Low: null, High: null } => [],
        Hl7.Fhir.Model.Range range => (range.Low?.Value ?? decimal.MinValue) <= (range.High?.Value ?? decimal.MaxValue)
            ? [new(range.Low?.Value ?? decimal.MinValue, range.High?.Value ?? decimal.MaxValue, null, null, null)] : [],
        SampledData data => [Samples(data)],
        FhirDecimal { Value: { } number } => [new(number, number, null, null, null)],
        Integer { Value: { } number } => [new(number, number, null, null, null)],
        _ => [],
    };

    /// <summary>What is less than a number is so by the least that the numbers here can differ.</summary>
    private static Measure Bounds(decimal number, Quantity.QuantityComparator? comparator, Quantity unit)
    {
        const decimal Least = 0.000_000_000_001m;
        var (low, high) = comparator switch
        {
            Quantity.QuantityComparator.LessThan => (decimal.MinValue, number - Least),
            Quantity.QuantityComparator.LessOrEqual => (decimal.MinValue, number),
            Quantity.QuantityComparator.GreaterThan => (number + Least, decimal.MaxValue),
            Quantity.QuantityComparator.GreaterOrEqual => (number, decimal.MaxValue),
            _ => (number, number),
        };
        return new(low, high, unit.System, unit.Code, unit.Unit);
    }

    private static Measure Samples(SampledData data)
    {
        var origin = data.Origin.Value!.Value;
        var parts = data.Data!.Split(' ');
        var values = parts.Where(part => part is not ("L" or "U" or "E")).Select(part => origin + (decimal.Parse(part, CultureInfo.InvariantCulture) * data.Factor!.Value)).ToList();
        return new(parts.Contains("L") ? decimal.MinValue : values.Min(), values.Max(), data.Origin.System, data.Origin.Code, data.Origin.Unit);
    }

    private static bool Measured(Measure row, List<string> asked)
    {
        if (asked.Count == 1 || (asked[1].Length == 0 && asked[2].Length == 0))
        {
            return Compared(row.Low, row.High, asked[0], null);
        }

        var (system, code) = (Plain(asked[1]), Plain(asked[2]));
        if (system.Length == 0)
        {
            return (row.Code == code || row.Unit == code) && Compared(row.Low, row.High, asked[0], null);
        }

        if (system != row.System)
        {
            return false;
        }

        if (system == "http://unitsofmeasure.org" && Ucum.TryGetValue(code, out var to) && Ucum.TryGetValue(row.Code ?? "", out var from))
        {
            return to.Of == from.Of && Compared(Based(row.Low, from), Based(row.High, from), asked[0], to);
        }

        return row.Code == code && Compared(row.Low, row.High, asked[0], null);
    }

    private static decimal Based(decimal number, (string Of, decimal Factor, decimal Zero)? unit) =>
        unit is not { } known || number is decimal.MinValue or decimal.MaxValue ? number : Math.Round((number * known.Factor) + known.Zero, 10);

    private static bool Compared(decimal low, decimal high, string value, (string Of, decimal Factor, decimal Zero)? unit)
    {
        var (prefix, text) = Prefix(value);
        var exact = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        var half = 0.5m;
        var mantissa = text.Split('e')[0];
        var digits = mantissa.Contains('.', StringComparison.Ordinal) ? mantissa.Length - mantissa.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
        // R4: 1e2 is [95, 105).
        var scale = text.Contains('e', StringComparison.Ordinal) ? int.Parse(text.Split('e')[1], CultureInfo.InvariantCulture) - Math.Max(digits, 1) : -digits;
        for (; scale < 0; scale++)
        {
            half /= 10;
        }

        for (; scale > 0; scale--)
        {
            half *= 10;
        }

        var tenth = Math.Abs(exact) / 10;
        var (from, until) = (Based(exact - half, unit), Based(exact + half, unit));
        var (near, far) = (Based(exact - Math.Max(tenth, half), unit), Based(exact + Math.Max(tenth, half), unit));
        exact = Based(exact, unit);
        return prefix switch
        {
            "eq" => from <= low && high < until,
            "ne" => !(from <= low && high < until),
            "gt" => high > exact,
            "lt" => low < exact,
            "ge" => high >= exact,
            "le" => low <= exact,
            "sa" => low > exact,
            "eb" => high < exact,
            _ => low <= far && high >= near,
        };
    }

    private static (string Sign, string Text) Prefix(string value) => char.IsLetter(value[0]) ? (value[..2], value[2..]) : ("eq", value);
}
