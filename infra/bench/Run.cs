using System.Globalization;

namespace Bench;

/// <summary>What is to be measured, and how long.</summary>
/// <param name="Folder">Where everything is written; on the disk that is to be measured.</param>
/// <param name="Rounds">Rounds counted, after one that warms up.</param>
/// <param name="Time">How long a round of reading lasts.</param>
/// <param name="Patients">How many patients, of five studies each, <see cref="Serving"/> stores.</param>
internal sealed record Plan(string Folder, int Rounds, TimeSpan Time, int Patients);

/// <summary>Runs the scenarios named on the command line, or all.</summary>
internal static class Run
{
    private const int BadArguments = 2;

    private static readonly (string Name, Action<Plan, Figures> Measure)[] Scenarios =
    [
        ("parse", Parsing.Measure),
        ("read", Reading.Measure),
        ("rest", Serving.Measure),
        ("import", Importing.Measure),
        ("tokens", Signing.Measure),
        ("wado", Retrieving.Measure),
        ("qido", Searching.Measure),
        ("stow", Storing.Measure),
        ("orthanc", Beside.Measure),
        ("start", Starting.Measure),
        ("memory", Remembering.Measure),
        ("render", Rendering.Measure),
        ("codecs", Decoding.Measure),
    ];

    public static Task<int> ScenariosAsync(string[] args)
    {
        var settings = args.Where(arg => arg.Contains('=', StringComparison.Ordinal)).Select(arg => arg.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        var names = args.Where(arg => !arg.Contains('=', StringComparison.Ordinal)).ToList();
        if (names.Except(Scenarios.Select(one => one.Name)).Any() || settings.Keys.Except(["rounds", "seconds", "patients", "folder"]).Any())
        {
            Console.Error.WriteLine($"Usage: run [{string.Join(" | ", Scenarios.Select(one => one.Name))}]… [rounds=7] [seconds=3] [patients=2000] [folder=…]");
            return Task.FromResult(BadArguments);
        }
        double Setting(string name, double otherwise) => settings.TryGetValue(name, out var text) ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
        var parent = settings.TryGetValue("folder", out var given) ? Directory.CreateDirectory(given).FullName : Path.GetTempPath();
        var folder = Path.Combine(parent, "phr-bench-" + Guid.NewGuid().ToString("N"));
        var plan = new Plan(folder, (int)Setting("rounds", 7), TimeSpan.FromSeconds(Setting("seconds", 3)), (int)Setting("patients", 2000));
        var figures = new Figures();
        foreach (var (name, measure) in Scenarios.Where(one => names.Count == 0 || names.Contains(one.Name)))
        {
            try
            {
                Console.Error.WriteLine(name);
                measure(plan with { Folder = Path.Combine(folder, name) }, figures);
            }
            finally
            {
                if (Directory.Exists(folder))
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        }
        figures.Print();
        return Task.FromResult(0);
    }
}
