using System.Text.Json.Serialization;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Passkeys, as the script of the pages asks for them: <see cref="PasskeysPage"/> adds, the sign-in page uses. https://www.w3.org/TR/webauthn-3/</summary>
internal static class PasskeyEndpoints
{
    private const int LongestName = 60;

    public static void MapPasskeyEndpoints(this RouteGroupBuilder pages)
    {
        pages.MapPost("/passkeys/options", MakeOptionsAsync).WithName("account-passkey-options");
        pages.MapPost("/passkeys", AddAsync).WithName("account-passkey-add");
        pages.MapPost("/sign-in/passkey-options", AskOptionsAsync).WithName("account-sign-in-passkey-options");
        pages.MapPost("/sign-in/passkey", SignInAsync).WithName("account-sign-in-passkey");
    }

    private static async Task<IResult> MakeOptionsAsync(HttpContext context, FreshAccount fresh, Passkeys passkeys) =>
        !passkeys.IsOwnHost(context) || await fresh.FindAsync(context) is not { } account
            ? Results.StatusCode(StatusCodes.Status403Forbidden)
            : Results.Text(await passkeys.BeginMakingAsync(context, account), "application/json");

    private static async Task<IResult> AddAsync(HttpContext context, FreshAccount fresh, Passkeys passkeys, UserManager<Account> users, MadePasskey made)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }
        if (await passkeys.FinishMakingAsync(context, account, made.Credential ?? "") is not { } passkey)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }
        var name = (made.Name ?? "").Trim();
        passkey.Name = name.Length == 0 ? Agents.Describe(context.Request.Headers.UserAgent.ToString()) : name[..Math.Min(name.Length, LongestName)];
        Registration.Held(await users.AddOrUpdatePasskeyAsync(account, passkey));
        return Results.Json(new GoTo(PasskeysPage.Address));
    }

    private static async Task<IResult> AskOptionsAsync(HttpContext context, Passkeys passkeys) => passkeys.IsOwnHost(context)
        ? Results.Text(await passkeys.BeginAskingAsync(context), "application/json")
        : Results.StatusCode(StatusCodes.Status403Forbidden);

    private static async Task<IResult> SignInAsync(HttpContext context, Passkeys passkeys, SignInRun run, Attempts attempts, UsedPasskey used)
    {
        // Whose it is is known only afterwards: counted by where it comes from.
        if (attempts.Refusal("passkey " + Networks.Counted(context.Connection.RemoteIpAddress), context) is { } refusal)
        {
            return refusal;
        }
        if (await passkeys.FinishAskingAsync(context, used.Credential ?? "") is not { IsDisabled: false, EmailConfirmed: true } account)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }
        await run.BeginSessionAsync(context, account, ["hwk", "mfa"]);
        return Results.Json(new GoTo(LocalAddress.Or(used.ReturnUrl)));
    }

    /// <summary>A passkey a browser has made.</summary>
    internal sealed record MadePasskey(string? Credential, string? Name);

    /// <summary>A passkey a browser has used.</summary>
    internal sealed record UsedPasskey(string? Credential, string? ReturnUrl);

    /// <summary>Where the page goes on.</summary>
    internal sealed record GoTo([property: JsonPropertyName("goTo")] string Address);
}

/// <summary>Making and asking for passkeys; between the two requests of each the challenge waits in a sealed note of the browser.</summary>
internal sealed class Passkeys(IPasskeyHandler<Account> handler, UserManager<Account> users, Notes notes, PublicAddress address)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>A passkey is bound to a name of this server's own, not to any Host a request names.</summary>
    public bool IsOwnHost(HttpContext context) =>
        new Uri(address.BaseFor(context.Request.Scheme, context.Request.Host.Value ?? "")).Host == context.Request.Host.Host;

    /// <summary>Options to make one, as JSON for the browser.</summary>
    public async Task<string> BeginMakingAsync(HttpContext context, Account account)
    {
        var made = await handler.MakeCreationOptionsAsync(new PasskeyUserEntity { Id = account.Id, Name = account.Email!, DisplayName = account.DisplayName }, context);
        notes.Keep(context, Notes.Passkey, $"make\n{account.Id}\n{made.AttestationState}", Patience);
        return made.CreationOptionsJson;
    }

    /// <summary>What the browser made; null when it is not what was asked for.</summary>
    public async Task<UserPasskeyInfo?> FinishMakingAsync(HttpContext context, Account account, string credential)
    {
        if (Take(context) is not ["make", var owner, var state] || owner != account.Id)
        {
            return null;
        }
        var result = await handler.PerformAttestationAsync(new PasskeyAttestationContext { HttpContext = context, CredentialJson = credential, AttestationState = state });
        return result.Succeeded && result.UserEntity.Id == account.Id ? result.Passkey : null;
    }

    /// <summary>Options to ask for one, of whomever.</summary>
    public async Task<string> BeginAskingAsync(HttpContext context)
    {
        var asked = await handler.MakeRequestOptionsAsync(null, context);
        notes.Keep(context, Notes.Passkey, $"ask\n\n{asked.AssertionState}", Patience);
        return asked.RequestOptionsJson;
    }

    /// <summary>Whose passkey the browser used; null when it is none of ours.</summary>
    public async Task<Account?> FinishAskingAsync(HttpContext context, string credential)
    {
        if (Take(context) is not ["ask", _, var state])
        {
            return null;
        }
        var result = await handler.PerformAssertionAsync(new PasskeyAssertionContext { HttpContext = context, CredentialJson = credential, AssertionState = state });
        if (!result.Succeeded)
        {
            return null;
        }
        // The counter of the authenticator goes on.
        Registration.Held(await users.AddOrUpdatePasskeyAsync(result.User, result.Passkey));
        return result.User;
    }

    private string[] Take(HttpContext context)
    {
        var note = notes.Find(context, Notes.Passkey);
        notes.Forget(context, Notes.Passkey);
        return note?.Split('\n', 3) ?? [];
    }
}
