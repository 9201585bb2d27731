using System.ComponentModel.DataAnnotations;

namespace Fhir.Server.SignIn;

/// <summary>Section <c>SignIn</c>.</summary>
public sealed class SignInOptions
{
    /// <summary>How long a session lasts without a request; default 2 hours.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long a session lasts at most; default 12 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "30.00:00:00")]
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(12);

    /// <summary>How long ago people may have signed in who change how they sign in; default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan FreshSignIn { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>The fewest characters of a password; default 12 (NIST SP 800-63B-4 §3.1.1.2 asks for 15 where a password stands alone, 8 beside another factor).</summary>
    [Range(8, 64)]
    public int PasswordLength { get; set; } = 12;

    /// <summary>After how many wrong passwords in a row an account rests; default 10.</summary>
    [Range(3, 100)]
    public int LockoutAttempts { get; set; } = 10;

    /// <summary>How long it rests; default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan LockoutTime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long links in mails hold; default 2 hours.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "2.00:00:00")]
    public TimeSpan MailedLinks { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long an invitation to a proxy holds; default 7 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "60.00:00:00")]
    public TimeSpan Invitations { get; set; } = TimeSpan.FromDays(7);

    /// <summary>The age at which a grant for a minor's record ends; default 18 years.</summary>
    [Range(10, 25)]
    public int ProxyEndAge { get; set; } = 18;

    /// <summary>The time over which attempts at a secret are counted; default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan AttemptWindow { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How many attempts at secrets of one account are taken in that time, whoever makes them; default 20. More are answered 429.</summary>
    [Range(3, 10_000)]
    public int AttemptsPerAccount { get; set; } = 20;

    /// <summary>How many attempts at any secret are taken in that time from one address (of IPv6: a /64); default 100.</summary>
    [Range(3, 100_000)]
    public int AttemptsPerAddress { get; set; } = 100;

    /// <summary>Where mails are dropped as files for want of another <see cref="Mail.IEmailSender"/>; default: <c>mail</c> among the keys.</summary>
    public string? MailFolder { get; set; }

    /// <summary>Other providers people may sign in with, by OpenID Connect: <c>SignIn:External:{name}:Authority</c> and so on.</summary>
    public Dictionary<string, ExternalProvider> External { get; } = [];
}

/// <summary>A provider of OpenID Connect.</summary>
public sealed class ExternalProvider
{
    /// <summary>Its issuer.</summary>
    public string? Authority { get; set; }

    /// <summary>What this server is called there.</summary>
    public string? ClientId { get; set; }

    /// <summary>And its secret.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>How pages call it; default: its name in the section.</summary>
    public string? DisplayName { get; set; }
}
