using System.Net;
using System.Net.Http.Headers;
using Fhir.Server.Access;
using Fhir.Server.Dicom;
using Fhir.Server.Tests.Rest;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fhir.Server.Tests.Access;

/// <summary>The real application in SMART mode, with authorisations of tests, and a small world in it.</summary>
internal sealed class SmartServer : IAsyncDisposable
{
    public const string Anna = "anna";
    public const string Ben = "ben";

    /// <summary>Anna's CT and MR in one study, her ultrasound; Ben's CT.</summary>
    public const string Mixed = "1.7.1", Sono = "1.7.2", Bens = "1.7.3";

    private SmartServer(PhrServer phr, FakeAuthorisations authorisations) => (Phr, Authorisations) = (phr, authorisations);

    public PhrServer Phr { get; }

    public FakeAuthorisations Authorisations { get; }

    /// <summary>Starts an empty server.</summary>
    public static SmartServer Start(params (string Key, string Value)[] settings)
    {
        var authorisations = new FakeAuthorisations();
        var phr = PhrServer.StartWith(
            services => services.Replace(ServiceDescriptor.Singleton<IAuthorisations>(authorisations)), null, [("Access:Mode", "Smart"), .. settings]);
        return new SmartServer(phr, authorisations);
    }

    /// <summary>Starts one with the world in it.</summary>
    public static async Task<SmartServer> StartWithWorldAsync(params (string Key, string Value)[] settings)
    {
        var server = Start(settings);
        foreach (var patient in new[] { Anna, Ben })
        {
            await server.PutAsync($$"""{"resourceType":"Patient","id":"{{patient}}","name":[{"family":"{{patient}}"}]}""");
        }
        await server.PutAsync("""{"resourceType":"Organization","id":"north","name":"North"}""");
        await server.PutAsync("""{"resourceType":"Organization","id":"south","name":"South"}""");
        await server.PutAsync("""{"resourceType":"Practitioner","id":"doc","name":[{"family":"Doc"}]}""");
        await server.PutAsync("""{"resourceType":"Practitioner","id":"stranger","name":[{"family":"Stranger"}]}""");
        await server.PutAsync("""{"resourceType":"ValueSet","id":"codes","status":"active","url":"urn:codes"}""");
        await server.PutAsync(Observation("lab", Anna, "Practitioner/doc", "laboratory"));
        await server.PutAsync(Observation("vital", Anna, null, "vital-signs"));
        await server.PutAsync(Observation("both", Anna, null, "laboratory", "vital-signs"));
        await server.PutAsync(Observation("bens", Ben, "Practitioner/stranger", "laboratory"));
        using var setup = server.AsOperator();
        await server.StowAsync(setup, Anna, Of(Mixed, "1", "CT"), Of(Mixed, "2", "MR"), Of(Sono, "1", "US"));
        await server.StowAsync(setup, Ben, Of(Bens, "1", "CT"));
        return server;
    }

    /// <summary>A file of a series of a study.</summary>
    public static TestDicom Of(string study, string series, string modality, string number = "1") =>
        new(study, $"{study}.{series}", $"{study}.{series}.{number}") { Modality = modality, SeriesNumber = int.Parse(series), InstanceNumber = int.Parse(number) };

    public static string Observation(string id, string patient, string? performer, params string[] categories) => $$"""
        {"resourceType":"Observation","id":"{{id}}","status":"final",{{(categories.Length == 0 ? "" : $$"""
        "category":[{{string.Join(',', categories.Select(Category))}}],
        """)}}
        "code":{"text":"{{id}}"},"subject":{"reference":"Patient/{{patient}}"}{{(performer is null ? "" : $$""","performer":[{"reference":"{{performer}}"}]""")}}}
        """;

    private static string Category(string code) => $$"""{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"{{code}}"}]}""";

    /// <summary>Speaks for a token.</summary>
    public HttpClient With(string token)
    {
        var client = new HttpClient { BaseAddress = Phr.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Speaks for a new token of a patient's own app.</summary>
    public HttpClient As(string patient, string scopes) => With(Authorisations.OfPatient(scopes, patient));

    /// <summary>Speaks for a backend client of an Organization.</summary>
    public HttpClient AsSite(string? organization, string scopes, params IReadOnlyList<string> records) => With(Authorisations.Issue(
        scopes, organization: organization, client: "site-" + organization, records: [.. records.Select(record => new AuthorisedRecord(record, RecordBasis.Client))]));

    /// <summary>Speaks for who set the world up.</summary>
    public HttpClient AsOperator()
    {
        var client = new HttpClient { BaseAddress = Phr.Client.BaseAddress };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(OperatorKey.Scheme, OperatorKey.ReadFrom(Phr.Folder + "-keys"));
        return client;
    }

    public static Task<Answer> GetAsync(HttpClient client, string path) => RestTests.SendAsync(client, HttpMethod.Get, path, null);

    public static Task<Answer> SendAsync(HttpClient client, HttpMethod method, string path, string? json = null, params (string, string)[] headers) =>
        RestTests.SendAsync(client, method, path, json is null ? null : RestTests.Body(json), headers);

    /// <summary>PUTs a resource as who set the world up.</summary>
    public async Task PutAsync(string json)
    {
        using var client = AsOperator();
        var node = System.Text.Json.Nodes.JsonNode.Parse(json)!;
        var answer = await SendAsync(client, HttpMethod.Put, $"{node["resourceType"]}/{node["id"]}", json);
        Assert.That(answer.Status, Is.AnyOf(HttpStatusCode.Created, HttpStatusCode.OK), answer.Text);
    }

    /// <summary>Stores files in a record.</summary>
    public async Task<HttpStatusCode> StowAsync(HttpClient client, string record, params IEnumerable<TestDicom> files)
    {
        using var body = PhrServer.Multipart(files.Select(file => file.ToBytes()));
        using var answer = await client.PostAsync($"{Phr.Address}/dicomweb/patients/{record}/studies", body);
        return answer.StatusCode;
    }

    /// <summary>The id of the ImagingStudy of a study.</summary>
    public async Task<string> StudyIdAsync(string study, string record = Anna)
    {
        using var client = AsOperator();
        return (await GetAsync(client, $"ImagingStudy?patient={record}&identifier=urn:oid:{study}")).Ids().Single()!;
    }

    public ValueTask DisposeAsync() => Phr.DisposeAsync();
}
