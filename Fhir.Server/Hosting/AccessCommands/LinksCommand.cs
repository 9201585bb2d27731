using System.CommandLine;
using System.Text.Json.Nodes;

namespace Fhir.Server.Hosting.AccessCommands;

/// <summary><c>links add</c>, <c>list</c> and <c>remove</c>: which patient a site's number means.</summary>
internal static class LinksCommand
{
    public const string Name = "links";

    public static Command Make(Func<string[], WebApplication> build) =>
        new(Name, "Verified identifiers of patients at sites: by these, and nothing else, a site's studies find their record.") { Add(build), List(build), Remove(build) };

    private static Command Add(Func<string[], WebApplication> build)
    {
        var (record, space, value) = (Record(), Namespace(), Value());
        var command = new Command("add", "Says that an identifier means a patient. Studies that come with it go to their record from now on.") { record, space, value };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var body = new { record = parsed.GetValue(record), @namespace = parsed.GetValue(space), value = parsed.GetValue(value) };
            return await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, "operator/links", body, cancellationToken) is null ? 1 : 0;
        });
        return command;
    }

    private static Command List(Func<string[], WebApplication> build)
    {
        var record = Record();
        var command = new Command("list", "One line a link of a patient: namespace, identifier, how and by whom it was verified.") { record };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = $"operator/links?record={Uri.EscapeDataString(parsed.GetValue(record)!)}";
            if (await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Get, path, null, cancellationToken) is not JsonArray links)
            {
                return 1;
            }
            foreach (var one in links)
            {
                await Console.Out.WriteLineAsync($"{one!["namespace"]}\t{one["value"]}\t{one["how"]}\t{one["by"]}");
            }
            return 0;
        });
        return command;
    }

    private static Command Remove(Func<string[], WebApplication> build)
    {
        var (space, value) = (Namespace(), Value());
        var command = new Command("remove", "Takes a link back: nothing more comes by it. What has come stays where it is.") { space, value };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var body = new { record = "", @namespace = parsed.GetValue(space), value = parsed.GetValue(value) };
            return await OperatorLink.AskAsync(parsed.UnmatchedTokens, build, HttpMethod.Post, "operator/links/remove", body, cancellationToken) is null ? 1 : 0;
        });
        return command;
    }

    private static Option<string> Record() => new("--record") { Description = "The id of the Patient.", Required = true };

    private static Option<string> Namespace() => new("--namespace") { Description = "The namespace of the identifier, a URI registered to a site.", Required = true };

    private static Option<string> Value() => new("--value") { Description = "The identifier, as the site sends it in Patient ID (0010,0020).", Required = true };
}
