using System.Diagnostics;
using System.Text;

namespace Bench;

/// <summary>What a token costs: the same reads of the demo's data in SMART mode with one, beside open mode without; and from a start to the first read with one.</summary>
internal static class Signing
{
    // The last of the demo's patients to get their studies.
    private const string Patient = "demo-bruno";
    private const int Studies = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        var (closed, open) = (Path.Combine(plan.Folder, "closed"), Path.Combine(plan.Folder, "open"));
        string header;
        using (var smart = Child.Demo(closed, "Smart"))
        using (var free = Child.Demo(open, "Open"))
        {
            AwaitStudies(free, "");
            header = $"Authorization: Bearer {Issue(closed)}\r\n";
            AwaitStudies(smart, header);
            foreach (var connections in (int[])[1, 8, 32])
            {
                Compare(smart, free, "read by id", $"/fhir/Patient/{Patient}", connections);
                Compare(smart, free, $"{Studies} studies of a patient, newest first", $"/fhir/ImagingStudy?patient={Patient}&_sort=-started", connections);
            }
        }
        double Bare()
        {
            using var bare = Child.Floor("floor-bare", "/");
            return bare.FirstAnswer;
        }
        double UntilRead()
        {
            using var server = Child.Demo(closed, "Smart", Requests.Get($"/fhir/Patient/{Patient}", more: header));
            return server.FirstAnswer;
        }
        figures.CompareSeconds("start to the first read with a token", 3, plan.Rounds, UntilRead, Bare);

        void Compare(Child smart, Child free, string name, string path, int connections) => figures.Compare(
            $"{name} with a token, beside open mode, {connections} connections", 0.8, plan.Rounds,
            () => Load.Cycle(smart, [Requests.Get(path, more: header)], connections, plan.Time),
            () => Load.Cycle(free, [Requests.Get(path)], connections, plan.Time));
    }

    private static string Issue(string store)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Fhir.Server.dll"), "tokens", "issue", "--client", "demo-app", "--patient", Patient, "--scopes", "patient/*.rs",
            "--environment", "Development", "--Storage:Path", store,
        ];
        Array.ForEach(arguments, start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var token = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return token.Length > 0 ? token : throw new InvalidOperationException("No token was issued.");
    }

    /// <summary>The demo's studies come after the start.</summary>
    private static void AwaitStudies(Child server, string header)
    {
        var request = Requests.Get($"/fhir/ImagingStudy?patient={Patient}&_summary=count", more: header);
        var begun = Stopwatch.StartNew();
        while (!Encoding.UTF8.GetString(Answers.Ask(server, request)).Contains($"\"total\":{Studies}", StringComparison.Ordinal))
        {
            if (begun.Elapsed > Patience)
            {
                throw new InvalidOperationException("The demo's studies do not come.");
            }
            Thread.Sleep(200);
        }
    }
}
