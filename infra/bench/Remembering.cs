namespace Bench;

/// <summary>How much memory the server takes while 500 MB go in and out, and while a study of 2 GB does.</summary>
internal static class Remembering
{
    private const int Count = 1000;
    private const int PerRequest = 50;
    private const int LargeCount = 4000;

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        const string Study = Instances.Root + "9.1";
        const string Other = Instances.Root + "9.2";
        List<byte[]> Slices(string study) => [.. Enumerable.Range(0, Count).Select(i => Instances.Make("M1", study, study + ".1", $"{study}.1.{i}", i))];
        Load.Once(server, [Requests.Send("PUT", "/fhir/Patient/m1", "application/fhir+json", """{"resourceType":"Patient","id":"m1"}"""u8)], 1);
        const string Base = "/dicomweb/patients/m1/studies";
        Load.Once(server, [Requests.Stow(Base, Instances.MakeNew(10, 10)), Requests.Get("/fhir/Patient/m1")], 1);

        void Grows(string name, Action load)
        {
            server.ForgetPeak();
            var before = server.Resident;
            load();
            figures.Limit(name, server.Peak - before, 100, "MB more");
        }
        Grows("500 MB in, one request", () => Load.Once(server, [Requests.Stow(Base, Slices(Study))], 1));
        Grows("500 MB out, one request", () => Load.Once(server, [Requests.Get($"{Base}/{Study}")], 1));
        Grows("500 MB in, 50 a request, 4 connections", () => Load.Once(server, [.. Slices(Other).Chunk(PerRequest).Select(chunk => Requests.Stow(Base, chunk))], 4));
        Grows("500 MB out, instance by instance, 8 connections", () => Load.Once(
            server, [.. Enumerable.Range(0, Count).Select(i => Requests.Get($"{Base}/{Study}/series/{Study}.1/instances/{Study}.1.{i}"))], 8));

        // More than one array holds, so it is made while it is sent.
        const string Large = Instances.Root + "9.3";
        Grows("a study of 2.1 GB in, 50 a request", () =>
        {
            foreach (var some in Enumerable.Range(0, LargeCount).Chunk(PerRequest))
            {
                Load.Once(server, [Requests.Stow(Base, [.. some.Select(i => Instances.Make("M1", Large, Large + ".1", $"{Large}.1.{i}", i))])], 1);
            }
        });
        Grows("a study of 2.1 GB out, one request", () => Load.Once(server, [Requests.Get($"{Base}/{Large}")], 1));
        Grows("its metadata", () => Load.Once(server, [Requests.Get($"{Base}/{Large}/metadata")], 1));
    }
}
