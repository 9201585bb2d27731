using Fhir.Server.SignIn.Pages;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>Makes accounts. What it costs, and what its caller sees, is the same for an address that is known.</summary>
internal sealed class Registration(UserManager<Account> users, PasswordCheck passwords, AccountMail mail, TimeProvider clock)
{
    /// <summary>
    /// Makes the account and asks to confirm its address. A known address gets a message that says so. One that was never confirmed
    /// begins anew: the links sent before are void, and so is the password somebody else may have chosen.
    /// </summary>
    public async Task RegisterAsync(RegisterPage.RegistrationForm form, Language language, CancellationToken cancellationToken)
    {
        var known = await users.FindByEmailAsync(form.Email);
        if (known is { EmailConfirmed: true })
        {
            passwords.Burn(form.Password);
            if (!known.IsDisabled)
            {
                await mail.KnownAsync(known, language, cancellationToken);
            }
            return;
        }
        if (known is not null)
        {
            Held(await users.DeleteAsync(known));
        }
        var account = Of(form);
        var made = await users.CreateAsync(account, form.Password);
        if (made.Errors.Any(error => error.Code is nameof(IdentityErrorDescriber.DuplicateEmail) or nameof(IdentityErrorDescriber.DuplicateUserName)))
        {
            // Somebody was faster with the same address; theirs gets its own message.
            return;
        }
        Held(made);
        await mail.ConfirmAsync(account, language, cancellationToken);
    }

    /// <summary>What Identity refuses here is a bug: everything a person can get wrong was asked before.</summary>
    public static void Held(IdentityResult result)
    {
        if (!result.Succeeded)
        {
            throw new InvalidOperationException("An account was refused: " + string.Join(", ", result.Errors.Select(error => error.Code)));
        }
    }

    private Account Of(RegisterPage.RegistrationForm form)
    {
        var account = new Account
        {
            UserName = form.Email, Email = form.Email, DisplayName = $"{form.Given} {form.Family}", Created = Microseconds.Of(clock.GetUtcNow()),
            Kind = form.IsForOthers ? AccountKind.RelatedPerson : AccountKind.Patient, LockoutEnabled = true,
        };
        if (!form.IsForOthers)
        {
            account.Record = Guid.NewGuid().ToString("N");
            account.FhirUser = $"Patient/{account.Record}";
            (account.Given, account.Family, account.BirthDate, account.Gender) = (form.Given, form.Family, form.BirthDate, form.Gender);
        }
        return account;
    }
}
