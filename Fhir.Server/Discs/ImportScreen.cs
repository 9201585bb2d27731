using System.Globalization;
using Spectre.Console;

namespace Fhir.Server.Discs;

/// <summary>Shows an import to the operator: a bar where there is a terminal, else a plain line now and then, and the report at the end.</summary>
public sealed class ImportScreen(IAnsiConsole console, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);

    /// <summary>Runs an import, telling it whom to tell, and prints its report.</summary>
    public async Task<ImportReport> ShowAsync(Func<IProgress<ImportProgress>, Task<ImportReport>> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var report = console.Profile.Capabilities is { Interactive: true, Ansi: true }
            ? await BarAsync(run)
            : await run(new Lines(console.Profile.Out.Writer, clock));
        // Not through the console, which would break long paths.
        report.WriteTo(console.Profile.Out.Writer);
        await console.Profile.Out.Writer.FlushAsync();
        return report;
    }

    private Task<ImportReport> BarAsync(Func<IProgress<ImportProgress>, Task<ImportReport>> run) =>
        console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context => run(new Bar(context.AddTask("Import"))));

    private static string Words(ImportProgress step) => step.Waiting
        ?? string.Create(CultureInfo.InvariantCulture, $"{step.Settled:N0} of {step.Total:N0} files, {ImportReport.Size(step.Bytes)} sent");

    private sealed class Bar(ProgressTask task) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            task.Description = Markup.Escape(Words(value));
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = value.Settled;
        }
    }

    private sealed class Lines(TextWriter writer, TimeProvider clock) : IProgress<ImportProgress>
    {
        private long last = clock.GetTimestamp();

        public void Report(ImportProgress value)
        {
            if (value.Waiting is not null || clock.GetElapsedTime(last) >= BetweenLines)
            {
                last = clock.GetTimestamp();
                writer.WriteLine(Words(value));
            }
        }
    }
}
