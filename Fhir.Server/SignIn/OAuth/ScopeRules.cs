using Fhir.Server.Access;
using Fhir.Server.Outcomes;
using Fhir.Server.Search;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>Which scopes there are. https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html</summary>
internal static class ScopeRules
{
    public const string OpenId = "openid";
    public const string FhirUser = "fhirUser";
    public const string Profile = "profile";
    public const string Launch = "launch";
    public const string LaunchPatient = "launch/patient";
    public const string LaunchStudy = "launch/imagingstudy";
    public const string Offline = "offline_access";
    public const string Online = "online_access";

    /// <summary>What a client may ask for when nobody said.</summary>
    public const string Usual =
        "openid fhirUser profile launch launch/patient launch/imagingstudy offline_access online_access patient/*.cruds user/*.cruds";

    /// <summary>Those that are not for resources.</summary>
    public static IReadOnlyList<string> Named { get; } = [OpenId, FhirUser, Profile, Launch, LaunchPatient, LaunchStudy, Offline, Online];

    /// <summary>Reads scopes; <c>Invalid</c> with the first that there is not.</summary>
    public static Outcome<ScopeSet> Read(string text)
    {
        var scopes = ScopeSet.Parse(text);
        return scopes.Texts.FirstOrDefault(one => !IsKnown(one)) is { } unknown ? Problem.Invalid($"There is no scope '{Shown(unknown)}' here.") : scopes;
    }

    /// <summary>Whether a scope is one this server grants and enforces.</summary>
    public static bool IsKnown(string text) =>
        Named.Contains(text, StringComparer.Ordinal)
        || (SmartScope.TryParse(text, out var scope)
            && (scope.Type == SmartScope.AnyType ? scope.Query is null : SearchParameters.IsResourceType(scope.Type) && QueryIsKnown(scope)));

    /// <summary>
    /// Plain search parameters of the type with plain values: modifiers, chains and <c>_filter</c>, which the standard calls experimental,
    /// are refused, and so is what a search would not understand.
    /// </summary>
    private static bool QueryIsKnown(SmartScope scope) => scope.Query is null || scope.Query.Split('&').All(pair =>
    {
        var equals = pair.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && equals < pair.Length - 1 && SearchParameters.Find(scope.Type, pair[..equals]) is not null;
    });

    /// <summary>As it may stand in an answer: what is not printable ASCII is refused by RFC 6749 §4.1.2.1.</summary>
    private static string Shown(string text) =>
        new([.. text.Take(100).Select(letter => letter is >= ' ' and <= '~' and not '"' and not '\\' ? letter : '?')]);
}
