using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.SignIn.Accounts;

/// <summary>What has to be remembered between two requests of one browser, for minutes: sealed in a cookie nobody else can write or read.</summary>
internal sealed class Notes(IDataProtectionProvider protection, SignedIn signedIn)
{
    /// <summary>After the password, before the second step.</summary>
    public const string SecondStep = "phr-second-step";

    /// <summary>While a passkey is asked for or made.</summary>
    public const string Passkey = "phr-passkey";

    /// <summary>Keeps a note in place of the one before.</summary>
    public void Keep(HttpContext context, string name, string value, TimeSpan lifetime)
    {
        var cookie = signedIn.CookieOptions(context);
        cookie.MaxAge = lifetime;
        context.Response.Cookies.Append(name, Protector(name).Protect(value, lifetime), cookie);
    }

    /// <summary>Reads a note; null when there is none, it is too old or was tampered with.</summary>
    public string? Find(HttpContext context, string name)
    {
        if (context.Request.Cookies[name] is not { Length: > 0 } sealedText)
        {
            return null;
        }
        try
        {
            return Protector(name).Unprotect(sealedText);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Forgets a note.</summary>
    public void Forget(HttpContext context, string name) => context.Response.Cookies.Delete(name, signedIn.CookieOptions(context));

    private ITimeLimitedDataProtector Protector(string name) => protection.CreateProtector("Fhir.Server.SignIn", name).ToTimeLimitedDataProtector();
}
