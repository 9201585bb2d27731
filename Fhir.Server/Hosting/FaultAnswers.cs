using Fhir.Server.Outcomes;
using Fhir.Server.Rest;

namespace Fhir.Server.Hosting;

/// <summary>
/// The one handler of what nobody expected, and of answers that would have no body: an OperationOutcome, never a stack trace. The
/// details go to the log.
/// </summary>
internal sealed partial class FaultAnswers(RequestDelegate next, ILogger<FaultAnswers> logger)
{
    private const int NoSpaceOnUnix = 28;
    private const int NoQuotaOnUnix = 122;
    private const int NoSpaceOnWindows = unchecked((int)0x80070070);
    private const int HandleFullOnWindows = unchecked((int)0x80070027);
    private static readonly TimeSpan FullRetry = TimeSpan.FromMinutes(5);

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException bad) when (!context.Response.HasStarted)
        {
            var kind = bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? ProblemKind.TooLarge : ProblemKind.Invalid;
            await AnswerAsync(context, new Problem(kind, "The request is not well-formed."));
            return;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone; there is nobody to answer.
            return;
        }
        catch (IOException full) when (IsFull(full) && !context.Response.HasStarted)
        {
            Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no endpoint", full);
            await AnswerAsync(context, Problem.NoSpace("There is no room left to store this.", FullRetry));
            return;
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            Failed(logger, context.Request.Method, context.GetEndpoint()?.DisplayName ?? "no endpoint", failure);
            context.Response.Clear();
            await FhirResults.Fault().ExecuteAsync(context);
            return;
        }
        if (!context.Response.HasStarted && context.Response is { ContentType: null, ContentLength: null })
        {
            await ExplainAsync(context);
        }
    }

    /// <summary>Whether the disk is full or the quota used up: ENOSPC, EDQUOT (of Linux), ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL.</summary>
    private static bool IsFull(IOException failure) => failure.HResult is NoSpaceOnUnix or NoQuotaOnUnix or NoSpaceOnWindows or HandleFullOnWindows;

    private static Task ExplainAsync(HttpContext context) => context.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => AnswerAsync(context, Problem.NotFound()),
        StatusCodes.Status405MethodNotAllowed => AnswerAsync(context, Problem.NotAllowed("This address does not do that.")),
        StatusCodes.Status415UnsupportedMediaType => AnswerAsync(context, Problem.Unsupported("The content type is not understood here.")),
        _ => Task.CompletedTask,
    };

    private static Task AnswerAsync(HttpContext context, Problem problem) => FhirResults.Problem(problem).ExecuteAsync(context);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Endpoint} failed")]
    private static partial void Failed(ILogger logger, string method, string endpoint, Exception failure);
}
