namespace Fhir.Server.Hosting.Demo;

/// <summary>
/// The studies a newcomer finds: CT and MR of one head, the MR with its report, a radiograph of a chest in two views and a film of its beating heart. All are
/// computed, the same to the last byte on every machine; nobody ever lay in a scanner for them.
/// </summary>
internal static class DemoStudies
{
    /// <summary>The demo patients with all their instances. Nothing is computed before the bytes of an instance are asked for.</summary>
    public static IEnumerable<DemoPatient> All() => [Ada(), Bruno()];

    private static DemoPatient Ada()
    {
        var ada = new DemoPatient("demo-ada", "Demo^Ada", "19721210", "F", []);
        return ada with { Instances = HeadStudy.Instances(ada).Concat(MrStudy.Instances(ada)).Append(MrReport.Instance(ada)) };
    }

    private static DemoPatient Bruno()
    {
        var bruno = new DemoPatient("demo-bruno", "Demo^Bruno", "19650423", "M", []);
        return bruno with { Instances = ChestStudy.Instances(bruno).Concat(EchoStudy.Instances(bruno)) };
    }
}
