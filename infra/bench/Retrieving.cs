using System.Globalization;

namespace Bench;

/// <summary>WADO-RS of instances and frames of 525 KB, beside Kestrel's static files.</summary>
internal static class Retrieving
{
    private const int Slices = 60;

    public static void Measure(Plan plan, Figures figures)
    {
        var files = Path.Combine(plan.Folder, "files");
        Directory.CreateDirectory(files);
        const string Study = Instances.Root + "7.1";
        var slices = Enumerable.Range(0, Slices).Select(i => Instances.Make("W1", Study, Study + ".1", $"{Study}.1.{i}", i)).ToList();
        for (var i = 0; i < Slices; i++)
        {
            File.WriteAllBytes(Path.Combine(files, i.ToString(CultureInfo.InvariantCulture)), slices[i]);
        }
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        Load.Once(server, [Requests.Send("PUT", "/fhir/Patient/w1", "application/fhir+json", """{"resourceType":"Patient","id":"w1"}"""u8)], 1);
        Load.Once(server, [Requests.Stow("/dicomweb/patients/w1/studies", slices)], 1);
        using var floor = Child.Floor("floor-files", "/0", files);
        var floors = Paths(i => Requests.Get($"/{i}"));
        string Address(string site, int i) => $"/dicomweb/{site}studies/{Study}/series/{Study}.1/instances/{Study}.1.{i}";
        var instances = Paths(i => Requests.Get(Address("patients/w1/", i), "application/dicom"));
        var frames = Paths(i => Requests.Get(Address("patients/w1/", i) + "/frames/1", "application/octet-stream"));
        var multiparts = Paths(i => Requests.Get(Address("", i), "multipart/related; type=\"application/dicom\"; transfer-syntax=*"));
        foreach (var connections in (int[])[1, 8])
        {
            Compare("WADO instance", instances, connections);
            Compare("WADO frame", frames, connections);
        }
        Compare("WADO instance, site-wide base, multipart", multiparts, 8);

        void Compare(string name, List<byte[]> requests, int connections) => figures.Compare(
            $"{name}, 525 KB, {connections} connections", 0.8, plan.Rounds,
            () => Load.Cycle(server, requests, connections, plan.Time), () => Load.Cycle(floor, floors, connections, plan.Time));
    }

    private static List<byte[]> Paths(Func<int, byte[]> request) => [.. Enumerable.Range(0, Slices).Select(request)];
}
