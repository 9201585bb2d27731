using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.Hosting;

/// <summary>The way every app goes: find the study, follow its Endpoint, get the bytes.</summary>
[TestFixture]
public sealed class FirstJourneyTests
{
    [Test]
    public async Task A_study_that_was_stowed_is_found_by_FHIR_and_comes_back_byte_for_byte_from_its_Endpoint()
    {
        await using var server = PhrServer.Start();
        await server.PutAsync("/fhir/Patient/p1", """{"resourceType":"Patient","id":"p1"}""");
        var file = new TestDicom("1.2.3", "1.2.3.1", "1.2.3.1.1").ToBytes();
        Assert.That((await server.StowAsync("/dicomweb/patients/p1", file)).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        using var bundle = JsonDocument.Parse(await server.Client.GetStringAsync("/fhir/ImagingStudy?patient=p1&_include=ImagingStudy:endpoint"));
        var entries = bundle.RootElement.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("resource")).ToList();
        Assert.That(entries.Select(entry => entry.GetProperty("resourceType").GetString()), Is.EqualTo(new[] { "ImagingStudy", "Endpoint" }));
        var uid = entries[0].GetProperty("identifier")[0].GetProperty("value").GetString()!["urn:oid:".Length..];
        var address = entries[1].GetProperty("address").GetString();

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{address}/studies/{uid}");
        request.Headers.TryAddWithoutValidation("Accept", "multipart/related; type=application/dicom; transfer-syntax=*");
        using var answer = await server.Client.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await answer.Content.ReadAsByteArrayAsync()).AsSpan().IndexOf(file), Is.GreaterThan(0));
    }
}
