using Fhir.Server.Search;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://ucum.org/ucum</summary>
public sealed class UcumUnitsTests
{
    [TestCase(1, "g", 1000, "mg")]
    [TestCase(3, "mg", 0.003, "g")]
    [TestCase(0.1, "kg", 100_000, "mg")]
    [TestCase(1, "[in_i]", 2.54, "cm")]
    [TestCase(60, "/min", 1, "/s")]
    [TestCase(72, "{beats}/min", 72, "/min")]
    [TestCase(5.4, "mmol/L", 5400, "umol/L")]
    [TestCase(1, "mg/dL", 10, "mg/L")]
    [TestCase(37, "Cel", 98.6, "[degF]")]
    [TestCase(310.15, "K", 37, "Cel")]
    [TestCase(50, "%", 0.5, "1")]
    [TestCase(1, "h", 3600, "s")]
    [TestCase(7, "d", 1, "wk")]
    [TestCase(250, "10*9/L", 250_000, "/uL")]
    [TestCase(1, "mGy", 0.001, "Gy")]
    public void The_same_measured_in_two_units_is_the_same(double one, string unit, double other, string otherUnit)
    {
        CanonicalUnit first = UcumUnits.Find(unit)!, second = UcumUnits.Find(otherUnit)!;
        Assert.That(second, Is.Not.Null);
        Assert.That((first.Base, first.Convert(one)), Is.EqualTo((second.Base, second.Convert(other))));
    }

    [TestCase("g", "m")]
    [TestCase("mmol/L", "mg/dL")]
    [TestCase("/min", "1")]
    public void Different_things_are_not_compared(string one, string other) =>
        Assert.That(UcumUnits.Find(one)!.Base, Is.Not.EqualTo(UcumUnits.Find(other)!.Base));

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("[IU]")]
    [TestCase("[IU]/L")]
    [TestCase("[arb'U]/mL")]
    [TestCase("[pH]")]
    [TestCase("dB")]
    [TestCase("((((")]
    [TestCase("g g")]
    [TestCase("99999999999999999999999999999999999999999999999999999999999999999999999999999")]
    public void What_has_no_linear_scale_has_no_base_units(string code) => Assert.That(UcumUnits.Find(code), Is.Null);

    [Test]
    public void Many_threads_may_ask_at_once() =>
        Parallel.For(0, 200, number => Assert.That(UcumUnits.Find($"g.m{(number % 40) + 2}")?.Base, Is.EqualTo($"g.m{(number % 40) + 2}")));
}
