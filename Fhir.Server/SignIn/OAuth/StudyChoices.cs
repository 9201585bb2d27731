using System.Text.Json;
using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Search;
using Fhir.Server.Storage;
using Fhir.Server.Storage.Accounts;

namespace Fhir.Server.SignIn.OAuth;

/// <summary>A study an app may be opened with.</summary>
/// <param name="Id">Of the ImagingStudy.</param>
/// <param name="Text">When it was made, by what, and what it is called.</param>
internal sealed record StudyChoice(string Id, string Text);

/// <summary>The studies of a record, newest first, for an app that asks to be opened with one (<c>launch/imagingstudy</c>) and that no portal opened.</summary>
internal sealed class StudyChoices(GuardedRecords records, PublicAddress address)
{
    private const string Most = "50";

    public async ValueTask<IReadOnlyList<StudyChoice>> ListAsync(string record, Account account, CancellationToken cancellationToken)
    {
        var caller = new Caller(CallerKind.Restricted, "sign-in", account.Id, Reach.Of(new ReachedRecord(record)), MayWrite: false);
        var parameters = new Dictionary<string, string> { ["patient"] = record, ["_sort"] = "-started", ["_count"] = Most };
        if (!new SearchParser(new SearchOptions(), address.Fhir).Parse("ImagingStudy", parameters, strict: true).TryGet(out var query, out var problem))
        {
            throw new InvalidOperationException($"The studies of a record cannot be asked for: {problem.Text}");
        }
        var found = await records.For(caller).SearchAsync(query, cancellationToken);
        return found.IsSuccess ? [.. found.Value.Matches.Select(study => new StudyChoice(study.Key.Id, TextOf(study.Json)))] : [];
    }

    private static string TextOf(ReadOnlyMemory<byte> study)
    {
        using var json = JsonDocument.Parse(study);
        var root = json.RootElement;
        var started = root.TryGetProperty("started", out var moment) ? moment.GetString()!.Split('T')[0] : null;
        var modality = root.TryGetProperty("modality", out var codes)
            ? string.Join('/', codes.EnumerateArray().Select(code => code.TryGetProperty("code", out var value) ? value.GetString() : null)) : null;
        var description = root.TryGetProperty("description", out var text) ? text.GetString() : null;
        return string.Join(", ", new[] { started, modality, description }.Where(part => !string.IsNullOrEmpty(part))) is { Length: > 0 } said
            ? said : root.GetProperty("id").GetString()!;
    }
}
