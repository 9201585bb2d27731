using System.Globalization;
using System.Text.Json;
using Fhir.Server.Dicom;

namespace Fhir.Server.Tests.Dicom;

/// <summary>Where two texts of the DICOM JSON model do not say the same. Spelling of numbers and padding are no difference.</summary>
internal sealed class JsonDifference
{
    /// <summary>Pixels, and padding at the end of a file, which dcmodify drops.</summary>
    private static readonly HashSet<string> LeftOut = ["7FE00010", "7FE00008", "7FE00009", "FFFCFFFC"];
    private readonly List<string> found = [];

    /// <summary>Paths and what is there on both sides; empty when they agree. Pixels are left to other tests.</summary>
    public static IReadOnlyList<string> Between(JsonElement ours, JsonElement theirs)
    {
        var difference = new JsonDifference();
        difference.Compare("", ours, theirs);
        return difference.found;
    }

    private void Compare(string path, JsonElement ours, JsonElement theirs)
    {
        var left = Attributes(ours);
        var right = Attributes(theirs);
        foreach (var tag in left.Keys.Union(right.Keys).Order())
        {
            if (!left.TryGetValue(tag, out var mine) || !right.TryGetValue(tag, out var other))
            {
                found.Add($"{path}{tag}: only {(left.ContainsKey(tag) ? "ours" : "theirs")}");
                continue;
            }

            CompareAttribute($"{path}{tag}", mine, other);
        }
    }

    private static Dictionary<string, JsonElement> Attributes(JsonElement dataset) =>
        dataset.EnumerateObject().Where(p => !p.Name.StartsWith("0002", StringComparison.Ordinal) && !p.Name.EndsWith("0000", StringComparison.Ordinal)
            && !LeftOut.Contains(p.Name)).ToDictionary(p => p.Name, p => p.Value);

    private void CompareAttribute(string path, JsonElement ours, JsonElement theirs)
    {
        var (mine, other) = (Text(ours, "vr"), Text(theirs, "vr"));
        if (mine != other)
        {
            found.Add($"{path}: {mine} and {other}");
            return;
        }

        if (path.EndsWith("00080005", StringComparison.Ordinal))
        {
            // The text of both is Unicode; what DCMTK says of it within items is what it was before.
            return;
        }

        if (mine == "SQ")
        {
            CompareItems(path, Values(ours), Values(theirs));
        }
        else if (!Bytes(ours).SequenceEqual(Bytes(theirs)))
        {
            found.Add($"{path}: other bytes");
        }
        else
        {
            CompareValues(path, mine!, Values(ours), Values(theirs));
        }
    }

    private void CompareItems(string path, List<JsonElement> ours, List<JsonElement> theirs)
    {
        if (ours.Count != theirs.Count)
        {
            found.Add($"{path}: {ours.Count} and {theirs.Count} items");
            return;
        }

        for (var i = 0; i < ours.Count; i++)
        {
            Compare($"{path}/{i + 1}/", ours[i], theirs[i]);
        }
    }

    private void CompareValues(string path, string vr, List<JsonElement> ours, List<JsonElement> theirs)
    {
        if (ours.Count != theirs.Count)
        {
            found.Add($"{path}: {ours.Count} and {theirs.Count} values");
            return;
        }

        for (var i = 0; i < ours.Count; i++)
        {
            if (!AreSame(vr, ours[i], theirs[i]))
            {
                found.Add($"{path}: {ours[i]} and {theirs[i]}");
            }
        }
    }

    private static bool AreSame(string vr, JsonElement ours, JsonElement theirs)
    {
        if (vr == "PN" && ours.ValueKind == JsonValueKind.Object && theirs.ValueKind == JsonValueKind.Object)
        {
            return new[] { "Alphabetic", "Ideographic", "Phonetic" }.All(
                group => (Text(ours, group) ?? "").Trim('^', ' ') == (Text(theirs, group) ?? "").Trim('^', ' '));
        }

        var (mine, other) = (ours.ToString().Trim(' ', '\0'), theirs.ToString().Trim(' ', '\0'));
        if (mine == other || !double.TryParse(mine, CultureInfo.InvariantCulture, out var left) || !double.TryParse(other, CultureInfo.InvariantCulture, out var right))
        {
            return mine == other;
        }

        // DCMTK prints the last digit of a double by an algorithm of its own.
        return vr == "FL" ? (float)left == (float)right : Math.Abs(left - right) <= Math.Abs(left) * 1e-15;
    }

    /// <summary>DCMTK makes odd lengths even.</summary>
    private static IEnumerable<byte> Bytes(JsonElement attribute)
    {
        var bytes = Convert.FromBase64String(Text(attribute, "InlineBinary") ?? "");
        return bytes.Length % 2 == 0 ? bytes : bytes.Append((byte)0);
    }

    private static List<JsonElement> Values(JsonElement attribute) =>
        attribute.TryGetProperty("Value", out var values) ? [.. values.EnumerateArray()] : [];

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var text) ? text.GetString() : null;
}
