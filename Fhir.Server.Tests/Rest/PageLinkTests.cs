using System.Net;
using Fhir.Server.Access;

namespace Fhir.Server.Tests.Rest;

/// <summary>Links to further pages: opaque, and good for who asked and what was asked, for nobody and nothing else.</summary>
[TestFixture]
public sealed class PageLinkTests : RestTests
{
    [TestCase("Observation?patient={0}&_count=1", "Observation?patient={0}&code=x&_count=1")]
    [TestCase("Observation/_history?_count=1", "Patient/_history?_count=1")]
    [TestCase("_history?_count=1", "_history?_count=1&_since=2001-01-01T00:00:00Z")]
    [TestCase("Patient/{0}/$everything?_count=1", "Patient/{0}/$everything?_count=1&_type=Observation,Patient")]
    public async Task A_link_to_the_next_page_serves_who_asked_and_nobody_else(string asked, string other)
    {
        var patient = await NewPatientAsync();
        for (var i = 0; i < 3; i++)
        {
            Assert.That((await PostAsync("Observation", $$$"""{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/{{{patient}}}"}}""")).Status, Is.EqualTo(HttpStatusCode.Created));
        }
        using var restricted = Phr.As(Reach.Of(new ReachedRecord(patient)));
        var first = await SendAsync(restricted, HttpMethod.Get, string.Format(System.Globalization.CultureInfo.InvariantCulture, asked, patient), null);
        var next = first.Link("next");
        Assert.That(next, Is.Not.Null, first.Text);
        var cursor = next!.Split("_cursor=")[1];
        var altered = (cursor[0] == 'A' ? 'B' : 'A') + cursor[1..];
        var elsewhere = string.Format(System.Globalization.CultureInfo.InvariantCulture, other, patient) + "&_cursor=" + cursor;
        Assert.Multiple(async () =>
        {
            Assert.That((await SendAsync(restricted, HttpMethod.Get, next, null)).Status, Is.EqualTo(HttpStatusCode.OK));
            Assert.That((await GetAsync(next)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "Another caller.");
            Assert.That((await SendAsync(restricted, HttpMethod.Get, next.Replace(cursor, altered, StringComparison.Ordinal), null)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "Altered.");
            Assert.That((await SendAsync(restricted, HttpMethod.Get, elsewhere, null)).Status, Is.EqualTo(HttpStatusCode.BadRequest), "Another question.");
            Assert.That(Uri.UnescapeDataString(cursor), Does.Not.Contain(patient));
        });
    }
}
