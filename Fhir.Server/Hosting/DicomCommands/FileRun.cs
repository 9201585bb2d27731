using System.Text;
using Fhir.Server.Dicom;
using Fhir.Server.Outcomes;

namespace Fhir.Server.Hosting.DicomCommands;

/// <summary>Goes through files one by one and keeps count of what failed.</summary>
internal sealed class FileRun(IReadOnlyList<string> sources, TextWriter errors)
{
    private int seen;
    private int failed;

    /// <summary>Does something with each file; the exit code.</summary>
    public async Task<int> EachAsync(Func<SourceFile, DicomFile, Stream, Task<Outcome<Done>>> use, CancellationToken cancellationToken)
    {
        foreach (var source in SourceFile.Of(sources, cancellationToken))
        {
            seen++;
            var outcome = await source.ReadAsync((file, stream) => use(source, file, stream), cancellationToken);
            if (outcome.Problem is { } problem)
            {
                Fail(source.Path, problem);
            }
        }

        return await EndAsync();
    }

    private void Fail(string path, Problem problem)
    {
        failed++;
        errors.WriteLine($"{Plain(path)}: {Plain(problem.Text)}");
    }

    private async Task<int> EndAsync()
    {
        if (seen == 0)
        {
            await errors.WriteLineAsync("There is no DICOM file in what was named.");
            return 1;
        }

        if (failed > 0 && seen > 1)
        {
            await errors.WriteLineAsync($"{failed} of {seen} files failed.");
        }

        return failed > 0 ? 1 : 0;
    }

    /// <summary>What stands in a stranger's file must not give orders to the terminal.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        foreach (var letter in text)
        {
            plain.Append(char.IsControl(letter) || letter is >= '\u202A' and <= '\u202E' or >= '\u2066' and <= '\u2069' ? '?' : letter);
        }

        return plain.ToString();
    }
}
