using System.Globalization;
using Fhir.Server.Search;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://hl7.org/fhir/R4/search.html#number</summary>
public sealed class FhirNumbersTests
{
    [TestCase("100", 99.5, 100.5)]
    [TestCase("100.00", 99.995, 100.005)]
    [TestCase("1e2", 95, 105)]
    [TestCase("1.0e2", 95, 105)]
    [TestCase("1.00e2", 99.5, 100.5)]
    [TestCase("-5", -5.5, -4.5)]
    [TestCase("0", -0.5, 0.5)]
    [TestCase("5.40e-3", 0.005395, 0.005405)]
    [TestCase("2e40", 1.95e40, 2.05e40)]
    public void A_number_covers_as_much_as_its_digits_leave_open(string text, double from, double until)
    {
        Assert.That(FhirNumbers.TryParse(text, out var number));
        Assert.That((number.From, number.Until), Is.EqualTo((from, until)));
        Assert.That(number.Exact, Is.EqualTo(double.Parse(text, CultureInfo.InvariantCulture)));
    }

    [TestCase("")]
    [TestCase("ten")]
    [TestCase("1,5")]
    [TestCase(".5")]
    [TestCase("5.")]
    [TestCase("1e")]
    [TestCase("1e999")]
    [TestCase("0x10")]
    [TestCase("NaN")]
    [TestCase("Infinity")]
    [TestCase(" 1")]
    [TestCase("11111111111111111111111111111111111111111111111111111111111111111")]
    public void What_is_no_number_is_refused(string text) => Assert.That(FhirNumbers.TryParse(text, out _), Is.False);

    [TestCase("28 digits: 7922816251426433759354395033")]
    [TestCase("largest decimal: 79228162514264337593543950335")]
    [TestCase("27 decimals: 0.123456789012345678901234567")]
    [TestCase("30 decimals: 0.123456789012345678901234567890")]
    [TestCase("huge: 1e300")]
    [TestCase("tiny: 1e-300")]
    public void Numbers_of_any_size_are_read(string named)
    {
        var text = named.Split(": ")[1];
        Assert.That(FhirNumbers.TryParse(text, out var number));
        Assert.That(number.From, Is.LessThanOrEqualTo(number.Exact));
        Assert.That(number.Until, Is.GreaterThanOrEqualTo(number.Exact));
        Assert.That(number.Exact, Is.EqualTo(double.Parse(text, CultureInfo.InvariantCulture)).Within(1e-12).Percent);
    }
}
