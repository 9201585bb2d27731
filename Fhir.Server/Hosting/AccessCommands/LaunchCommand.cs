using System.CommandLine;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary><c>launch issue</c>: prepares an EHR launch.</summary>
internal static class LaunchCommand
{
    public const string Name = "launch";

    public static Command Make(Func<string[], WebApplication> build)
    {
        var patient = new Option<string>("--patient") { Description = "The id of the Patient whose record the app is to open.", Required = true };
        var study = new Option<string?>("--study") { Description = "The id of an ImagingStudy to be opened." };
        var user = new Option<string?>("--user") { Description = "Who alone may use it: Practitioner/…, Patient/…; else whoever signs in and may." };
        var client = new Option<string?>("--client") { Description = "The client_id that alone may use it." };
        var issue = new Command("issue", "Prints a launch value, good once and for five minutes, and the iss that belongs to it. Beside a running server.")
        {
            patient, study, user, client,
        };
        issue.TreatUnmatchedTokensAsErrors = false;
        issue.SetAction(async (parsed, cancellationToken) =>
        {
            var body = new
            {
                patient = parsed.GetValue(patient), study = parsed.GetValue(study), user = parsed.GetValue(user), client = parsed.GetValue(client),
            };
            var made = await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, "operator/launches", body, cancellationToken);
            if (made is null)
            {
                return 1;
            }
            await Console.Out.WriteLineAsync($"launch={made["launch"]}\niss={made["iss"]}");
            return 0;
        });
        return new Command(Name, "Launches of apps from a portal (EHR launch).") { issue };
    }
}
