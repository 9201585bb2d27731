using Fhir.Server.Access;
using Fhir.Server.Outcomes;

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

    /// <summary>Reads scopes; <c>Invalid</c> with the first that this server does not grant, or could not hold anybody to.</summary>
    public static Outcome<ScopeSet> Read(string text, ScopeJudge judge)
    {
        var scopes = ScopeSet.Parse(text);
        foreach (var one in scopes.Texts.Where(one => !Named.Contains(one, StringComparer.Ordinal)))
        {
            if (!SmartScope.TryParse(one, out var scope))
            {
                return Problem.Invalid($"There is no scope '{Shown(one)}' here.");
            }
            if (!judge.Judge(scope).TryGet(out _, out var problem))
            {
                return Problem.Invalid($"The scope '{Shown(one)}' is not granted here: {Shown(problem.Text)}");
            }
        }
        return scopes;
    }

    /// <summary>As it may stand in an answer: printable ASCII without quotes (RFC 6749 §4.1.2.1).</summary>
    private static string Shown(string text) =>
        new([.. text.Take(200).Select(letter => letter is >= ' ' and <= '~' and not '"' and not '\\' ? letter : '?')]);
}
