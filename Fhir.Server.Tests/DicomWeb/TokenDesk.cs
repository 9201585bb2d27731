using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Fhir.Server.Access;
using Fhir.Server.Tests.Rest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fhir.Server.Tests.DicomWeb;

/// <summary>A clock that can be turned on; what waits, waits by the true one.</summary>
internal sealed class TurnedClock : TimeProvider
{
    private TimeSpan ahead;

    public void Turn(TimeSpan by) => ahead += by;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
}

/// <summary>Tokens of these tests, with all an authorisation can say.</summary>
internal sealed class TokenDesk(TimeProvider clock) : IAuthorisations
{
    private readonly ConcurrentDictionary<TokenHash, Authorisation> tokens = [];

    /// <summary>A new token of an hour, with an authorisation of its own.</summary>
    public string Issue(string scopes, Func<Authorisation, Authorisation> further)
    {
        var secret = TokenHash.MakeSecret();
        tokens[TokenHash.Of(secret)] = further(new Authorisation
        {
            Id = Guid.NewGuid().ToString("N"), Client = "app", Scopes = ScopeSet.Parse(scopes), Expires = clock.GetUtcNow() + TimeSpan.FromHours(1), Epoch = 1,
        });
        return secret;
    }

    public Authorisation Of(string token) => tokens[TokenHash.Of(token)];

    public void Change(string token, Func<Authorisation, Authorisation> change) =>
        tokens[TokenHash.Of(token)] = change(Of(token)) with { Epoch = Of(token).Epoch + 1 };

    public void Revoke(string token) => tokens.TryRemove(TokenHash.Of(token), out _);

    public ValueTask<Authorisation?> FindAsync(TokenHash token, CancellationToken cancellationToken) =>
        ValueTask.FromResult(tokens.TryGetValue(token, out var found) && found.Expires > clock.GetUtcNow() ? found with { Token = token } : null);

    public ValueTask<long> EpochAsync(string authorisation, CancellationToken cancellationToken) =>
        ValueTask.FromResult(tokens.Values.FirstOrDefault(one => one.Id == authorisation)?.Epoch ?? -1);
}

/// <summary>The real application in SMART mode, under these tokens and this clock.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private TokenServer(PhrServer phr, TokenDesk desk, TurnedClock clock) => (Phr, Desk, Clock, Operator) = (phr, desk, clock, MakeOperator(phr));

    public PhrServer Phr { get; }

    public TokenDesk Desk { get; }

    public TurnedClock Clock { get; }

    /// <summary>Speaks for a command of the program.</summary>
    public HttpClient Operator { get; private set; }

    public static TokenServer Start(Action<string>? log = null, params (string Key, string Value)[] settings)
    {
        var clock = new TurnedClock();
        var desk = new TokenDesk(clock);
        var phr = PhrServer.StartWith(
            services => services.Replace(ServiceDescriptor.Singleton<IAuthorisations>(desk)).Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)),
            log, [("Access:Mode", "Smart"), .. settings]);
        return new TokenServer(phr, desk, clock);
    }

    public async Task RestartAsync()
    {
        Operator.Dispose();
        await Phr.RestartAsync();
        Operator = MakeOperator(Phr);
    }

    /// <summary>Speaks for a token; for nobody without one.</summary>
    public HttpClient With(string? token)
    {
        var client = new HttpClient { BaseAddress = Phr.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>A token of a patient's own app.</summary>
    public string OfPatient(string patient, string scopes = "patient/*.cruds") => Desk.Issue(scopes, one => one with
    {
        Patient = patient, User = "account-" + patient, FhirUser = "Patient/" + patient, Records = [new AuthorisedRecord(patient, RecordBasis.Self)],
    });

    /// <summary>A token of a site's client.</summary>
    public string OfSite(string organization, params IReadOnlyList<string> namespaces) => Desk.Issue(
        "system/*.cruds", one => one with { Client = "site-" + organization, Organization = organization, Namespaces = namespaces });

    /// <summary>Makes a Patient.</summary>
    public async Task<string> PatientAsync(string id, string further = "")
    {
        var answer = await RestTests.SendAsync(Operator, HttpMethod.Put, $"Patient/{id}", RestTests.Body($$"""{"resourceType":"Patient","id":"{{id}}"{{further}}}"""));
        Assert.That(answer.Status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK), answer.Text);
        return id;
    }

    /// <summary>Sends files to a base; the answer's status and JSON.</summary>
    public static async Task<(HttpStatusCode Status, JsonNode? Json)> StowAsync(HttpClient client, string webBase, params IEnumerable<TestDicom> files)
    {
        using var body = PhrServer.Multipart(files.Select(file => file.ToBytes()));
        using var answer = await client.PostAsync($"{webBase}/studies", body);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "application/dicom+json" ? JsonNode.Parse(text) : null);
    }

    /// <summary>The id of the ImagingStudy of a study in a record.</summary>
    public async Task<string> StudyIdAsync(string record, string study) =>
        (await RestTests.SendAsync(Operator, HttpMethod.Get, $"ImagingStudy?patient={record}&identifier=urn:oid:{study}", null)).Ids().Single()!;

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await Phr.DisposeAsync();
    }

    private static HttpClient MakeOperator(PhrServer phr)
    {
        var client = new HttpClient { BaseAddress = phr.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(OperatorKey.Scheme, OperatorKey.ReadFrom(phr.Folder + "-keys"));
        return client;
    }
}
