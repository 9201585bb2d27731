using System.Globalization;

namespace Bench;

/// <summary>What an archive is asked all day by browsers, beside Debian's Orthanc with its DICOMweb plugin, in one run on one disk.</summary>
internal static class Beside
{
    private const int Studies = 500;
    private const int Slices = 60;
    private const int StoredARound = 48;
    private const string Ours = "/dicomweb";
    private const string Theirs = "/dicom-web";
    private const string Study = Instances.Root + "9.1";
    private const string Series = Study + ".1";

    public static void Measure(Plan plan, Figures figures)
    {
        using var orthanc = Child.Orthanc(Path.Combine(plan.Folder, "orthanc"));
        if (orthanc is null)
        {
            Console.Error.WriteLine("Orthanc and its DICOMweb plugin are not installed: packages orthanc and orthanc-dicomweb of Debian.");
            return;
        }
        using var server = Child.Server(Path.Combine(plan.Folder, "store"));
        Fill(server, Ours);
        Fill(orthanc, Theirs);
        foreach (var connections in (int[])[1, 8])
        {
            Read("QIDO study list, 101 of 501", "/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030,00080060,00080090,00100030", "application/dicom+json", 10, connections);
            Read("QIDO one patient", "/studies?PatientID=B17&includefield=00081030,00080060", "application/dicom+json", 10, connections);
            Cycle("instance, 525 KB", i => $"{Instance(i)}", "multipart/related; type=\"application/dicom\"; transfer-syntax=*", 1.5, connections);
            Read("metadata of a series of 60", $"/studies/{Study}/series/{Series}/metadata", "application/dicom+json", 20, connections);
            Cycle("rendered, a new window each time", i => $"{Instance(i % Slices)}/rendered?window={(1000 + i).ToString(CultureInfo.InvariantCulture)},3000,linear", "image/jpeg", 1, connections, 5000);
            Read("rendered, the same again", $"{Instance(3)}/rendered", "image/jpeg", 3, connections);
        }
        Store("STOW, 525 KB, one at a time", 1, 1);
        Store("STOW, 525 KB, 8 connections", 1, 8);
        Store("STOW, 24 × 525 KB a request", 24, 1);

        void Read(string name, string path, string accept, double goal, int connections) => Cycle(name, _ => path, accept, goal, connections, 1);

        // Windows go on from round to round, so that none is asked for twice.
        void Cycle(string name, Func<int, string> path, string accept, double goal, int connections, int different = Slices)
        {
            var asked = 0;
            List<byte[]> Requested(string root)
            {
                var from = different > Slices ? asked += different : 0;
                return [.. Enumerable.Range(0, different).Select(i => Requests.Get(root + path(from + i), accept, "Accept-Encoding: gzip\r\n"))];
            }
            figures.Compare(
                $"{name}, {connections} connections", goal, plan.Rounds,
                () => Load.Cycle(server, Requested(Ours), connections, plan.Time), () => Load.Cycle(orthanc, Requested(Theirs), connections, plan.Time));
        }

        void Store(string name, int perRequest, int connections)
        {
            Sample Send(Child child, string root) => Load.Once(
                child, [.. Instances.MakeNew(StoredARound, 12).Chunk(perRequest).Select(some => Requests.Stow(root + "/studies", some))], connections);
            figures.Compare(name, 3, plan.Rounds, () => Send(server, Ours), () => Send(orthanc, Theirs));
        }
    }

    private static string Instance(int number) => $"/studies/{Study}/series/{Series}/instances/{Series}.{number.ToString(CultureInfo.InvariantCulture)}";

    private static void Fill(Child child, string root)
    {
        var slices = Enumerable.Range(0, Slices).Select(i => Instances.Make("B0", Study, Series, $"{Series}.{i}", i));
        var others = Enumerable.Range(1, Studies).Select(i =>
        {
            var study = $"{Instances.Root}8.{i}";
            return Instances.Make($"B{i}", study, study + ".1", study + ".1.1", 1, 16);
        });
        Load.Once(child, [.. slices.Concat(others).Chunk(50).Select(some => Requests.Stow(root + "/studies", some))], 1);
    }
}
