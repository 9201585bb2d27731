using System.Globalization;

namespace Fhir.Server.Tests.Conformance;

/// <summary>imaging-access.md §6–7: what is new, on a server of its own.</summary>
[TestFixture]
public sealed class ImagingChangeTests
{
    private SmartWorld world = null!;
    private ImagingClient client = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        world = await SmartWorld.MakeAsync();
        var token = await world.Public.SignInAsync(world.Ada, "launch/patient patient/ImagingStudy.rs");
        client = new ImagingClient(world.Server.Nobody, world.Server.Fhir, token.AccessToken!);
    }

    [OneTimeTearDown]
    public async Task StopAsync() => await world.DisposeAsync();

    [Test]
    public async Task I7_A_study_is_news_after_one_more_instance()
    {
        var before = await client.FindAsync("patient=" + world.Ada.Record);
        var newest = before.Max(one => one.Resource.GetProperty("meta").GetProperty("lastUpdated").GetDateTimeOffset());
        var since = Uri.EscapeDataString(newest.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture));
        Assert.That(await client.FindAsync($"patient={world.Ada.Record}&_lastUpdated=gt{since}"), Is.Empty);
        await world.Server.StowAsync(world.Ada.Record, new TestDicom(SmartWorld.OnlyMr, SmartWorld.OnlyMr + ".1", SmartWorld.OnlyMr + ".1.2") { Modality = "MR", InstanceNumber = 2, PatientId = world.Ada.Record }.ToBytes());
        var changed = await client.FindAsync($"patient={world.Ada.Record}&_lastUpdated=gt{since}");
        Assert.That(changed.Select(one => one.Uid), Is.EqualTo(new[] { SmartWorld.OnlyMr }));
        var listed = await client.GetAsync($"{changed[0].Address}/studies?StudyInstanceUID={SmartWorld.OnlyMr}&includefield=00201208", "application/dicom+json", withToken: true);
        Assert.That(listed.Rows("00201208"), Is.EqualTo(new[] { changed[0].Resource.GetProperty("numberOfInstances").GetInt32().ToString(CultureInfo.InvariantCulture) }));
        Assert.That(await client.RetrieveAsync(changed[0]), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task No_secret_of_anybody_is_in_the_log()
    {
        var request = world.Public.Request("openid launch/patient patient/*.rs offline_access");
        var code = (await world.Public.AuthorizeAsync(request, world.Ada)).Code!;
        var token = (await world.Public.ExchangeAsync(code, request.Pkce.Verifier)).Good();
        await world.Confidential.IntrospectAsync(token.AccessToken!);
        await client.GetAsync($"{world.Server.Fhir}/Patient/{world.Ada.Record}?access_token={token.AccessToken}", "*/*", withToken: false);
        var log = world.Server.Log;
        Assert.That(log, Is.Not.Empty);
        foreach (var secret in new[] { code, request.Pkce.Verifier, token.AccessToken!, token.RefreshToken!, token.IdToken!, world.Ada.Password, world.Confidential.Secret!, "Aal", world.Ada.Email })
        {
            Assert.That(log, Does.Not.Contain(secret));
        }
    }
}
