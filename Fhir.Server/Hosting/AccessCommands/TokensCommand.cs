using System.CommandLine;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary><c>tokens issue</c>: prints an access token and nothing else.</summary>
internal static class TokensCommand
{
    public const string Name = "tokens";

    public static Command Make(Func<string[], WebApplication> build)
    {
        var client = new Option<string>("--client") { Description = "The client_id the token is for.", Required = true };
        var scopes = new Option<string>("--scopes") { Description = "What it allows, separated by blanks: \"patient/*.rs\".", Required = true };
        var patient = new Option<string?>("--patient") { Description = "The id of the Patient in context." };
        var user = new Option<string?>("--user") { Description = "Who uses the client: Practitioner/…, RelatedPerson/…; else the patient in context." };
        var organization = new Option<string?>("--organization") { Description = "The id of the Organization they work for." };
        var purpose = new Option<string?>("--purpose") { Description = "Purpose of use, a code of v3-ActReason such as TREAT." };
        var issue = new Command("issue", "Mints an access token of one hour, beside a running server or without one. In Development only.")
        {
            client, scopes, patient, user, organization, purpose,
        };
        issue.TreatUnmatchedTokensAsErrors = false;
        issue.SetAction(async (parsed, cancellationToken) =>
        {
            var body = new
            {
                client = parsed.GetValue(client), scopes = parsed.GetValue(scopes), patient = parsed.GetValue(patient), user = parsed.GetValue(user),
                organization = parsed.GetValue(organization), purpose = parsed.GetValue(purpose),
            };
            var made = await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, "operator/tokens", body, cancellationToken);
            if (made is null)
            {
                return 1;
            }
            await Console.Out.WriteLineAsync(made["access_token"]!.GetValue<string>());
            return 0;
        });
        return new Command(Name, "Access tokens for scripts and suites of a developer.") { issue };
    }
}
