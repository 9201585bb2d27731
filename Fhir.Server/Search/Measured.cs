using System.Globalization;
using Hl7.Fhir.Model;

namespace Fhir.Server.Search;

/// <summary>
/// What of an element is a quantity: Quantity and what is made of it (Age, Count, Distance, Duration), Money, Range and SampledData.
/// See https://hl7.org/fhir/R4/search.html#quantity
/// </summary>
/// <param name="Low">The least.</param>
/// <param name="High">The greatest.</param>
/// <param name="System">The system of the unit.</param>
/// <param name="Code">The code of the unit.</param>
/// <param name="Unit">The unit for people.</param>
internal sealed record Measured(double Low, double High, string? System, string? Code, string? Unit)
{
    /// <summary>The system of currencies. See https://hl7.org/fhir/R4/datatypes.html#Money</summary>
    private const string Currencies = "urn:iso:std:iso:4217";

    /// <summary>What an element measures; null when it has no number.</summary>
    public static Measured? Of(Base element) => element switch
    {
        Quantity quantity => Of(quantity),
        Money money => FhirNumbers.Read(money.ValueElement) is { } number
            ? new(number, number, Currencies, money.CurrencyElement is { } currency ? IndexRows.Text(currency) : null, null)
            : null,
        Hl7.Fhir.Model.Range range => Of(range),
        SampledData data => Of(data),
        _ => null,
    };

    /// <summary>The rows of a quantity. See <see cref="QuantityRow"/>.</summary>
    public IEnumerable<QuantityRow> Rows(string parameter, string? seriesUid)
    {
        var system = string.IsNullOrEmpty(System) ? null : System;
        var code = Code ?? "";
        yield return new(parameter, system, code, Low, High, seriesUid);
        if (!string.IsNullOrEmpty(Unit) && Unit != code)
        {
            yield return new(parameter, null, Unit, Low, High, seriesUid);
        }

        yield return system == UcumUnits.System && UcumUnits.Find(code) is { } unit
            ? new(parameter, QuantityRow.Canonical, unit.Base, unit.Convert(Low), unit.Convert(High), seriesUid)
            : new(parameter, QuantityRow.Canonical, $"{system}|{code}", Low, High, seriesUid);
    }

    private static Measured? Of(Quantity quantity)
    {
        if (FhirNumbers.Read(quantity.ValueElement) is not { } number)
        {
            return null;
        }

        // "< 5" is everything below 5. See https://hl7.org/fhir/R4/datatypes-definitions.html#Quantity.comparator
        var (low, high) = (quantity.ComparatorElement is { } comparator ? IndexRows.Text(comparator) : null) switch
        {
            "<" => (double.MinValue, Math.BitDecrement(number)),
            "<=" => (double.MinValue, number),
            ">" => (Math.BitIncrement(number), double.MaxValue),
            ">=" => (number, double.MaxValue),
            _ => (number, number),
        };
        return new(low, high, quantity.System, quantity.Code, quantity.Unit);
    }

    private static Measured? Of(Hl7.Fhir.Model.Range range)
    {
        double? low = FhirNumbers.Read(range.Low?.ValueElement), high = FhirNumbers.Read(range.High?.ValueElement);
        var unit = range.Low is { Code: not null } or { Unit: not null } ? range.Low : range.High;
        return (low ?? high) is null || low > high ? null : new(low ?? double.MinValue, high ?? double.MaxValue, unit?.System, unit?.Code, unit?.Unit);
    }

    /// <summary>From the least to the greatest sample; one below or above what could be measured opens that end.</summary>
    private static Measured? Of(SampledData data)
    {
        if (FhirNumbers.Read(data.Origin?.ValueElement) is not { } origin)
        {
            return null;
        }

        var factor = FhirNumbers.Read(data.FactorElement) ?? 1;
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (var part in (data.Data ?? "").AsSpan().Split(' '))
        {
            var sample = data.Data.AsSpan()[part];
            if (sample is "L" or "U")
            {
                (low, high) = sample is "L" ? (double.MinValue, Math.Max(high, double.MinValue)) : (Math.Min(low, double.MaxValue), double.MaxValue);
            }
            else if (double.TryParse(sample, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            {
                var value = origin + (number * factor);
                (low, high) = (Math.Min(low, value), Math.Max(high, value));
            }
        }

        return low <= high && double.IsFinite(low) && double.IsFinite(high) ? new(low, high, data.Origin!.System, data.Origin.Code, data.Origin.Unit) : null;
    }
}
