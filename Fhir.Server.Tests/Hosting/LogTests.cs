using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Fhir.Server.Tests.Hosting;

/// <summary>What the log says, and what it never says.</summary>
[TestFixture]
public sealed class LogTests
{
    [Test]
    public async Task No_name_number_or_date_of_a_patient_reaches_the_log_or_the_audit()
    {
        var lines = new ConcurrentQueue<string>();
        await using var server = PhrServer.Start(lines.Enqueue, ("Logging:LogLevel:Default", "Information"));
        await server.PutAsync("/fhir/Patient/p1", """{"resourceType":"Patient","id":"p1","name":[{"family":"Geheimnis"}],"birthDate":"1933-12-31"}""");
        var file = new TestDicom("1.2.3", "1.2.3.1", "1.2.3.1.1") { PatientName = "Geheimnis^Hugo", PatientId = "NR-4711", BirthDate = "19331231" };
        await server.StowAsync("/dicomweb", file.ToBytes());
        await server.StowAsync("/dicomweb", (file with { Fill = 9 }).ToBytes());
        await server.StowAsync("/dicomweb", "not DICOM Geheimnis"u8.ToArray());
        foreach (var path in new[]
        {
            "/fhir/Patient?name=Geheimnis&birthdate=1933-12-31", "/dicomweb/studies?PatientName=Geheimnis*&PatientID=NR-4711", "/fhir/Patient/Geheimnis",
            "/fhir/Patient?identifier=NR-4711", "/dicomweb/studies?Geheimnis=1", "/nowhere/Geheimnis",
        })
        {
            await server.Client.GetAsync(path);
        }
        await server.PutAsync("/fhir/Patient/p1", """{"resourceType":"Patient","id":"p1","gender":"Geheimnis"}""");
        await Task.Delay(1500);
        Assert.That(lines, Is.Not.Empty, "The log is looked at.");
        Assert.That(lines, Has.None.Contains("Geheimnis").And.None.Contains("4711").And.None.Contains("1933"));
    }
}
