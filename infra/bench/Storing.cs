namespace Bench;

/// <summary>STOW-RS of 525 KB instances, beside writing the same files durably one by one.</summary>
internal static class Storing
{
    private const int Each = 150;
    private const int PerRequest = 50;

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        Load.Once(server, [Requests.Send("PUT", "/fhir/Patient/s1", "application/fhir+json", """{"resourceType":"Patient","id":"s1"}"""u8)], 1);
        const string Path1 = "/dicomweb/patients/s1/studies";
        var content = Instances.MakeNew(1, 1)[0];
        Sample Floor() => new(Floors.WriteDurably(Path.Combine(plan.Folder, "floor"), content, Each), 0);
        Sample OneByOne(int connections) =>
            Load.Once(server, Instances.MakeNew(Each, PerRequest).ConvertAll(one => Requests.Send("POST", Path1, "application/dicom", one)), connections);
        Sample Multiparts()
        {
            var requests = Instances.MakeNew(Each, PerRequest).Chunk(PerRequest).Select(chunk => Requests.Stow(Path1, chunk)).ToList();
            var sample = Load.Once(server, requests, 1);
            return new Sample(sample.PerSecond * PerRequest, sample.Cpu / PerRequest);
        }
        // What the compiler has not yet made good would be measured otherwise.
        for (var warm = 0; warm < 4; warm++)
        {
            OneByOne(8);
            Multiparts();
        }
        figures.Compare("STOW, 525 KB, one at a time", 0.3, plan.Rounds, () => OneByOne(1), Floor);
        figures.Compare("STOW, 525 KB, 8 connections", 0.5, plan.Rounds, () => OneByOne(8), Floor);
        figures.Compare("STOW, 50 × 525 KB a request", 0.5, plan.Rounds, Multiparts, Floor);
    }
}
