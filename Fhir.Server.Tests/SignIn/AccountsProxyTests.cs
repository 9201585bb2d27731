using System.Net;
using System.Text.Json;
using Fhir.Server.Storage.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>Proxies: invited, accepted, ended.</summary>
[TestFixture]
public sealed class AccountsProxyTests
{
    private PhrServer server = null!;

    [OneTimeSetUp]
    public void Open() => server = SmartServer.Start(("SignIn:AttemptsPerAddress", "10000"));

    [OneTimeTearDown]
    public async Task Close() => await server.DisposeAsync();

    [Test]
    public async Task A_patient_invites_a_person_who_accepts_and_is_named_in_the_record_until_it_is_ended()
    {
        using var patient = await server.SignedInAsync("pat@example.org", "Paula", "Patient");
        var record = (await server.AccountAsync("pat@example.org"))!.Record!;
        var sent = await InviteAsync(patient, "sister@example.org", ("scope", "images"), ("until", "2999-12-31"));
        Assert.That(sent.Html, Does.Contain("The invitation was sent").And.Contain("My Sister, invited"));
        var link = Mailbox.LastLink(server, "sister@example.org");
        Assert.That(await GrantsAsync(record), Is.Empty);

        using var sister = await server.SignedInAsync("sister@example.org", "Sina", "Sister");
        var link2 = Mailbox.Of(server, "sister@example.org").Single(one => one.Contains("/account/invitation?", StringComparison.Ordinal));
        Assert.That(link2, Does.Contain("Paula Patient"));
        Assert.That((await sister.GetAsync(link)).Html, Does.Contain("Paula Patient asks you to act for them"));
        Assert.That(await GrantsAsync(record), Is.Empty, "Looking accepts nothing.");
        var accepted = await sister.SendAsync(link, "/account/invitation");
        Assert.That(accepted.Status, Is.EqualTo(HttpStatusCode.OK), accepted.Html);
        Assert.That((await sister.GetAsync(link)).Status, Is.EqualTo(HttpStatusCode.NotFound), "It works once.");

        var grant = (await GrantsAsync(record)).Single();
        Assert.That(grant.Scopes, Does.Contain("patient/ImagingStudy.rs").And.Not.Contain("*"));
        Assert.That(grant.End, Is.EqualTo(new DateTimeOffset(3000, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000));
        using var person = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/RelatedPerson/{grant.RelatedPerson}"));
        Assert.That(person.RootElement.GetProperty("patient").GetProperty("reference").GetString(), Is.EqualTo($"Patient/{record}"));
        Assert.That(person.RootElement.GetProperty("relationship")[0].GetProperty("coding")[0].GetProperty("code").GetString(), Is.EqualTo("SIB"));
        Assert.That(person.RootElement.GetProperty("period").GetProperty("end").GetString(), Does.StartWith("3000-01-01").Or.StartWith("2999-12-31"));
        Assert.That((await sister.GetAsync("/account/acting-for")).Html, Does.Contain("Paula Patient").And.Contain("look at images and reports only"));

        var ended = await patient.SendAsync("/account/proxies", "/account/proxies/revoke");
        Assert.That(ended.Html, Does.Contain("It was ended"));
        Assert.That((await sister.GetAsync("/account/acting-for")).Html, Does.Contain("Nobody."));
        using var after = JsonDocument.Parse(await server.Client.GetStringAsync($"/fhir/RelatedPerson/{grant.RelatedPerson}"));
        Assert.That(after.RootElement.GetProperty("active").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Only_the_invited_address_can_accept_and_not_once_it_was_taken_back()
    {
        using var patient = await server.SignedInAsync("owner@example.org");
        await InviteAsync(patient, "invited@example.org");
        var link = Mailbox.LastLink(server, "invited@example.org");
        using var other = await server.SignedInAsync("notinvited@example.org");
        Assert.That((await other.GetAsync(link)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await patient.GetAsync(link)).Status, Is.EqualTo(HttpStatusCode.NotFound), "Nor oneself.");
        using var invited = await server.SignedInAsync("invited@example.org");
        var open = await invited.GetAsync(link);
        Assert.That(open.Status, Is.EqualTo(HttpStatusCode.OK));
        await patient.SendAsync("/account/proxies", "/account/proxies/withdraw");
        Assert.That((await invited.SendAsync(open, "/account/invitation")).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task A_grant_for_a_child_ends_on_the_birthday_at_the_age_that_is_configured()
    {
        var born = DateTime.UtcNow.Date.AddYears(-10);
        using var child = await server.SignedInAsync("child@example.org", "Kim", "Kid", born.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await InviteAsync(child, "parent@example.org", ("age", "yes"));
        await using var scope = server.Services.CreateAsyncScope();
        var record = (await server.AccountAsync("child@example.org"))!.Record!;
        var invitation = (await scope.ServiceProvider.GetRequiredService<ProxyGrants>().InvitationsOfAsync(record, default)).Single();
        Assert.That(DateTimeOffset.UnixEpoch.AddMicroseconds(invitation.End!.Value).UtcDateTime, Is.EqualTo(born.AddYears(18)));
        using var grown = await server.SignedInAsync("grown@example.org");
        var refused = await InviteAsync(grown, "parent@example.org", ("age", "yes"));
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(refused.Html, Does.Contain("is 18 already"));
    }

    [Test]
    public async Task Nobody_ends_grants_of_another_record()
    {
        using var patient = await server.SignedInAsync("holder@example.org");
        await InviteAsync(patient, "friend@example.org");
        var link = Mailbox.LastLink(server, "friend@example.org");
        using var friend = await server.SignedInAsync("friend@example.org");
        await friend.SendAsync(link, "/account/invitation");
        var record = (await server.AccountAsync("holder@example.org"))!.Record!;
        var grant = (await GrantsAsync(record)).Single();
        await InviteAsync(friend, "third@example.org");
        var third = Mailbox.LastLink(server, "third@example.org");
        using var thirdPerson = await server.SignedInAsync("third@example.org");
        await thirdPerson.SendAsync(third, "/account/invitation");
        await friend.SendAsync("/account/proxies", "/account/proxies/revoke", ("grant", grant.Id));
        Assert.That(await GrantsAsync(record), Has.Count.EqualTo(1));
    }

    private static Task<Page> InviteAsync(Browser browser, string email, params (string, string)[] more) => browser.SendAsync(
        "/account/proxies", "/account/proxies/invite", [("name", "My Sister"), ("email", email), ("relationship", "SIB"), .. more]);

    private async Task<IReadOnlyList<ProxyGrantRow>> GrantsAsync(string record)
    {
        await using var scope = server.Services.CreateAsyncScope();
        return [.. (await scope.ServiceProvider.GetRequiredService<ProxyGrants>().OfRecordAsync(record, default)).Select(one => one.Grant)];
    }
}
