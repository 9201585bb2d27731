using System.Buffers.Text;
using System.Text;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>One's passkeys.</summary>
internal static class PasskeysPage
{
    public const string Address = "/account/passkeys";

    public static void MapPasskeys(this RouteGroupBuilder pages)
    {
        pages.MapGet("/passkeys", ShowAsync).WithName("account-passkeys");
        pages.MapPost("/passkeys/remove", RemoveAsync).WithName("account-passkey-remove");
    }

    private static async Task<IResult> ShowAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        var texts = AccountTexts.In(context.LanguageOf());
        var rows = (await users.GetPasskeysAsync(account)).OrderBy(one => one.CreatedAt).Select(one => Row(context, one, texts));
        Html content = $"""
            <p>{texts.PasskeysText}</p><ul class="plain">{rows}</ul>
            <div data-passkey-add data-failed="{texts.PasskeyFailed}" data-form-token="{FormToken.Value(context)}" hidden><h2>{texts.PasskeyAdd}</h2>
            {Fields.Text("passkey-name", texts.PasskeyName, isRequired: false)}
            <button type="button">{texts.PasskeyAdd}</button><p class="problem" role="alert" hidden></p></div>
            <p><a href="/account">{texts.Back}</a></p>
            """;
        return PageFrame.Page(context, texts.Passkeys, content, script: PageFiles.PasskeyScriptAddress);
    }

    private static Html Row(HttpContext context, UserPasskeyInfo passkey, AccountTexts texts) => $"""
        <li><span>{passkey.Name} <span class="soft">{texts.PasskeyAdded(Times.DayOf(Microseconds.Of(passkey.CreatedAt)))}</span></span>
        <form method="post" action="/account/passkeys/remove">{FormToken.Field(context)}{Fields.Hidden("passkey", Base64Url.EncodeToString(passkey.CredentialId))}
        <button class="quiet">{texts.Remove}</button></form></li>
        """;

    private static async Task<IResult> RemoveAsync(HttpContext context, FreshAccount fresh, UserManager<Account> users)
    {
        if (await fresh.FindAsync(context) is not { } account)
        {
            return FreshAccount.Ask(Address);
        }
        var id = (await SentForm.ReadAsync(context)).Line("passkey");
        if (Base64Url.IsValid(id))
        {
            Registration.Held(await users.RemovePasskeyAsync(account, Base64Url.DecodeFromChars(id)));
        }
        return Results.Redirect(Address);
    }
}
