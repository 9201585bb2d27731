using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Fhir.Server.Dicom;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Fhir.Server.Tests.Discs;

/// <summary>One part of a store request, as it arrived.</summary>
internal sealed record ArrivedPart(string ContentType, string? Uid, long Length, string Hash);

/// <summary>One store request.</summary>
internal sealed record ArrivedBatch(string Patient, string ContentType, string Accept, string Authorization, IReadOnlyList<ArrivedPart> Parts)
{
    public IEnumerable<string?> Uids => Parts.Select(part => part.Uid);
}

/// <summary>A server that keeps nothing but notes, and answers store requests as PS3.18 §10.5.3 wants, or as it is told.</summary>
internal sealed class StubServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, string> stored = [];

    private StubServer(WebApplication app) => this.app = app;

    /// <summary>Store requests that were read to the end and answered as usual.</summary>
    public List<ArrivedBatch> Batches { get; } = [];

    /// <summary>Patients there are.</summary>
    public HashSet<string> Patients { get; } = ["p1"];

    /// <summary>Bodies of patients made here.</summary>
    public List<JsonNode> Created { get; } = [];

    /// <summary>Warning reasons by UID.</summary>
    public Dictionary<string, int> Warnings { get; } = [];

    /// <summary>Failure reasons by UID.</summary>
    public Dictionary<string, int> Failures { get; } = [];

    /// <summary>What to do with the next store requests instead of reading them.</summary>
    public Queue<Func<HttpContext, Task>> Instead { get; } = [];

    /// <summary>What to do with a store request that has been read, when not null.</summary>
    public Func<ArrivedBatch, HttpContext, Task>? Answer { get; set; }

    /// <summary>Leaves the header of counts out.</summary>
    public bool IsForeign { get; set; }

    /// <summary>The id of a patient made here is told in the body only.</summary>
    public bool HidesLocation { get; set; }

    public Uri Address => new(app.Urls.First() + "/");

    public static async Task<StubServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var server = new StubServer(app);
        app.MapGet("/fhir/Patient/{id}", (string id) => server.Patients.Contains(id) ? Results.Ok() : Results.NotFound());
        app.MapPost("/fhir/Patient", server.CreateAsync);
        app.MapPost("/dicomweb/patients/{id}/studies", server.StoreAsync);
        await app.StartAsync();
        return server;
    }

    public static Func<HttpContext, Task> Status(int status, string? retryAfter = null, string? body = null) => async context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }
        await context.Response.WriteAsync(body ?? "");
    };

    public static Func<HttpContext, Task> Hangup() => context =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    public HttpClient Client() => new()
    {
        BaseAddress = Address,
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { Authorization = new("Operator", "k3y") },
    };

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task<IResult> CreateAsync(HttpRequest request)
    {
        var patient = (await JsonNode.ParseAsync(request.Body))!;
        Created.Add(patient);
        var id = $"made{Created.Count}";
        Patients.Add(id);
        patient["id"] = id;
        return HidesLocation
            ? Results.Text(patient.ToJsonString(), "application/fhir+json", statusCode: 201)
            : Results.Created($"{Address}fhir/Patient/{id}/_history/1", null);
    }

    private async Task StoreAsync(string id, HttpContext context)
    {
        if (Instead.TryDequeue(out var scripted))
        {
            await scripted(context);
            return;
        }
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        List<ArrivedPart> parts = [];
        var type = MediaTypeHeaderValue.Parse(context.Request.ContentType);
        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).Value!, context.Request.Body);
        while (await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
        {
            parts.Add(await ReadAsync(section));
        }
        var headers = context.Request.Headers;
        var batch = new ArrivedBatch(id, context.Request.ContentType!, headers.Accept.ToString(), headers.Authorization.ToString(), parts);
        Batches.Add(batch);
        await (Answer ?? AnswerAsync)(batch, context);
    }

    private async Task AnswerAsync(ArrivedBatch batch, HttpContext context)
    {
        var (kept, failed, there) = (new JsonArray(), new JsonArray(), 0);
        foreach (var (uid, hash) in batch.Parts.Select(part => (part.Uid!, part.Hash)))
        {
            var known = stored.TryGetValue(uid, out var before);
            var failure = Failures.GetValueOrDefault(uid, known && before != hash ? 0x0111 : 0);
            if (failure != 0)
            {
                failed.Add(Item(uid, "00081197", failure));
                continue;
            }
            there += known ? 1 : 0;
            stored[uid] = hash;
            kept.Add(Item(uid, "00081196", Warnings.GetValueOrDefault(uid)));
        }
        if (there > 0 && !IsForeign)
        {
            context.Response.Headers["Phr-Already-There"] = there.ToString(CultureInfo.InvariantCulture);
        }
        context.Response.StatusCode = failed.Count == 0 ? 200 : kept.Count == 0 ? 409 : 202;
        context.Response.ContentType = "application/dicom+json";
        var answer = new JsonObject { ["00081199"] = Sequence(kept), ["00081198"] = Sequence(failed) };
        await context.Response.WriteAsync(answer.ToJsonString());
    }

    private static JsonObject Sequence(JsonArray items) => new() { ["vr"] = "SQ", ["Value"] = items };

    private static JsonObject Item(string uid, string reasonTag, int reason)
    {
        var item = new JsonObject { ["00081155"] = new JsonObject { ["vr"] = "UI", ["Value"] = new JsonArray(uid) } };
        if (reason != 0)
        {
            item[reasonTag] = new JsonObject { ["vr"] = "US", ["Value"] = new JsonArray(reason) };
        }
        return item;
    }

    private static async Task<ArrivedPart> ReadAsync(MultipartSection section)
    {
        await using var file = new FileStream(Path.GetTempFileName(), new FileStreamOptions
        {
            Mode = FileMode.Open, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 0,
        });
        await section.Body.CopyToAsync(file);
        file.Position = 0;
        var hash = Convert.ToHexString(await SHA256.HashDataAsync(file));
        return new(section.ContentType!, Part10Reader.Read(file).Match(dicom => dicom.SopInstanceUid, _ => null), file.Length, hash);
    }
}
