using Fhir.Server.Discs;
using Fhir.Server.Outcomes;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Fhir.Server.Tests.Discs;

/// <summary>What the operator reads.</summary>
public sealed class ImportReportTests
{
    [Test]
    public void The_summary_is_aligned_and_names_reasons_and_paths()
    {
        var report = new ImportReport { Patient = "p1", IsNewPatient = true, Elapsed = TimeSpan.FromSeconds(12.34) };
        report.See(new DiscInstance("/cd/a", 1, "1.2", new() { PatientName = "Doe^Jane" }));
        report.See(new DiscInstance("/cd/b", 1, "1.3", new() { PatientName = "Roe^Rick" }));
        report.See(new DiscInstance("/cd/c", 1, "1.4", new()));
        report.See(new DiscSkip("/cd/x", "not DICOM"));
        report.See(new DiscSkip("/cd/y", "not DICOM"));
        report.See(new DiscSkip("/cd/DICOMDIR", "directory of the disc"));
        report.Take(1_230_000_000, ImportVerdict.Stored);
        report.Take(20_000, ImportVerdict.AlreadyThere);
        report.Refuse("/cd/c\u001b[2J", "it belongs to another study");
        Assert.That(Text(report, listed: 1), Is.EqualTo("""
            Patient p1 (new)
              files                 6
              stored                1  new in the record
              already there         1  equal to what is in the record
              kept beside           0
              refused               1  not in the record; see below
              skipped               3  nothing for the record
            Refused, it belongs to another study: 1
                /cd/c?[2J
            Skipped, directory of the disc: 1
                /cd/DICOMDIR
            Skipped, not DICOM: 2
                /cd/x
                and 1 more
            Warning: the files name 2 different people, by id, name or birth date. All went to this patient.
            Done, but not all is in the record: 1.2 GB in 12.3 s.

            """.ReplaceLineEndings()));
        Assert.That(Text(report), Does.Not.Contain("Doe").And.Not.Contain("Roe"));
    }

    [Test]
    public void A_run_that_was_stopped_says_how_to_go_on_without_a_second_new_patient()
    {
        var report = new ImportReport { Patient = "p1", IsNewPatient = true };
        report.See(new DiscInstance("/cd/a", 1, "1.2", new()));
        report.Stop(new Problem(ProblemKind.NoSpace, "The server has no room left."));
        Assert.That(Text(report), Does.EndWith(
            "Stopped: The server has no room left. What is counted is safe; run it again for patient p1 to send the rest." + Environment.NewLine));
        Assert.That(report.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_bad_argument_is_all_that_is_said()
    {
        var report = new ImportReport();
        report.Stop(Problem.Invalid("There is no file or folder 'x'."));
        Assert.That(Text(report), Is.EqualTo("There is no file or folder 'x'." + Environment.NewLine));
    }

    [Test]
    public void An_empty_disc_is_said_to_be_one() => Assert.That(Text(new ImportReport()), Is.EqualTo("There was no DICOM in it." + Environment.NewLine));

    [Test]
    public async Task Without_a_terminal_there_is_a_plain_line_now_and_then_and_the_report_unbroken()
    {
        var clock = new FakeTimeProvider();
        var path = "/cd/" + new string('x', 300);
        var text = await ShowAsync(AnsiSupport.No, InteractionSupport.No, clock, progress =>
        {
            progress.Report(new(1200, 1, 1, 0));
            clock.Advance(TimeSpan.FromSeconds(6));
            progress.Report(new(1200, 1100, 1100, 5_000_000));
            progress.Report(new(1200, 1101, 1101, 5_000_000));
            progress.Report(new(1200, 1101, 1101, 5_000_000, "The server is busy; trying again in 2 s."));
            var report = new ImportReport();
            report.See(new DiscSkip(path, "not DICOM"));
            return Task.FromResult(report);
        });
        Assert.That(text.Split(Environment.NewLine)[..2], Is.EqualTo(["1,100 of 1,200 files, 5 MB sent", "The server is busy; trying again in 2 s."]));
        Assert.That(text, Does.Contain(path).And.Not.Contain("\u001b"));
    }

    [Test]
    public async Task On_a_terminal_there_is_a_bar()
    {
        var text = await ShowAsync(AnsiSupport.Yes, InteractionSupport.Yes, TimeProvider.System, async progress =>
        {
            progress.Report(new(4, 2, 2, 0, "[busy]"));
            await Task.Delay(300);
            return new ImportReport();
        });
        Assert.That(text, Does.Contain("[busy]").And.Contain("50%").And.EndWith("There was no DICOM in it." + Environment.NewLine));
    }

    private static string Text(ImportReport report, int listed = 20)
    {
        using var writer = new StringWriter();
        report.WriteTo(writer, listed);
        return writer.ToString();
    }

    private static async Task<string> ShowAsync(
        AnsiSupport ansi, InteractionSupport interactive, TimeProvider clock, Func<IProgress<ImportProgress>, Task<ImportReport>> run)
    {
        using var writer = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = ansi, Interactive = interactive, Out = new AnsiConsoleOutput(writer) });
        await new ImportScreen(console, clock).ShowAsync(run);
        return writer.ToString();
    }
}
