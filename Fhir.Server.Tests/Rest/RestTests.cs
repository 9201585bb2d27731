using System.Net;
using System.Text;

namespace Fhir.Server.Tests.Rest;

/// <summary>What the tests of the FHIR door share: ways to ask, and small resources.</summary>
public abstract class RestTests
{
    internal static PhrServer Phr => RestServer.Phr;

    internal static string NewId(string prefix = "t") => $"{prefix}-{Guid.NewGuid():N}"[..16];

    /// <summary>A UID nobody else uses.</summary>
    internal static string NewUid() => "2.25." + new System.Numerics.BigInteger(Guid.NewGuid().ToByteArray(), isUnsigned: true);

    internal static Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Get, path, null, headers);

    internal static Task<Answer> PutAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Put, path, json, headers);

    internal static Task<Answer> PostAsync(string path, string json, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, json, headers);

    internal static Task<Answer> DeleteAsync(string path, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Delete, path, null, headers);

    internal static Task<Answer> SendAsync(HttpMethod method, string path, string? json, params (string Name, string Value)[] headers) =>
        SendAsync(Phr.Client, method, path, json is null ? null : Body(json), headers);

    internal static async Task<Answer> SendAsync(
        HttpClient client, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') || path.StartsWith("http", StringComparison.Ordinal) ? path : "/fhir/" + path)
        {
            Content = content,
        };
        foreach (var (name, value) in headers)
        {
            Assert.That(request.Headers.TryAddWithoutValidation(name, value), Is.True, name);
        }
        using var response = await client.SendAsync(request);
        return await Answer.ReadAsync(response);
    }

    internal static StringContent Body(string json, string type = "application/fhir+json") => new(json, Encoding.UTF8, type);

    internal static ByteArrayContent Bytes(byte[] bytes, string type = "application/fhir+json")
    {
        var content = new ByteArrayContent(bytes);
        Assert.That(content.Headers.TryAddWithoutValidation("Content-Type", type), Is.True);
        return content;
    }

    internal static string PatientJson(string id, string further = "") => $$"""{"resourceType":"Patient","id":"{{id}}"{{further}}}""";

    /// <summary>An ImagingStudy without instances.</summary>
    internal static string StudyJson(string id, string patient, string? uid = null, string further = "") =>
        $$"""
        {"resourceType":"ImagingStudy","id":"{{id}}",{{(uid is null ? "" : $$"""
        "identifier":[{"system":"urn:dicom:uid","value":"urn:oid:{{uid}}"}],
        """)}}"status":"registered","subject":{"reference":"Patient/{{patient}}"}{{further}}}
        """;

    internal static string ConsentJson(string id, string patient, string further = "") =>
        $$$"""
        {"resourceType":"Consent","id":"{{{id}}}","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
        "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/{{{patient}}}"}{{{further}}}}
        """;

    internal static async Task<string> NewPatientAsync(string further = "")
    {
        var id = NewId("p");
        Assert.That((await PutAsync($"Patient/{id}", PatientJson(id, further))).Status, Is.EqualTo(HttpStatusCode.Created));
        return id;
    }

    internal static async Task StowAsync(string patient, params IEnumerable<TestDicom> files)
    {
        using var answer = await Phr.StowAsync($"/dicomweb/patients/{patient}", files.Select(file => file.ToBytes()));
        // 202: kept, with a word on values that are not as they should be.
        Assert.That(answer.StatusCode, Is.AnyOf(HttpStatusCode.OK, HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Stows one instance into a new record; gives patient, Study Instance UID and the id of the ImagingStudy.</summary>
    internal static async Task<(string Patient, string Uid, string Id)> NewStudyAsync(params string[] series)
    {
        var (patient, uid) = (await NewPatientAsync(), NewUid());
        await StowAsync(patient, (series.Length == 0 ? ["1"] : series).Select((name, i) =>
            new TestDicom(uid, $"{uid}.{name}", $"{uid}.{name}.1") { SeriesNumber = i + 1 }));
        return (patient, uid, await StudyIdAsync(patient, uid));
    }

    internal static async Task<string> StudyIdAsync(string patient, string uid)
    {
        var found = await GetAsync($"ImagingStudy?patient={patient}&identifier=urn:oid:{uid}");
        return found.Ids().Single()!;
    }
}
