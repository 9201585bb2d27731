using Fhir.Server.Outcomes;
using Microsoft.AspNetCore.Http;

namespace Fhir.Server.Access;

/// <summary>Tells who is asking: open mode on one side, tokens (and the callers of tests) on the other.</summary>
public interface ICallerSource
{
    /// <summary>The caller of a request; <c>Unauthenticated</c> when what it shows is not good.</summary>
    ValueTask<Outcome<Caller>> IdentifyAsync(HttpContext context);
}

/// <summary>Open mode: everybody is <see cref="Caller.Open"/>; a command that shows the operator key is <see cref="Caller.Operator"/>.</summary>
internal sealed class OpenCallerSource(OperatorKey key) : ICallerSource
{
    public ValueTask<Outcome<Caller>> IdentifyAsync(HttpContext context)
    {
        var shown = context.Request.Headers.Authorization.ToString();
        if (!shown.StartsWith(OperatorKey.Scheme + " ", StringComparison.OrdinalIgnoreCase))
        {
            return ValueTask.FromResult<Outcome<Caller>>(Caller.Open);
        }
        return ValueTask.FromResult<Outcome<Caller>>(key.Equals(shown[(OperatorKey.Scheme.Length + 1)..])
            ? Caller.Operator
            : new Problem(ProblemKind.Unauthenticated, "The operator key is not this store's."));
    }
}
