using System.Net;
using System.Text.Json;

namespace Fhir.Server.Tests.Durability;

/// <summary>Holds a server that was killed and started again to what its predecessor acknowledged, through the doors alone.</summary>
internal sealed class AfterTheKill(HttpClient client, KillRound round)
{
    /// <summary>Everything acknowledged is there, nothing half-stored is shown.</summary>
    public async Task EverythingHoldsAsync()
    {
        var shown = new HashSet<string>();
        var studies = await ArrayAsync("/dicomweb/studies?limit=1000");
        foreach (var study in studies)
        {
            shown.UnionWith(await StudyHoldsAsync(Text(study, "0020000D"), Number(study, "00201206"), Number(study, "00201208")));
        }
        Assert.That(studies.Select(study => Text(study, "0020000D")), Is.Unique);
        Assert.That(round.Acknowledged.Select(file => file.Sop), Is.SubsetOf(shown), "Acknowledged instances are gone.");
        await VersionsHoldAsync();
    }

    /// <summary>What was not acknowledged can be sent again, and then it is there.</summary>
    public async Task SendingAgainSucceedsAsync()
    {
        foreach (var request in round.Stows.Where(one => !one.IsAcknowledged))
        {
            Assert.That(await KillRound.StowAsync(client, request), Is.EqualTo(HttpStatusCode.OK));
            request.IsAcknowledged = true;
        }
        foreach (var put in round.Puts.Where(one => one.Acknowledged is null))
        {
            using var answer = await client.PutAsync($"/fhir/{put.Path}", PhrServer.FhirContent(put.Json));
            put.Acknowledged = await answer.Content.ReadAsStringAsync();
            Assert.That((int)answer.StatusCode, Is.AnyOf(200, 201), put.Acknowledged);
        }
        await EverythingHoldsAsync();
    }

    /// <summary>Every instance that is listed comes back as it was sent, and all that counts them says the same.</summary>
    private async Task<List<string>> StudyHoldsAsync(string study, int numberOfSeries, int numberOfInstances)
    {
        var instances = await ArrayAsync($"/dicomweb/studies/{study}/instances");
        var series = await ArrayAsync($"/dicomweb/studies/{study}/series");
        var metadata = await ArrayAsync($"/dicomweb/studies/{study}/metadata");
        var sops = instances.ConvertAll(one => Text(one, "00080018"));
        Assert.Multiple(() =>
        {
            Assert.That(sops, Is.Unique);
            Assert.That(sops, Has.Count.EqualTo(numberOfInstances));
            Assert.That(series, Has.Count.EqualTo(numberOfSeries));
            Assert.That(series.Sum(one => Number(one, "00201209")), Is.EqualTo(numberOfInstances));
            Assert.That(metadata.Select(one => Text(one, "00080018")), Is.EquivalentTo(sops));
        });
        foreach (var instance in instances)
        {
            var sop = Text(instance, "00080018");
            using var request = new HttpRequestMessage(
                HttpMethod.Get, $"/dicomweb/studies/{study}/series/{Text(instance, "0020000E")}/instances/{sop}");
            request.Headers.TryAddWithoutValidation("Accept", "application/dicom; transfer-syntax=*");
            using var answer = await client.SendAsync(request);
            Assert.That(
                (await answer.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(round.Files[sop]), Is.True, $"{sop} is not what was sent ({answer.StatusCode}).");
        }
        await ImagingStudyHoldsAsync(study, sops, numberOfSeries);
        return sops;
    }

    private async Task ImagingStudyHoldsAsync(string study, List<string> sops, int numberOfSeries)
    {
        var found = await BundleAsync($"ImagingStudy?identifier=urn:dicom:uid|urn:oid:{study}");
        Assert.That(found, Has.Count.EqualTo(1), study);
        using var json = JsonDocument.Parse(found[0]);
        var root = json.RootElement;
        var listed = root.GetProperty("series").EnumerateArray().SelectMany(one => one.GetProperty("instance").EnumerateArray())
            .Select(one => one.GetProperty("uid").GetString()).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(root.GetProperty("numberOfInstances").GetInt32(), Is.EqualTo(sops.Count));
            Assert.That(root.GetProperty("numberOfSeries").GetInt32(), Is.EqualTo(numberOfSeries));
            Assert.That(listed, Is.EquivalentTo(sops));
        });
    }

    /// <summary>Acknowledged versions byte for byte; the current one is the last acknowledged, or the one that was under way, whole.</summary>
    private async Task VersionsHoldAsync()
    {
        foreach (var resource in round.Puts.GroupBy(put => put.Path))
        {
            var acknowledged = resource.Where(put => put.Acknowledged is not null).ToList();
            foreach (var put in acknowledged)
            {
                using var sent = JsonDocument.Parse(put.Acknowledged!);
                var version = sent.RootElement.GetProperty("meta").GetProperty("versionId").GetString();
                Assert.That(await client.GetStringAsync($"/fhir/{put.Path}/_history/{version}"), Is.EqualTo(put.Acknowledged));
            }
            using var answer = await client.GetAsync($"/fhir/{resource.Key}");
            var current = await answer.Content.ReadAsStringAsync();
            var last = acknowledged.LastOrDefault();
            var underWay = resource.SingleOrDefault(put => put.Acknowledged is null);
            if (answer.StatusCode == HttpStatusCode.NotFound)
            {
                Assert.That(last, Is.Null, $"{resource.Key} was acknowledged and is gone.");
                continue;
            }
            var written = underWay is not null && current.Contains($"\"{underWay.Marker}\"", StringComparison.Ordinal) ? underWay : last;
            Assert.That(written, Is.Not.Null, current);
            Assert.That(current, written == underWay ? Does.Contain($"\"versionId\":\"{underWay!.Version}\"") : Is.EqualTo(last!.Acknowledged));
            await IndexHoldsAsync(resource, written!, current);
        }
    }

    /// <summary>A search finds the current version by its marker, and by no marker of another version.</summary>
    private async Task IndexHoldsAsync(IGrouping<string, SentVersion> resource, SentVersion written, string current)
    {
        var type = resource.Key.Split('/')[0];
        foreach (var put in resource.Where(put => put.Version >= written.Version - 1))
        {
            var found = await BundleAsync($"{type}?identifier=urn:test|{put.Marker}");
            Assert.That(found, put == written ? Is.EqualTo(new[] { current }) : Is.Empty, put.Marker);
        }
    }

    private async Task<List<string>> BundleAsync(string query)
    {
        using var bundle = JsonDocument.Parse(await client.GetStringAsync($"/fhir/{query}"));
        return bundle.RootElement.TryGetProperty("entry", out var entries)
            ? [.. entries.EnumerateArray().Select(entry => entry.GetProperty("resource").GetRawText())]
            : [];
    }

    private async Task<List<JsonElement>> ArrayAsync(string address)
    {
        using var answer = await client.GetAsync(address);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{address}: {body}");
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.Clone().EnumerateArray()];
    }

    private static string Text(JsonElement row, string tag) => row.GetProperty(tag).GetProperty("Value")[0].GetString()!;

    private static int Number(JsonElement row, string tag) => row.GetProperty(tag).GetProperty("Value")[0].GetInt32();
}
