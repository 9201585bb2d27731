using Fhir.Server.Access;
using Fhir.Server.Consents;
using Fhir.Server.Imaging;
using Fhir.Server.Outcomes;
using Fhir.Server.Rest.Patch;

namespace Fhir.Server.Rest;

/// <summary>
/// Batch and transaction. The entries of a batch are requests of their own, done one after the other; a failure is that entry's alone. See https://hl7.org/fhir/R4/http.html#transaction
/// </summary>
internal static class BundleEndpoint
{
    public static void MapBundle(this IEndpointRouteBuilder fhir) => fhir.MapPost("", PostAsync).WithName("bundle")
        .WithMetadata(new Interaction("batch"), new Interaction("transaction"));

    private static async Task<IResult> PostAsync(
        HttpContext context, GuardedRecord guard, ResourceContents contents, PublicAddress address, InnerRequests inner, CancellationToken cancellationToken)
    {
        if (!FhirNegotiation.ReadBodyType(context.Request).TryGet(out var isXml, out var problem)
            || !(await FhirBody.ReadBytesAsync(context.Request, cancellationToken, BundleRequest.Limit)).TryGet(out var bytes, out problem)
            || !JsonOf(bytes, isXml).TryGet(out var json, out problem)
            || !BundleRequest.Read(json, address.Fhir).TryGet(out var bundle, out problem))
        {
            return FhirResults.Problem(problem);
        }
        var run = new BundleRun(context, inner, address);
        if (!bundle.IsTransaction)
        {
            var answers = new List<BundleAnswer>(bundle.Entries.Count);
            foreach (var entry in bundle.Entries)
            {
                answers.Add(entry.TryGet(out var readable, out var fault) ? await run.SendAsync(readable) : BundleAnswer.Of(fault));
            }
            return FhirResults.Document(writer => BundleAnswer.Write(writer, "batch-response", answers));
        }
        if (bundle.Entries.Select(entry => entry.Problem).FirstOrDefault(fault => fault is not null) is { } unreadable)
        {
            return FhirResults.Problem(unreadable);
        }
        var entries = bundle.Entries.Select(entry => entry.Value).ToList();
        return (await run.TransactAsync(entries, new TransactionRun(guard, contents, address), cancellationToken)).Match(
            answers => FhirResults.Document(writer => BundleAnswer.Write(writer, "transaction-response", answers)), FhirResults.Problem);
    }

    /// <summary>The bundle in JSON; one in XML is judged as a whole, for what is wrong in it cannot be told apart.</summary>
    private static Outcome<ReadOnlyMemory<byte>> JsonOf(ReadOnlyMemory<byte> bytes, bool isXml)
    {
        if (!isXml)
        {
            return bytes;
        }
        return FhirBody.ParseXml(bytes, "Bundle").TryGet(out var bundle, out var problem) ? (ReadOnlyMemory<byte>)FhirJson.Write(bundle) : problem;
    }
}

/// <summary>Does the entries of one bundle.</summary>
internal sealed class BundleRun(HttpContext context, InnerRequests inner, PublicAddress address)
{
    private long answered;

    /// <summary>One entry as a request of its own. <c>TooCostly</c> for a read when what was answered before is as much as a bundle may have.</summary>
    public async Task<BundleAnswer> SendAsync(BundleEntry entry)
    {
        if (entry.Method == "GET" && answered > BundleRequest.Limit)
        {
            return BundleAnswer.Of(Problem.TooCostly($"The answers of a Bundle may have about {BundleRequest.Limit} bytes; ask for the rest in another.") with { Expression = entry.Expression });
        }
        var answer = await AnswerAsync(entry);
        answered += answer.Resource.Length + answer.Outcome.Length;
        return answer;
    }

    private async Task<BundleAnswer> AnswerAsync(BundleEntry entry)
    {
        if (entry.Path.Length == 0 && entry.Method is not ("GET" or "HEAD"))
        {
            return BundleAnswer.Of(Problem.Invalid("A bundle within a bundle is not done.", entry.Expression));
        }
        var body = entry.Method is "GET" or "HEAD" or "DELETE" ? ReadOnlyMemory<byte>.Empty : entry.Resource;
        var type = FhirResults.MediaType;
        if (entry.Method == "PATCH" && body.Length > 0 && JsonText.TypeOf(body.Span) == "Binary")
        {
            // The way a JSON Patch travels in a bundle: https://hl7.org/fhir/R4/http.html#jsonpatch
            if (!PatchBody.JsonPatchOf(body).TryGet(out body, out var problem))
            {
                return BundleAnswer.Of(problem with { Expression = entry.Expression + ".resource" });
            }
            type = PatchBody.JsonPatchType;
        }
        var path = new PathString("/fhir").Add(entry.Path.Length == 0 ? PathString.Empty : PathString.FromUriComponent("/" + entry.Path));
        return BundleAnswer.Of(await inner.SendAsync(
            context, new InnerRequest(entry.Method, path, QueryOf(entry), HeadersOf(entry), type, body)));
    }

    /// <summary>All or nothing; what only reads is read afterwards.</summary>
    public async ValueTask<Outcome<IReadOnlyList<BundleAnswer>>> TransactAsync(
        IReadOnlyList<BundleEntry> entries, TransactionRun transaction, CancellationToken cancellationToken)
    {
        if (!(await transaction.RunAsync(entries, cancellationToken)).TryGet(out var results, out var problem))
        {
            return problem;
        }
        var wanted = FhirNegotiation.WantsBack(context.Request, Wanted.Minimal);
        var answers = new List<BundleAnswer>(entries.Count);
        foreach (var (i, entry) in entries.Index())
        {
            answers.Add(results[i] switch
            {
                null => await SendAsync(entry),
                { Committed: null } => new BundleAnswer(StatusCodes.Status204NoContent),
                { Committed: { } committed } => BundleAnswer.Of(committed, address.Fhir, transaction.MayReadBack(committed.Resource.Key.Type) ? wanted : Wanted.Minimal),
            });
        }
        return answers;
    }

    /// <summary>The format of the answer is that of the bundle.</summary>
    private static QueryString QueryOf(BundleEntry entry)
    {
        var parts = entry.Query.Split('&').Where(part => part.Length > 0 && part.Split('=')[0] is not ("_format" or "_pretty")).ToList();
        return new QueryString(parts.Count == 0 ? "" : "?" + string.Join('&', parts));
    }

    private List<KeyValuePair<string, string>> HeadersOf(BundleEntry entry)
    {
        var headers = new List<KeyValuePair<string, string>>();
        void Add(string name, string? value)
        {
            if (value is not null)
            {
                headers.Add(new(name, value));
            }
        }
        Add("If-Match", entry.IfMatch);
        Add("If-None-Match", entry.IfNoneMatch);
        Add("If-None-Exist", entry.IfNoneExist);
        Add("If-Modified-Since", DateTimeOffset.TryParse(entry.IfModifiedSince, System.Globalization.CultureInfo.InvariantCulture, out var since)
            ? since.ToUniversalTime().ToString("R", System.Globalization.CultureInfo.InvariantCulture) : null);
        var prefer = context.Request.Headers["Prefer"].ToString();
        Add("Prefer", prefer.Contains("return=", StringComparison.OrdinalIgnoreCase) ? prefer
            : entry.Method is "GET" or "HEAD" ? prefer.Length > 0 ? prefer : null
            : prefer.Length > 0 ? prefer + ", return=minimal" : "return=minimal");
        return headers;
    }
}
