using System.Globalization;

namespace Bench;

/// <summary>Collects figures and prints them as a Markdown table.</summary>
internal sealed class Figures
{
    private readonly List<string> rows = [];

    /// <summary>
    /// Measures subject and floor in turn, the one that begins changing each round, so that whatever else the machine does meets both.
    /// </summary>
    /// <param name="name">What is measured.</param>
    /// <param name="goal">The least ratio of requests a second wanted; null to report only.</param>
    /// <param name="rounds">How often.</param>
    /// <param name="subject">One round of the server.</param>
    /// <param name="floor">One round of the floor.</param>
    public void Compare(string name, double? goal, int rounds, Func<Sample> subject, Func<Sample> floor)
    {
        var pairs = new List<(Sample Subject, Sample Floor)>();
        for (var i = 0; i <= rounds; i++)
        {
            var first = i % 2 == 0 ? floor() : null;
            var ours = subject();
            pairs.Add((ours, first ?? floor()));
        }
        // The first round warms up.
        pairs.RemoveAt(0);
        var ratios = pairs.ConvertAll(pair => pair.Subject.PerSecond / pair.Floor.PerSecond);
        var ratio = Median(ratios);
        var cpu = Median(pairs.ConvertAll(pair => pair.Floor.Cpu / pair.Subject.Cpu));
        Add(
            name, Number(Median(pairs.ConvertAll(pair => pair.Subject.PerSecond))) + "/s", Number(Median(pairs.ConvertAll(pair => pair.Floor.PerSecond))) + "/s",
            $"{Percent(ratio)} ({Percent(ratios.Min())}–{Percent(ratios.Max())})", double.IsFinite(cpu) && cpu > 0 ? Percent(cpu) : "", goal is { } least ? "≥ " + Percent(least) : "", goal is null ? null : ratio >= goal);
    }

    /// <summary>Measures the seconds of two things in turn.</summary>
    public void CompareSeconds(string name, double most, int rounds, Func<double> subject, Func<double> floor)
    {
        var pairs = Enumerable.Range(0, rounds + 1).Select(_ => (Floor: floor(), Subject: subject())).Skip(1).ToList();
        var ratios = pairs.ConvertAll(pair => pair.Subject / pair.Floor);
        var ratio = Median(ratios);
        Add(
            name, Number(Median(pairs.ConvertAll(pair => pair.Subject)) * 1000) + " ms", Number(Median(pairs.ConvertAll(pair => pair.Floor)) * 1000) + " ms",
            $"{Number(ratio)} × ({Number(ratios.Min())}–{Number(ratios.Max())})", "", $"≤ {Number(most)} ×", ratio <= most);
    }

    /// <summary>Notes something measured once that must not be more than a limit.</summary>
    public void Limit(string name, double value, double most, string unit) =>
        Add(name, $"{Number(value)} {unit}", "", "", "", $"≤ {Number(most)} {unit}", value <= most);

    /// <summary>Notes something measured that must not be less than a limit.</summary>
    public void AtLeast(string name, double value, double least, string unit) =>
        Add(name, $"{Number(value)} {unit}", "", "", "", $"≥ {Number(least)}", value >= least);

    /// <summary>Notes something measured for which there is no goal.</summary>
    public void Note(string name, double value, string unit) => Add(name, $"{Number(value)} {unit}", "", "", "", "", null);

    public void Print()
    {
        Console.WriteLine();
        Console.WriteLine("| work | server | floor | ratio (spread) | ratio of processor time | goal | |");
        Console.WriteLine("|---|---|---|---|---|---|---|");
        rows.ForEach(Console.WriteLine);
    }

    private void Add(string name, string subject, string floor, string ratio, string cpu, string goal, bool? reached)
    {
        var row = $"| {name} | {subject} | {floor} | {ratio} | {cpu} | {goal} | {reached switch { true => "reached", false => "**missed**", null => "" }} |";
        rows.Add(row);
        Console.Error.WriteLine(row);
    }

    public static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private static string Percent(double ratio) => (ratio * 100).ToString("0", CultureInfo.InvariantCulture) + " %";

    private static string Number(double value) => value.ToString(value >= 100 ? "#,0" : value >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
