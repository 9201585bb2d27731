using System.Net;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;

namespace Fhir.Server.Tests.SignIn;

/// <summary>The real application with sign-in, and what tests of accounts do again and again.</summary>
internal static class SmartServer
{
    public const string Password = "quiet river stones";

    public static PhrServer Start(params (string Key, string Value)[] settings) => PhrServer.Start([("Access:Mode", "Smart"), .. settings]);

    /// <summary>Registers a patient and confirms the address, as people do it.</summary>
    public static async Task RegisterAsync(this PhrServer server, string email, string given = "Rosa", string family = "Lindner", string birthDate = "1980-05-06")
    {
        using var browser = new Browser(server);
        var sent = await browser.SendAsync(
            "/account/register", "/account/register", ("email", email), ("password", Password), ("given", given), ("family", family), ("birthDate", birthDate), ("gender", "female"));
        Assert.That(sent.Status, Is.EqualTo(HttpStatusCode.OK), sent.Html);
        var confirmed = await browser.SendAsync(Mailbox.LastLink(server, email), "/account/confirm", ("password", Password));
        Assert.That(confirmed.Status, Is.EqualTo(HttpStatusCode.OK), confirmed.Html);
    }

    /// <summary>A browser in which somebody is signed in who has just registered.</summary>
    public static async Task<Browser> SignedInAsync(this PhrServer server, string email, string given = "Rosa", string family = "Lindner", string birthDate = "1980-05-06")
    {
        await server.RegisterAsync(email, given, family, birthDate);
        var browser = new Browser(server);
        var page = await browser.SignInAsync(email, Password);
        Assert.That(page.Location, Is.EqualTo("/account"), page.Html);
        return browser;
    }

    /// <summary>The account of an address.</summary>
    public static async Task<Account?> AccountAsync(this PhrServer server, string email)
    {
        await using var scope = server.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<UserManager<Account>>().FindByEmailAsync(email);
    }

    /// <summary>Makes an account without its owner.</summary>
    public static async Task<Account> MakeAsync(this PhrServer server, string email, AccountKind kind)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var account = new Account { UserName = email, Email = email, EmailConfirmed = true, DisplayName = email.Split('@')[0], Kind = kind, LockoutEnabled = true };
        var made = await scope.ServiceProvider.GetRequiredService<UserManager<Account>>().CreateAsync(account, Password);
        Assert.That(made.Succeeded, string.Join(", ", made.Errors.Select(one => one.Code)));
        return account;
    }

    /// <summary>The same where it may be there already.</summary>
    public static async Task MakeIfMissingAsync(this PhrServer server, string email)
    {
        if (await server.AccountAsync(email) is null)
        {
            await server.MakeAsync(email, AccountKind.RelatedPerson);
        }
    }
}
