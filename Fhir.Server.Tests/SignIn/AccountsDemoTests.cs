using Fhir.Server.Storage.Accounts;

namespace Fhir.Server.Tests.SignIn;

/// <summary>The people of the demo.</summary>
[TestFixture]
public sealed class AccountsDemoTests
{
    private static readonly string[] People = ["ada@demo.example", "bruno@demo.example", "lena@demo.example", "hugo@demo.example"];

    [Test]
    public async Task In_development_the_demo_has_two_patients_and_two_practitioners_of_two_organizations_marked_as_such()
    {
        await using var server = SmartServer.Start(("Demo:Enabled", "true"));
        var accounts = new List<Account>();
        for (var wait = 0; wait < 600 && accounts.Count < People.Length; wait++)
        {
            await Task.Delay(100);
            accounts = [.. (await Task.WhenAll(People.Select(server.AccountAsync))).OfType<Account>()];
        }
        Assert.That(accounts.Select(one => one.FhirUser), Is.EqualTo(new[] { "Patient/demo-ada", "Patient/demo-bruno", "Practitioner/demo-lena", "Practitioner/demo-hugo" }));
        Assert.That(accounts.Select(one => one.Organization), Is.EqualTo(new[] { null, null, "demo-lakeside", "demo-hillside" }));
        Assert.That(accounts.Select(one => one.DisplayName), Is.All.Contains("(demo account)"));
        Assert.That((await server.Client.GetAsync("/fhir/Practitioner/demo-hugo")).IsSuccessStatusCode);
        Assert.That((await server.Client.GetAsync("/fhir/Organization/demo-hillside")).IsSuccessStatusCode);
    }
}
