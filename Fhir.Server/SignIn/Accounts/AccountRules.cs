using Fhir.Server.SignIn.Texts;
using Fhir.Server.Storage.Accounts;
using Microsoft.AspNetCore.Identity;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>What addresses and passwords must be like. Length counts, kinds of characters do not (NIST SP 800-63B-4 §3.1.1.2).</summary>
internal static class AccountRules
{
    /// <summary>Rounds of PBKDF2 with HMAC-SHA-512, as OWASP's cheat sheet on storing passwords asks.</summary>
    public const int HashIterations = 210_000;

    /// <summary>A longer one is refused, since hashing has to be paid for.</summary>
    public const int LongestPassword = 256;

    private const int LongestAddress = 254;

    /// <summary>Passwords everybody tries first, and the beginnings many of them share.</summary>
    private static readonly string[] Common =
    [
        "password", "passwort", "contraseña", "123456789", "qwertyuiop", "qwerty123", "asdfghjkl", "letmein", "iloveyou", "welcome", "administrator",
        "phrimaging", "changeme", "abcdefgh", "11111111", "00000000",
    ];

    public static void Apply(IdentityOptions identity, SignInOptions options)
    {
        identity.User.RequireUniqueEmail = true;
        // The name is the address; what an address may be is asked before.
        identity.User.AllowedUserNameCharacters = "";
        identity.Lockout.MaxFailedAccessAttempts = options.LockoutAttempts;
        identity.Lockout.DefaultLockoutTimeSpan = options.LockoutTime;
        identity.Password.RequiredLength = options.PasswordLength;
        (identity.Password.RequireDigit, identity.Password.RequireLowercase, identity.Password.RequireUppercase, identity.Password.RequireNonAlphanumeric) =
            (false, false, false, false);
        identity.Password.RequiredUniqueChars = 4;
    }

    /// <summary>Whether a text is an e-mail address one can send to: one @ with something on both sides, nothing that would end a header.</summary>
    public static bool IsAddress(string text) =>
        text.Length <= LongestAddress && text.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at == text.LastIndexOf('@') && at < text.Length - 1
        && !text.Any(one => char.IsControl(one) || char.IsWhiteSpace(one) || one is '<' or '>' or ',' or ';' or '"');

    /// <summary>What is wrong with a password; null when nothing is.</summary>
    public static string? ProblemOf(string password, string email, SignInOptions options, SignInTexts texts)
    {
        if (password.Length < options.PasswordLength || password.Length > LongestPassword || password.Distinct().Count() < 4)
        {
            return texts.PasswordTooShort(options.PasswordLength.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        if (Common.Any(common => password.Contains(common, StringComparison.OrdinalIgnoreCase) && password.Length < common.Length + 6))
        {
            return texts.PasswordTooCommon;
        }
        var name = email.Split('@')[0];
        return name.Length >= 4 && password.Contains(name, StringComparison.OrdinalIgnoreCase) ? texts.PasswordLikeAddress : null;
    }
}
