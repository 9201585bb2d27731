namespace Bench;

/// <summary>From the start of the process to its first 200, beside a bare Kestrel, and what the server takes when it has nothing to do.</summary>
internal static class Starting
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        var store = Path.Combine(plan.Folder, "store");
        using (var server = Child.Server(store))
        {
            Load.Once(server, [Requests.Send("PUT", "/fhir/Patient/c1", "application/fhir+json", """{"resourceType":"Patient","id":"c1"}"""u8)], 1);
        }
        double Bare()
        {
            using var bare = Child.Floor("floor-bare", "/");
            return bare.FirstAnswer;
        }
        double Until(string path)
        {
            using var server = Child.Server(store, path);
            return server.FirstAnswer;
        }
        figures.CompareSeconds("start to the first read", 3, plan.Rounds, () => Until("/fhir/Patient/c1"), Bare);
        figures.CompareSeconds("start to `/healthz/live`", 1.3, plan.Rounds, () => Until("/healthz/live"), Bare);
        using var idle = Child.Server(store);
        Thread.Sleep(Idle);
        figures.Limit("resident while idle", idle.Resident, 200, "MB");
    }
}
