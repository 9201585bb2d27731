using System.CommandLine;
using System.Text.Json.Nodes;
using Fhir.Server.SignIn.Clients;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary><c>clients add</c>, <c>list</c> and <c>disable</c>.</summary>
internal static class ClientsCommand
{
    public const string Name = "clients";

    public static Command Make(Func<string[], WebApplication> build) =>
        new(Name, "Apps and sites that may ask for tokens.") { Add(build), List(build), Disable(build) };

    private static Command Add(Func<string[], WebApplication> build)
    {
        var options = new ClientOptions();
        var command = new Command("add", "Registers a client; a secret is printed this once. Beside a running server or without one.");
        foreach (var option in options.All)
        {
            command.Add(option);
        }
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ClientRegistration client;
            try
            {
                client = await options.ReadAsync(parsed, cancellationToken);
            }
            catch (IOException unreadable)
            {
                await Console.Error.WriteLineAsync(unreadable.Message);
                return CommandLine.BadArguments;
            }
            var made = await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, "operator/clients", client, cancellationToken);
            if (made is null)
            {
                return 1;
            }
            await Console.Out.WriteLineAsync($"client_id={made["client_id"]}");
            if (made["client_secret"] is { } secret)
            {
                await Console.Out.WriteLineAsync($"client_secret={secret}");
            }
            return 0;
        });
        return command;
    }

    private static Command List(Func<string[], WebApplication> build)
    {
        var command = new Command("list", "One line a client: id, name, organization, scopes.") { TreatUnmatchedTokensAsErrors = false };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var found = await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Get, "operator/clients", null, cancellationToken);
            if (found is not JsonArray clients)
            {
                return 1;
            }
            foreach (var one in clients)
            {
                var disabled = one!["disabled"]!.GetValue<bool>() ? "\tdisabled" : "";
                await Console.Out.WriteLineAsync($"{one["client_id"]}\t{one["name"]}\t{one["organization"]?.ToString() ?? "-"}\t{one["scopes"]}{disabled}");
            }
            return 0;
        });
        return command;
    }

    private static Command Disable(Func<string[], WebApplication> build)
    {
        var id = new Argument<string>("client_id") { Description = "Which." };
        var command = new Command("disable", "Refuses a client and every token it has, from its next request on.") { id };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = $"operator/clients/{Uri.EscapeDataString(parsed.GetValue(id)!)}/disable";
            return await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, path, null, cancellationToken) is null ? 1 : 0;
        });
        return command;
    }
}
