namespace Bench;

/// <summary>
/// Fills a store over HTTP with patients of five studies and two observations each, by transactions of twenty patients (160 entries). They are made while
/// they are sent, so as many as wanted need no more memory.
/// </summary>
internal static class ManyPatients
{
    public const int Studies = 5;
    public const int Observations = 2;
    private const int PerTransaction = 20;
    private const int MadeAhead = 50;
    private const int Connections = 8;
    private const int SmallPart = 20;

    public static void Fill(Child server, int patients)
    {
        var sent = 0;
        foreach (var some in Enumerable.Range(0, patients).Chunk(PerTransaction).Select(people => Bundles.Post("transaction", people.SelectMany(Entries))).Chunk(MadeAhead))
        {
            Load.Once(server, some, Connections);
            sent = Math.Min(patients, sent + (some.Length * PerTransaction));
            if (sent == patients || sent / (PerTransaction * MadeAhead) % SmallPart == 0)
            {
                Console.Error.WriteLine($"{sent:N0} of {patients:N0} patients are stored.");
            }
        }
    }

    private static IEnumerable<string> Entries(int person)
    {
        var patient = $"Patient/p{person}";
        var entries = new List<string> { Bundles.Put(patient, SyntheticResources.Patient($"p{person}", person)) };
        entries.AddRange(Enumerable.Range(0, Studies).Select(number =>
            Bundles.Put($"ImagingStudy/p{person}-s{number}", SyntheticResources.Study($"p{person}-s{number}", patient, person, number))));
        entries.AddRange(Enumerable.Range(0, Observations).Select(number =>
            Bundles.Put($"Observation/p{person}-o{number}", SyntheticResources.Observation($"p{person}-o{number}", patient, person, number))));
        return entries;
    }
}
