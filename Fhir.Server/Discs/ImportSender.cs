using System.Net;
using System.Net.Http.Headers;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Discs;

/// <summary>Sends batches by STOW-RS and writes down what became of each file. PS3.18 §10.5</summary>
internal sealed class ImportSender(ServerLink server, ImportReport report)
{
    /// <summary>How many files of a batch were there already; not in the standard, and no other server says it.</summary>
    public const string AlreadyThereHeader = "Phr-Already-There";

    /// <summary>Told how many bytes of the batch are out.</summary>
    public Action<long>? Sent { get; init; }

    /// <summary>Sends the files. A problem is one that would meet every further batch too.</summary>
    public async Task<Outcome<Done>> SendAsync(string patient, List<DiscInstance> files, CancellationToken cancellationToken)
    {
        while (files.Count > 0)
        {
            try
            {
                return await SendWholeAsync(patient, files, cancellationToken);
            }
            catch (DiscReadException unreadable)
            {
                // A scratched disc: the request is broken off, and the others go without this one.
                report.Refuse(unreadable.File.Path, unreadable.Message);
                files = [.. files.Where(file => file != unreadable.File)];
            }
        }
        return default(Done);
    }

    private async Task<Outcome<Done>> SendWholeAsync(string patient, List<DiscInstance> files, CancellationToken cancellationToken)
    {
        var sent = await server.SendAsync(flowing => Request(patient, files, flowing), repeatable: true, cancellationToken);
        if (!sent.TryGet(out var answer, out var problem))
        {
            return problem;
        }
        using (answer)
        {
            if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Accepted or HttpStatusCode.Conflict
                && await StowAnswer.ReadAsync(await answer.Content.ReadAsStreamAsync(cancellationToken), cancellationToken) is { } said)
            {
                Count(files, said, AlreadyThere(answer));
                return default(Done);
            }
            var reason = await ServerLink.ReasonAsync(answer, cancellationToken);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Gone:
                    return new Problem(ProblemKind.Forbidden, $"The server no longer takes files for this patient: {reason}.");
                case HttpStatusCode.InsufficientStorage:
                    return new Problem(ProblemKind.NoSpace, $"The server has no room left: {reason}.");
                case var _ when files.Count > 1:
                    return await SendSinglyAsync(patient, files, cancellationToken);
                default:
                    report.Refuse(files[0].Path, reason);
                    return default(Done);
            }
        }
    }

    /// <summary>When a batch is refused as a whole, one of its files may be the cause; the others shall not suffer.</summary>
    private async Task<Outcome<Done>> SendSinglyAsync(string patient, List<DiscInstance> files, CancellationToken cancellationToken)
    {
        foreach (var file in files)
        {
            var sent = await SendAsync(patient, [file], cancellationToken);
            if (!sent.IsSuccess)
            {
                return sent;
            }
        }
        return default(Done);
    }

    private HttpRequestMessage Request(string patient, List<DiscInstance> files, Action flowing)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"dicomweb/patients/{patient}/studies")
        {
            Content = new StowContent(files, bytes =>
            {
                flowing();
                Sent?.Invoke(bytes);
            }),
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/dicom+json"));
        // A server that will not take the batch says so before all of it is on the way.
        request.Headers.ExpectContinue = true;
        return request;
    }

    private void Count(List<DiscInstance> files, StowAnswer said, int alreadyThere)
    {
        var waiting = files.ToDictionary(file => file.SopInstanceUid);
        foreach (var item in said.Kept.Where(item => item.Uid is not null))
        {
            if (waiting.Remove(item.Uid!, out var file))
            {
                var beside = item.Reason == StowAnswer.KeptBeside;
                report.Take(file.Length, beside ? ImportVerdict.KeptBeside : alreadyThere-- > 0 ? ImportVerdict.AlreadyThere : ImportVerdict.Stored);
            }
        }
        var nameless = "the server did not say what became of it";
        foreach (var item in said.Failed)
        {
            if (item.Uid is null)
            {
                nameless = StowAnswer.Words(item.Reason);
            }
            else if (waiting.Remove(item.Uid, out var file))
            {
                report.Refuse(file.Path, StowAnswer.Words(item.Reason));
            }
        }
        foreach (var file in files.Where(file => waiting.ContainsKey(file.SopInstanceUid)))
        {
            report.Refuse(file.Path, nameless);
        }
    }

    private static int AlreadyThere(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(AlreadyThereHeader, out var values) && int.TryParse(values.First(), out var count) ? count : 0;
}
