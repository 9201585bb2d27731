using System.Globalization;
using System.Text;

namespace Bench;

/// <summary>
/// FHIR over a store of many patients: what is read, beside a Kestrel that reads the same answer from SQLite by key; what is written, beside writing the
/// same bytes durably one by one.
/// </summary>
internal static class Serving
{
    private const int Asked = 1000;
    private const int InBatch = 10;
    private const int InTransaction = 10;
    private const int Written = 100;
    private static readonly int[] Connections = [1, 8, 32];

    private const string ClinicianList =
        $"/fhir/ImagingStudy?patient.name={SyntheticResources.Family}&modality=CT&started=ge2026-01-01&_include=ImagingStudy:patient&_sort=-started&_total=accurate";

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        ManyPatients.Fill(server, plan.Patients);
        // Spread over all that is stored.
        var people = Enumerable.Range(0, Math.Min(Asked, plan.Patients)).Select(i => (int)((long)i * plan.Patients / Math.Min(Asked, plan.Patients))).ToList();
        List<Work> reads =
        [
            new("read by id", 0.6, people.ConvertAll(i => Requests.Get($"/fhir/Patient/p{i}")), Answers.Resource),
            new("patient by identifier", null, people.ConvertAll(i => Requests.Get($"/fhir/Patient?identifier={SyntheticResources.MrnSystem}|{SyntheticResources.Mrn(i)}")), Answers.Matches(1, 1)),
            new("5 studies of a patient, newest first", 0.35, people.ConvertAll(i => Requests.Get($"/fhir/ImagingStudy?patient=p{i}&_sort=-started")), Answers.Matches(ManyPatients.Studies, ManyPatients.Studies)),
            new("CT of a family name since 2026, with patients and total", null, [Requests.Get(ClinicianList)], Answers.Matches(1, 20)),
            new("`$everything`", null, people.ConvertAll(i => Requests.Get($"/fhir/Patient/p{i}/$everything")), Answers.Holds(("Patient", 1), ("ImagingStudy", ManyPatients.Studies), ("Observation", ManyPatients.Observations))),
            new("batch of 10 reads", null, people.ConvertAll(i => Bundles.Post("batch", Batch(i, plan.Patients))), Answers.Statuses(InBatch, "200")),
            new("read by id, XML", null, people.ConvertAll(i => Requests.Get($"/fhir/Patient/p{i}", "application/fhir+xml")), Answers.Xml),
        ];
        var database = Path.Combine(plan.Folder, "floor.db");
        Documents.Write(database, reads.SelectMany((work, kind) => Collect(server, work, kind)));
        using var floor = Child.Floor("floor-read", "/0/0", database);
        foreach (var connections in Connections)
        {
            foreach (var (kind, work) in reads.Index())
            {
                var floors = Enumerable.Range(0, work.Requests.Count).Select(i => Requests.Get($"/{kind}/{i}")).ToList();
                figures.Compare(
                    $"{work.Name}, {connections} connections", work.Goal, plan.Rounds,
                    () => Load.Cycle(server, work.Requests, connections, plan.Time), () => Load.Cycle(floor, floors, connections, plan.Time));
            }
        }

        List<Work> writes =
        [
            new("create, Observation", null, [.. people.Take(Written).Select(Observation)], Answers.Resource),
            new("transaction of 1 + 10", null, [.. people.Take(Written).Select(Transaction)], Answers.Statuses(1 + InTransaction, "201")),
        ];
        foreach (var work in writes)
        {
            work.Check(Answers.Ask(server, work.Requests[0]));
        }
        foreach (var connections in Connections)
        {
            foreach (var work in writes)
            {
                // The floor's file is as long as what is sent.
                figures.Compare(
                    $"{work.Name}, {connections} connections", work.Goal, plan.Rounds,
                    () => Load.Cycle(server, work.Requests, connections, plan.Time),
                    () => new Sample(Floors.WriteDurably(Path.Combine(plan.Folder, "floor"), work.Requests[0], Written), 0));
            }
        }
    }

    private static IEnumerable<(string Key, byte[] Json)> Collect(Child server, Work work, int kind) => work.Requests.Select((request, i) =>
    {
        var answer = Answers.Ask(server, request);
        work.Check(answer);
        return (string.Create(CultureInfo.InvariantCulture, $"{kind}/{i}"), answer);
    });

    private static IEnumerable<string> Batch(int first, int patients) =>
        Enumerable.Range(0, InBatch).Select(i => Bundles.Get($"Patient/p{(first + i) % patients}"));

    private static byte[] Observation(int person) => Requests.Send(
        "POST", "/fhir/Observation", "application/fhir+json", Encoding.UTF8.GetBytes(SyntheticResources.Observation("o", $"Patient/p{person}", person, 0)));

    private static byte[] Transaction(int person)
    {
        var entries = new List<string> { Bundles.Create(0, "Patient", SyntheticResources.Patient(Bundles.Uuid(0), person)) };
        entries.AddRange(Enumerable.Range(1, InTransaction).Select(number => Bundles.Create(
            number, "Observation", SyntheticResources.Observation(Bundles.Uuid(number), Bundles.Urn(0), person, number))));
        return Bundles.Post("transaction", entries);
    }

    /// <param name="Name">What is done.</param>
    /// <param name="Goal">The least ratio to the floor wanted, if any.</param>
    /// <param name="Requests">What is sent, round and round.</param>
    /// <param name="Check">Throws when an answer is not what it should be.</param>
    private sealed record Work(string Name, double? Goal, List<byte[]> Requests, Action<byte[]> Check);
}
