using System.ComponentModel.DataAnnotations;
using Fhir.Server.SignIn.Clients;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Section <c>OAuth</c>: the authorisation server.</summary>
public sealed class OAuthOptions
{
    /// <summary>How long an access token of a user lives; default one hour, the most SMART recommends.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "01:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long an access token of a client that speaks for itself lives; default and limit five minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "00:05:00")]
    public TimeSpan SystemTokenLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a refresh token lives unused; each use gives a new one. Default 90 days.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "366.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>After how long a new key signs id tokens, from the next start on; older ones stay published as long again. Default 90 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3660.00:00:00")]
    public TimeSpan SigningKeyLifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Clients registered at every start as they stand here.</summary>
    public IList<ClientRegistration> Clients { get; } = [];
}
