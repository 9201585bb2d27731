using System.Text;
using Fhir.Server.Access;
using Fhir.Server.SignIn.Mail;
using Fhir.Server.SignIn.Pages;
using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>What accounts are written, and the links in it.</summary>
internal sealed class AccountMail(UserManager<Account> users, IEmailSender sender, PublicAddress address)
{
    /// <summary>Asks to confirm the address.</summary>
    public async Task ConfirmAsync(Account account, Language language, CancellationToken cancellationToken)
    {
        var texts = SignInTexts.In(language);
        var link = Link("confirm", account, await users.GenerateEmailConfirmationTokenAsync(account));
        await SendAsync(account, texts.MailConfirmSubject, texts.MailConfirmText(link), cancellationToken);
    }

    /// <summary>Says that there is an account already.</summary>
    public async Task KnownAsync(Account account, Language language, CancellationToken cancellationToken)
    {
        var texts = SignInTexts.In(language);
        await SendAsync(account, texts.MailKnownSubject, texts.MailKnownText(await ResetLinkAsync(account)), cancellationToken);
    }

    /// <summary>Lets choose a new password.</summary>
    public async Task ResetAsync(Account account, Language language, CancellationToken cancellationToken)
    {
        var texts = SignInTexts.In(language);
        await SendAsync(account, texts.MailResetSubject, texts.MailResetText(await ResetLinkAsync(account)), cancellationToken);
    }

    /// <summary>Says that the password was changed.</summary>
    public Task ChangedAsync(Account account, Language language, CancellationToken cancellationToken)
    {
        var texts = SignInTexts.In(language);
        return SendAsync(account, texts.MailChangedSubject, texts.MailChangedText($"{address.Base}/account/forgotten"), cancellationToken);
    }

    /// <summary>The token behind a link; null when it is not well formed.</summary>
    public static string? TokenOf(string code)
    {
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(code));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private async Task<string> ResetLinkAsync(Account account) => Link("reset", account, await users.GeneratePasswordResetTokenAsync(account));

    private string Link(string page, Account account, string token) =>
        $"{address.Base}/account/{page}?account={account.Id}&code={WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(token))}";

    private Task SendAsync(Account account, string subject, string text, CancellationToken cancellationToken) =>
        sender.SendAsync(new Email(account.Email!, subject, text), cancellationToken);
}
