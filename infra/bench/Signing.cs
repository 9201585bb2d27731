using System.Diagnostics;

namespace Bench;

/// <summary>What a token costs: the same reads of the demo's data in SMART mode with one, beside open mode without.</summary>
internal static class Signing
{
    private const string Patient = "demo-ada";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static void Measure(Plan plan, Figures figures)
    {
        Directory.CreateDirectory(plan.Folder);
        var (closed, open) = (Path.Combine(plan.Folder, "closed"), Path.Combine(plan.Folder, "open"));
        using var smart = Child.Demo(closed, "Smart");
        using var free = Child.Demo(open, "Open");
        var token = Issue(closed);
        var header = $"Authorization: Bearer {token}\r\n";
        string[] paths = [$"/fhir/Patient/{Patient}", $"/fhir/ImagingStudy?patient={Patient}&_sort=-started"];
        Await(smart, paths[1], header);
        Await(free, paths[1], "");
        foreach (var connections in (int[])[1, 8, 32])
        {
            foreach (var path in paths)
            {
                figures.Compare(
                    $"{path.Split('?')[0]} with a token, {connections} connections", 0.8, plan.Rounds,
                    () => Load.Cycle(smart, [Requests.Get(path, more: header)], connections, plan.Time),
                    () => Load.Cycle(free, [Requests.Get(path)], connections, plan.Time));
            }
        }
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
    private static void Await(Child server, string path, string header)
    {
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}") };
        if (header.Length > 0)
        {
            client.DefaultRequestHeaders.Add("Authorization", header.Split(": ")[1].Trim());
        }
        var begun = Stopwatch.StartNew();
        while (!client.GetStringAsync(path).GetAwaiter().GetResult().Contains("\"total\":2", StringComparison.Ordinal)
            && !client.GetStringAsync(path).GetAwaiter().GetResult().Contains("\"MR\"", StringComparison.Ordinal))
        {
            if (begun.Elapsed > Patience)
            {
                throw new InvalidOperationException("The demo's studies do not come.");
            }
            Thread.Sleep(200);
        }
        Thread.Sleep(TimeSpan.FromSeconds(8));
    }
}
