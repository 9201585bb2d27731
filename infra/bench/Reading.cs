using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Bench;

/// <summary>Read by id and the patient's list of studies, beside a Kestrel that reads the same JSON from SQLite by key.</summary>
internal static class Reading
{
    private const int Patients = 1000;
    private const int WithFive = 100;
    private const int WithTwenty = 25;

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        var reads = Enumerable.Range(0, Patients).Select(i => $"/fhir/Patient/p{i}").ToList();
        PutPatients(server, reads);
        var five = Enumerable.Range(0, WithFive).Select(i => $"/fhir/ImagingStudy?patient=p{i}&_sort=-started").ToList();
        var twenty = Enumerable.Range(WithFive, WithTwenty).Select(i => $"/fhir/ImagingStudy?patient=p{i}&_sort=-started&_include=ImagingStudy:endpoint").ToList();
        StoreStudies(server, 0, WithFive, 5);
        StoreStudies(server, WithFive, WithTwenty, 20);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        var documents = reads.Concat(five).Concat(twenty).Select(path => (Key: KeyOf(path), Json: client.GetByteArrayAsync(path).GetAwaiter().GetResult())).ToList();
        Expect(documents[Patients].Json, 5, 0);
        Expect(documents[Patients + WithFive].Json, 20, 1);
        var database = Path.Combine(plan.Folder, "floor.db");
        Documents.Write(database, documents);
        using var floor = Child.Floor("floor-read", "/" + KeyOf(reads[0]), database);

        string Size(int document) => (documents[document].Json.Length / 1024.0).ToString("0.0", CultureInfo.InvariantCulture) + " KB";
        foreach (var connections in (int[])[1, 8, 32])
        {
            Compare($"read by id, {Size(0)}, {connections} connections", 0.6, reads, connections);
        }
        foreach (var connections in (int[])[1, 8])
        {
            Compare($"5 studies of a patient, newest first, {Size(Patients)}, {connections} connections", 0.35, five, connections);
            Compare($"20 studies with Endpoint, {Size(Patients + WithFive)}, {connections} connections", 0.2, twenty, connections);
        }

        void Compare(string name, double goal, List<string> paths, int connections)
        {
            var ours = paths.ConvertAll(path => Requests.Get(path));
            var floors = paths.ConvertAll(path => Requests.Get("/" + KeyOf(path)));
            figures.Compare(
                name, goal, plan.Rounds, () => Load.Cycle(server, ours, connections, plan.Time), () => Load.Cycle(floor, floors, connections, plan.Time));
        }
    }

    private static string KeyOf(string path) => path["/fhir/".Length..].Replace("?", "/", StringComparison.Ordinal);

    private static void PutPatients(Child server, List<string> paths) => Load.Once(
        server, paths.ConvertAll(path => Requests.Send("PUT", path, "application/fhir+json", Encoding.UTF8.GetBytes(Patient(path.Split('/')[^1])))), 32);

    private static void StoreStudies(Child server, int first, int patients, int studies)
    {
        var requests = Enumerable.Range(first, patients).SelectMany(patient => Enumerable.Range(0, studies).Select(number =>
        {
            var study = $"{Instances.Root}{patient + 1}.{number}";
            return Requests.Stow($"/dicomweb/patients/p{patient}/studies", [.. Enumerable.Range(0, 6).Select(i => Instances.Make(
                $"p{patient}", study, $"{study}.{(i / 3) + 1}", $"{study}.{(i / 3) + 1}.{i}", i, side: 8))]);
        })).ToList();
        Load.Once(server, requests, 16);
    }

    private static void Expect(byte[] bundle, int matches, int included)
    {
        using var json = JsonDocument.Parse(bundle);
        var modes = json.RootElement.GetProperty("entry").EnumerateArray().Select(entry => entry.GetProperty("search").GetProperty("mode").GetString()).ToList();
        if (modes.Count(mode => mode == "match") != matches || modes.Count(mode => mode == "include") < included)
        {
            throw new InvalidOperationException($"A search found {modes.Count} entries, not {matches} and {included}.");
        }
    }

    /// <summary>About a kilobyte, as a hospital writes it.</summary>
    private static string Patient(string id) => $$$"""
        {"resourceType":"Patient","id":"{{{id}}}","active":true,"gender":"male","birthDate":"1974-12-25","identifier":[{"use":"usual",
        "type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"value":"{{{id}}}",
        "system":"urn:oid:1.2.36.146.595.217.0.1","period":{"start":"2001-05-06"},"assigner":{"display":"Example Hospital"}}],
        "name":[{"use":"official","family":"Chalmers","given":["Peter","James"]},{"use":"usual","given":["Jim"]}],
        "telecom":[{"system":"phone","value":"(03) 5555 6473","use":"work","rank":1},{"system":"phone","value":"(03) 3410 5613","use":"mobile"}],
        "address":[{"use":"home","type":"both","text":"534 Erewhon St PleasantVille, Rainbow, Vic  3999","line":["534 Erewhon St"],
        "city":"PleasantVille","district":"Rainbow","state":"Vic","postalCode":"3999","period":{"start":"1974-12-25"}}],
        "contact":[{"relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":"N"}]}],
        "name":{"family":"Chalmers","given":["Benedicte"]},"gender":"female"}]}
        """;
}
