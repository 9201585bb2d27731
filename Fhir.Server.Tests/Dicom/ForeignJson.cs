using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fhir.Server.Tests.Dicom;

/// <summary>What dcm2json writes of a file.</summary>
/// <param name="Document">Null when nothing helps it.</param>
/// <param name="Complaint">What it says then.</param>
/// <param name="IsInLatin1">It has no table for the character set, and was told to read ISO_IR 100; only that text is untested then.</param>
internal sealed partial record ForeignJson(JsonDocument? Document, string Complaint, bool IsInLatin1) : IDisposable
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
    public static ForeignJson Of(string path, int missing)
    {
        using var copy = Dcmtk.Temporary([.. File.ReadAllBytes(path), .. new byte[missing]]);
        var (output, complaint) = Dcmtk.Run("dcm2json", "-ee", copy.Path);
        var isInLatin1 = false;
        foreach (var (symptom, tool, arguments) in Remedies)
        {
            if (output is null && complaint.Contains(symptom, StringComparison.Ordinal))
            {
                Dcmtk.Run(tool, [.. arguments.Select(a => a.Replace("{file}", copy.Path, StringComparison.Ordinal))]);
                isInLatin1 |= arguments.Contains(Latin1);
                (output, complaint) = Dcmtk.Run("dcm2json", "-ee", copy.Path);
            }
        }

        return new ForeignJson(output is null ? null : JsonDocument.Parse(Mended(output)), complaint.Trim(), isInLatin1);
    }

    public void Dispose() => Document?.Dispose();

    private static string Mended(string json) => PointAtEnd().Replace(NotANumber().Replace(json, "\"NaN\""), "$1.0");

    /// <summary>A decimal string such as "2." goes into its JSON as it is, and so does what is no number; JSON has neither.</summary>
    [GeneratedRegex(@"(?<=^\s*-?)(\d+)\.(?=,?\s*$)", RegexOptions.Multiline)]
    private static partial Regex PointAtEnd();

    [GeneratedRegex(@"(?<=^\s*)-?nan(?=,?\s*$)", RegexOptions.Multiline)]
    private static partial Regex NotANumber();
}
