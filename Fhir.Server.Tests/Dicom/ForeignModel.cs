namespace Fhir.Server.Tests.Dicom;

/// <summary>What a tool of DCMTK writes of a file, as JSON or XML.</summary>
/// <param name="Text">Null when nothing helps it.</param>
/// <param name="Complaint">What it says then.</param>
/// <param name="IsInLatin1">It has no table for the character set, and was told to read ISO_IR 100; only that text is untested then.</param>
internal sealed record ForeignModel(string? Text, string Complaint, bool IsInLatin1)
{
    private const string Latin1 = "(0008,0005)=ISO_IR 100";

    /// <summary>What it stops at, and the tool of the same kit that takes it away: unknown representations, fragments, character sets.</summary>
    private static readonly (string Symptom, string Tool, string[] Arguments)[] Remedies =
    [
        ("not a multiple of 2", "dcmconv", ["+uc", "{file}", "{file}"]),
        ("compressed pixel data", "dcmodify", ["-nb", "-imt", "-ea", "(7fe0,0010)", "{file}"]),
        ("character", "dcmodify", ["-nb", "-imt", "-ea", "(0008,0005)", "-i", Latin1, "{file}"]),
        ("compressed pixel data", "dcmodify", ["-nb", "-imt", "-ea", "(7fe0,0010)", "{file}"]),
    ];

    /// <summary>Asks it about a copy, at the end of which this many bytes are put back.</summary>
    public static ForeignModel Of(string path, int missing, string command, params string[] options)
    {
        using var copy = Dcmtk.Temporary([.. File.ReadAllBytes(path), .. new byte[missing]]);
        var (output, complaint) = Dcmtk.Run(command, [.. options, copy.Path]);
        var isInLatin1 = false;
        foreach (var (symptom, tool, arguments) in Remedies)
        {
            if (output is null && complaint.Contains(symptom, StringComparison.Ordinal))
            {
                Dcmtk.Run(tool, [.. arguments.Select(a => a.Replace("{file}", copy.Path, StringComparison.Ordinal))]);
                isInLatin1 |= arguments.Contains(Latin1);
                (output, complaint) = Dcmtk.Run(command, [.. options, copy.Path]);
            }
        }

        return new ForeignModel(output, complaint.Trim(), isInLatin1);
    }
}
