using Fhir.Server.Search;
using Hl7.Fhir.Model;

namespace Fhir.Server.Tests.Search;

/// <summary>See https://hl7.org/fhir/R4/search.html#date</summary>
public sealed class FhirDatesTests
{
    [TestCase("2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z")]
    [TestCase("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z")]
    [TestCase("2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z")]
    [TestCase("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z")]
    [TestCase("1969-09-14", "1969-09-14T00:00:00Z", "1969-09-15T00:00:00Z")]
    [TestCase("2024-02-29T10:20", "2024-02-29T10:20:00Z", "2024-02-29T10:21:00Z")]
    [TestCase("2024-02-29T10:20:30", "2024-02-29T10:20:30Z", "2024-02-29T10:20:31Z")]
    [TestCase("2024-02-29T10:20:30Z", "2024-02-29T10:20:30Z", "2024-02-29T10:20:31Z")]
    [TestCase("2024-02-29T10:20:30+01:00", "2024-02-29T09:20:30Z", "2024-02-29T09:20:31Z")]
    [TestCase("2024-02-29T10:20:30.5-05:30", "2024-02-29T15:50:30.5Z", "2024-02-29T15:50:30.6Z")]
    [TestCase("2024-02-29T10:20:30.123456789Z", "2024-02-29T10:20:30.123456Z", "2024-02-29T10:20:30.123457Z")]
    [TestCase("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:01Z")]
    [TestCase("0001", "0001-01-01T00:00:00Z", "0002-01-01T00:00:00Z")]
    public void A_date_is_as_wide_as_it_is_precise(string text, string from, string until)
    {
        Assert.That(FhirDates.TryParse(text, null, out var first, out var behind));
        Assert.That((first, behind), Is.EqualTo((Micros(from), Micros(until))));
    }

    [TestCase("")]
    [TestCase(null)]
    [TestCase("24")]
    [TestCase("2024-13")]
    [TestCase("2024-00")]
    [TestCase("2023-02-29")]
    [TestCase("2024-2-9")]
    [TestCase("0000")]
    [TestCase("2024-02-29T10")]
    [TestCase("2024-02-29T24:00:00Z")]
    [TestCase("2024-02-29T10:60:00Z")]
    [TestCase("2024-02-29T10:20:61Z")]
    [TestCase("2024-02-29T10:20:30+14:01")]
    [TestCase("2024-02-29T10:20:30.Z")]
    [TestCase("2024-02-29 ")]
    [TestCase("2024-02-29\n")]
    [TestCase("٢٠٢٤")]
    public void What_is_no_date_is_refused(string? text) => Assert.That(FhirDates.TryParse(text, null, out _, out _), Is.False);

    [Test]
    public void A_value_without_zone_takes_the_declared_one()
    {
        FhirDates.TryParse("2024-02-29", TimeSpan.FromHours(2), out var from, out _);
        Assert.That(from, Is.EqualTo(Micros("2024-02-28T22:00:00Z")));
        FhirDates.TryParse("2024-02-29T00:00:00Z", TimeSpan.FromHours(2), out from, out _);
        Assert.That(from, Is.EqualTo(Micros("2024-02-29T00:00:00Z")));
    }

    [Test]
    public void The_last_year_ends_after_it()
    {
        Assert.That(FhirDates.TryParse("9999-12-31", null, out var from, out var until));
        Assert.That(until - from, Is.EqualTo(86_400_000_000));
    }

    [Test]
    public void A_missing_end_of_a_period_is_open()
    {
        Assert.That(FhirDates.TryRead(new Period { Start = "2024" }, null, out var from, out var until));
        Assert.That((from, until), Is.EqualTo((Micros("2024-01-01T00:00:00Z"), long.MaxValue)));
        Assert.That(FhirDates.TryRead(new Period { End = "2024" }, null, out from, out until));
        Assert.That((from, until), Is.EqualTo((long.MinValue, Micros("2025-01-01T00:00:00Z"))));
    }

    [Test]
    public void A_period_of_nothing_and_one_that_ends_first_say_no_time()
    {
        Assert.That(FhirDates.TryRead(new Period(), null, out _, out _), Is.False);
        Assert.That(FhirDates.TryRead(new Period { Start = "2025", End = "2024" }, null, out _, out _), Is.False);
        Assert.That(FhirDates.TryRead(new FhirString("2024"), null, out _, out _), Is.False);
    }

    [Test]
    public void A_timing_lasts_from_its_first_to_its_last_event()
    {
        var timing = new Timing { Event = ["2024-05-01", "2024-01-01"], Repeat = new() { Bounds = new Period { Start = "2024-02", End = "2024-06" } } };
        Assert.That(FhirDates.TryRead(timing, null, out var from, out var until));
        Assert.That((from, until), Is.EqualTo((Micros("2024-01-01T00:00:00Z"), Micros("2024-07-01T00:00:00Z"))));
        Assert.That(FhirDates.TryRead(new Timing(), null, out _, out _), Is.False);
    }

    private static long Micros(string text) =>
        (DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / 10;
}
