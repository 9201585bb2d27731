using System.Net.Http.Headers;
using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Hosting.Demo;
using Fhir.Server.Imaging;
using Microsoft.Extensions.Options;

namespace Fhir.Server.Hosting;

/// <summary>
/// Gives an empty store its demo patients, by the same doors everybody uses: PUT for the Patient, STOW-RS for the studies. A store that
/// holds anybody else is left alone; a seeding that was cut short is finished at the next start.
/// </summary>
internal sealed partial class DemoSeed(
    IOptions<DemoOptions> options, PublicAddress address, OperatorKey key, ILogger<DemoSeed> logger) : BackgroundService
{
    private const int InstancesAtOnce = 10;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled)
        {
            return;
        }
        try
        {
            await address.WhenKnownAsync(stoppingToken);
            if (address.FirstListening is { } listening)
            {
                using var client = new HttpClient { BaseAddress = new Uri(listening) };
                client.DefaultRequestHeaders.Authorization = new(OperatorKey.Scheme, key.Shown);
                await SeedAsync(client, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Finished at the next start.
        }
        catch (HttpRequestException failure)
        {
            CouldNotSeed(logger, failure);
        }
    }

    private async Task SeedAsync(HttpClient client, CancellationToken stoppingToken)
    {
        var patients = DemoStudies.All().ToList();
        using var there = JsonDocument.Parse(await client.GetByteArrayAsync("/fhir/Patient?_count=10", stoppingToken));
        var others = there.RootElement.TryGetProperty("entry", out var entries)
            && entries.EnumerateArray().Any(entry => !patients.Exists(one => one.Id == entry.GetProperty("resource").GetProperty("id").GetString()));
        if (others)
        {
            return;
        }
        foreach (var patient in patients)
        {
            await SeedAsync(client, patient, stoppingToken);
        }
        Seeded(logger, address.Base);
    }

    private static async Task SeedAsync(HttpClient client, DemoPatient patient, CancellationToken stoppingToken)
    {
        using var body = new ByteArrayContent(FhirJson.Write(patient.ToFhir()));
        body.Headers.ContentType = new("application/fhir+json");
        (await client.PutAsync($"/fhir/Patient/{patient.Id}", body, stoppingToken)).EnsureSuccessStatusCode();
        var instances = $"/dicomweb/patients/{patient.Id}/instances?limit=10000";
        using var there = JsonDocument.Parse(await client.GetByteArrayAsync(instances, stoppingToken));
        var known = there.RootElement.EnumerateArray().Select(row => row.GetProperty("00080018").GetProperty("Value")[0].GetString()).ToHashSet();
        foreach (var chunk in patient.Instances.Where(one => !known.Contains(one.SopInstanceUid)).Chunk(InstancesAtOnce))
        {
            using var content = new MultipartContent("related");
            content.Headers.ContentType!.Parameters.Add(new NameValueHeaderValue("type", "\"application/dicom\""));
            foreach (var instance in chunk)
            {
                var part = new ByteArrayContent(instance.ToPart10());
                part.Headers.ContentType = new("application/dicom");
                content.Add(part);
            }
            (await client.PostAsync($"/dicomweb/patients/{patient.Id}/studies", content, stoppingToken)).EnsureSuccessStatusCode();
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Demo data are ready: CT and MR of the head of demo-ada with a report, chest radiograph and echocardiogram of demo-bruno, all synthetic. Begin at {Address}/")]
    private static partial void Seeded(ILogger logger, string address);

    [LoggerMessage(Level = LogLevel.Error, Message = "Demo data could not be made; they are finished at the next start")]
    private static partial void CouldNotSeed(ILogger logger, Exception failure);
}
