using System.Globalization;

namespace Fhir.Server.Discs;

/// <content>The report as the operator reads it: counts and paths, no names of people.</content>
public sealed partial class ImportReport
{
    /// <summary>Writes a plain summary.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="listed">Paths named for each reason; of the others only the number is told.</param>
    public void WriteTo(TextWriter writer, int listed = 20)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (Patient is not null)
        {
            writer.WriteLine($"Patient {Patient}{(IsNewPatient ? " (new)" : "")}");
        }
        if (Seen > 0)
        {
            Row(writer, "files", Seen, "");
            Row(writer, "stored", Stored, "new in the record");
            Row(writer, "already there", AlreadyThere, "equal to what is in the record");
            Row(writer, "kept beside", KeptBeside, "the record serves another copy of the same instance");
            Row(writer, "refused", refused.Count, "not in the record; see below");
            Row(writer, "skipped", skipped.Count, "nothing for the record");
        }
        List(writer, "Refused", refused, listed);
        List(writer, "Skipped", skipped, listed);
        if (People > 1)
        {
            writer.WriteLine(Invariant($"Warning: the files name {People} different people, by id, name or birth date. All went to this patient."));
        }
        writer.WriteLine(Ending());
    }

    /// <summary>A number of bytes as people say it.</summary>
    internal static string Size(long bytes) => bytes switch
    {
        < 1_000_000 => Invariant($"{bytes / 1e3:0} kB"),
        < 1_000_000_000 => Invariant($"{bytes / 1e6:0} MB"),
        _ => Invariant($"{bytes / 1e9:0.0} GB"),
    };

    private string Ending()
    {
        if (Stopped is { } problem)
        {
            return Seen == 0 ? problem.Text : $"Stopped: {problem.Text} What is counted is safe; run it again{For()} to send the rest.";
        }
        if (IsCancelled)
        {
            return $"Broken off. What is counted is safe; run it again{For()} to send the rest.";
        }
        var sent = Invariant($"{Size(Bytes)} in {Elapsed.TotalSeconds:0.0} s.");
        return Seen == skipped.Count ? "There was no DICOM in it." : refused.Count > 0 ? $"Done, but not all is in the record: {sent}" : $"Done: {sent}";
    }

    /// <summary>Whoever asks for a new patient twice gets two.</summary>
    private string For() => IsNewPatient ? $" for patient {Patient}" : "";

    private static void Row(TextWriter writer, string name, int count, string meaning) =>
        writer.WriteLine(Invariant($"  {name,-14}{count,9:N0}  {(count > 0 ? meaning : "")}").TrimEnd());

    private static void List(TextWriter writer, string title, List<ImportNote> notes, int listed)
    {
        foreach (var group in notes.GroupBy(note => note.Reason).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            writer.WriteLine(Invariant($"{title}, {Plain(group.Key.TrimEnd('.'))}: {group.Count():N0}"));
            foreach (var note in group.Take(listed))
            {
                writer.WriteLine("    " + Plain(note.Path));
            }
            if (group.Count() > listed)
            {
                writer.WriteLine(Invariant($"    and {group.Count() - listed:N0} more"));
            }
        }
    }

    /// <summary>A file name of a strange disc must not give orders to the terminal.</summary>
    private static string Plain(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? '?' : letter));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
