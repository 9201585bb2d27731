using System.Globalization;
using Fhir.Server.Consents;
using Fhir.Server.Dicom;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.DicomWeb;

/// <summary>STOW-RS: multipart or single part, streamed, durable before it is acknowledged. PS3.18 §10.5</summary>
internal static class StowEndpoint
{
    private const string Dicom = "application/dicom";
    private const int UnderWay = 8;
    private const int CommitEach = 100;

    public static void MapStow(this IEndpointRouteBuilder web, string names)
    {
        web.MapPost("/studies", StoreAsync).WithName($"{names}-stow");
        web.MapPost("/studies/{study}", StoreAsync).WithName($"{names}-stow-study");
    }

    private static async Task<IResult> StoreAsync(
        HttpContext context, GuardedRecord guard, Intake intake, DicomWebBase webBase, IOptions<DicomWebOptions> options,
        CancellationToken cancellationToken, string? study = null)
    {
        if (Judge(context.Request, study) is { } refused)
        {
            return DicomWebResults.Problem(refused);
        }
        if (!webBase.RecordToStoreIn().TryGet(out var record, out var problem)
            || (record is { } known && (problem = (await guard.MayStoreAsync(known, cancellationToken)).Problem) is not null))
        {
            return DicomWebResults.Problem(problem!);
        }
        var source = guard.Caller.Kind == Access.CallerKind.Operator ? InstanceSource.Import : InstanceSource.Stow;
        var run = new StowRun(intake, record, study, source, options.Value.InstanceLimit);
        if (await run.ReceiveAsync(Parts(context.Request, cancellationToken), cancellationToken) is { } failure)
        {
            return DicomWebResults.Problem(failure);
        }
        return run.Results.Count == 0
            ? DicomWebResults.Problem(Problem.Invalid("The request has no instance in it."))
            : StowResponse.Answer(context, run.Results, webBase, study);
    }

    private static Problem? Judge(HttpRequest request, string? study)
    {
        if (!AcceptedType.Of(request).Any(type => type.Inner is "application/dicom+json" or "application/json" or "*/*" or "application/*"))
        {
            return Problem.NotAcceptable("The answer to a store is application/dicom+json.");
        }
        if (study is not null && !DicomUid.IsValid(study))
        {
            return Problem.Invalid("The address does not name a valid Study Instance UID.");
        }
        var type = ContentTypeOf(request.ContentType);
        var good = type is not null && (type.Type == Dicom || (type.IsMultipart && type.Root is null or Dicom && Boundary(request) is not null));
        return good ? null : Problem.Unsupported("Instances are sent as multipart/related; type=\"application/dicom\" with a boundary, or one alone as application/dicom.");
    }

    /// <summary>The bodies of the request one after the other; each must be read before the next is asked for.</summary>
    private static async IAsyncEnumerable<Outcome<Stream>> Parts(
        HttpRequest request, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (ContentTypeOf(request.ContentType)!.Type == Dicom)
        {
            yield return request.Body;
            yield break;
        }
        var reader = new MultipartReader(Boundary(request)!, request.Body) { HeadersCountLimit = 16, HeadersLengthLimit = 16 * 1024 };
        while (true)
        {
            if (!(await NextAsync(reader, cancellationToken)).TryGet(out var section, out var problem))
            {
                yield return problem;
                yield break;
            }
            if (section is null)
            {
                yield break;
            }
            var type = ContentTypeOf(section.ContentType);
            if (type is not null && type.Type != Dicom)
            {
                yield return Problem.Unsupported("A part of the request is not application/dicom.");
                yield break;
            }
            yield return section.Body;
        }
    }

    private static async ValueTask<Outcome<MultipartSection?>> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return Intake.Broken;
        }
    }

    private static AcceptedType? ContentTypeOf(string? header)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            return null;
        }
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = header;
        return AcceptedType.Of(request) is [var type, ..] ? type : null;
    }

    private static string? Boundary(HttpRequest request)
    {
        // Clients send type=application/dicom without quotes, which a strict parser of media types refuses.
        var text = request.ContentType ?? "";
        var at = text.IndexOf("boundary=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }
        var value = text[(at + "boundary=".Length)..];
        var boundary = value.StartsWith('"') ? value[1..].Split('"')[0] : value.Split(';')[0].Trim();
        return boundary.Length is > 0 and <= 70 ? HeaderUtilities.RemoveQuotes(boundary).Value : null;
    }

    /// <summary>
    /// One store request under way: while the next part is being copied, those before it are read and made durable, and committed in
    /// groups, so that neither memory nor waiting grows with their number.
    /// </summary>
    private sealed class StowRun(Intake intake, RecordId? record, string? study, InstanceSource source, long limit)
    {
        private readonly List<Task<ReceivedInstance>> pending = [];

        public List<StoredInstance> Results { get; } = [];

        /// <summary>Stores all; a problem when the request as a whole is at fault. What was committed before stays.</summary>
        public async ValueTask<Problem?> ReceiveAsync(IAsyncEnumerable<Outcome<Stream>> bodies, CancellationToken cancellationToken)
        {
            try
            {
                await foreach (var body in bodies)
                {
                    if (!body.TryGet(out var stream, out var unsupported))
                    {
                        return await EndAsync(unsupported, cancellationToken);
                    }
                    if (!(await intake.CopyAsync(stream, limit, cancellationToken)).TryGet(out var file, out var problem))
                    {
                        return await EndAsync(problem, cancellationToken);
                    }
                    await RoomAsync();
                    pending.Add(Task.Run(() => intake.FinishAsync(file, study, source, cancellationToken), CancellationToken.None));
                    if (pending.Count >= CommitEach)
                    {
                        await CommitAsync(cancellationToken);
                    }
                }
                await CommitAsync(cancellationToken);
                return null;
            }
            finally
            {
                await LetGoAsync();
            }
        }

        /// <summary>Lets go of what was received and will not be stored any more, since the sender has gone or something failed.</summary>
        private async ValueTask LetGoAsync()
        {
            foreach (var task in pending)
            {
                await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (task.IsCompletedSuccessfully)
                {
                    await (await task).Upload.DisposeAsync();
                }
            }
        }

        private async ValueTask RoomAsync()
        {
            while (pending.Count(task => !task.IsCompleted) >= UnderWay)
            {
                await Task.WhenAny(pending.Where(task => !task.IsCompleted));
            }
        }

        private async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            var received = await Task.WhenAll(pending);
            pending.Clear();
            Results.AddRange(await intake.StoreAsync(received, record, cancellationToken));
        }

        /// <summary>What came whole is kept, and the sender told that the request was not.</summary>
        private async ValueTask<Problem> EndAsync(Problem problem, CancellationToken cancellationToken)
        {
            await CommitAsync(cancellationToken);
            var stored = Results.Count(result => result.Refusal is null);
            return stored == 0
                ? problem
                : problem with { Text = $"{problem.Text} {stored.ToString(CultureInfo.InvariantCulture)} instances before that were stored." };
        }
    }
}
